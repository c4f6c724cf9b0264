/** The bar between chart and table. */

import type { JSX } from "preact";
import type { StoredKind } from "../api/types.ts";
import { Icon, type IconName } from "../controls/icon.tsx";
import { type Stack, STACKS, type View } from "../state/address.ts";
import { useCell } from "../state/cell.ts";
import { serverState } from "../state/server.ts";
import { setSettings } from "../state/settings.ts";
import { show } from "../state/view.ts";
import type { Column } from "../table/column.ts";
import { ColumnChoice } from "../table/column_choice.tsx";
import type { Rows } from "../table/use_rows.ts";
import { plural } from "../text/format.ts";
import { Download } from "./download.tsx";

/** Properties of the bar. */
export interface ToolbarProperties {
  kind: StoredKind;
  view: View;
  by: Stack;
  measure: "packets" | "bytes";
  columns: readonly Column[];
  shown: readonly Column[];
  rows: Rows;
  isGrouped: boolean;
  hasTop: boolean;
  hasChart: boolean;
}

/** Shows the bar. */
export function Toolbar(properties: ToolbarProperties): JSX.Element {
  const { kind, view, by, measure, columns, shown, rows, isGrouped, hasTop, hasChart } = properties;
  const state = useCell(serverState);
  return (
    <div class="toolbar" role="group" aria-label="Table">
      <Choice
        label="Colour by"
        options={STACKS.filter((stack) => kind === "packet" || stack === "protocol")}
        chosen={by}
        onChoose={(by) => show({ by })}
      />
      <Choice
        class="wide-only"
        label="Count"
        options={["packets", "bytes"] as const}
        chosen={measure}
        onChoose={(measure) => show({ measure })}
      />
      <span class="toolbar-count">
        {plural(rows.entries.length, "row")} {rows.isEnd ? "" : "so far"}
      </span>
      <span class="toolbar-gap" />
      <Toggle
        icon="group"
        text="Group"
        title="Show rows that are alike as one (g)"
        isOn={isGrouped}
        onTurn={(isGrouped) => setSettings({ isGrouped })}
      />
      <Toggle
        icon="list"
        text="Top"
        title="Lists of the most frequent values (t)"
        isOn={hasTop}
        onTurn={(hasTop) => setSettings({ hasTop })}
      />
      <Toggle
        class="wide-only"
        icon="clock"
        text="Chart"
        title="Time chart"
        isOn={hasChart}
        onTurn={(hasChart) => setSettings({ hasChart })}
      />
      <ColumnChoice {...{ kind, columns, shown }} />
      <Download
        kind={kind}
        where={view.where}
        range={view}
        hasPayload={state?.tables.payload ?? true}
      />
    </div>
  );
}

function Toggle(
  { class: name = "", icon, text, title, isOn, onTurn }: {
    class?: string;
    icon: IconName;
    text: string;
    title: string;
    isOn: boolean;
    onTurn(isOn: boolean): void;
  },
): JSX.Element {
  return (
    <button
      type="button"
      class={`button ${name}`}
      title={title}
      aria-label={text}
      aria-pressed={isOn}
      onClick={() => onTurn(!isOn)}
    >
      <Icon name={icon} />
      <span class="wide-only">{text}</span>
    </button>
  );
}

function Choice<T extends string>(
  { class: name = "", label, options, chosen, onChoose }: {
    class?: string;
    label: string;
    options: readonly T[];
    chosen: T;
    onChoose(option: T): void;
  },
): JSX.Element {
  return (
    <div class={`choice ${name}`} role="group" aria-label={label}>
      {options.map((option) => (
        <button
          key={option}
          type="button"
          class="button"
          aria-pressed={option === chosen}
          onClick={() => onChoose(option)}
        >
          {option}
        </button>
      ))}
    </div>
  );
}
