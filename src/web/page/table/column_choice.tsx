/// <reference lib="dom" />
/** The choice of columns. */

import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import type { StoredKind } from "../api/types.ts";
import { Icon } from "../controls/icon.tsx";
import { Popover } from "../controls/popover.tsx";
import { useCommand } from "../keys/commands.ts";
import { setSettings, type Settings, settings } from "../state/settings.ts";
import type { Column } from "./column.ts";

/** Returns the columns that are shown. */
export function shownColumns(
  kind: StoredKind,
  columns: readonly Column[],
  { columns: chosen }: Settings,
): readonly Column[] {
  const ids = chosen?.[kind];
  const shown = columns.filter(({ id, isShown }) => ids === undefined ? isShown : ids.includes(id));
  return shown.length === 0 ? columns.filter(({ isShown }) => isShown) : shown;
}

/** Shows the choice. */
export function ColumnChoice(
  { kind, columns, shown }: {
    kind: StoredKind;
    columns: readonly Column[];
    shown: readonly Column[];
  },
): JSX.Element {
  const open = useRef(() => {});
  useCommand("columns", () => open.current());
  const keep = (ids: readonly string[] | undefined) => {
    const { [kind]: _, ...others } = settings.get().columns ?? {};
    setSettings({ columns: ids === undefined ? others : { ...others, [kind]: ids } });
  };
  const turn = (id: string) => {
    const ids = shown.map((column) => column.id);
    const next = ids.includes(id) ? ids.filter((other) => other !== id) : [...ids, id];
    if (next.length > 0) keep(next);
  };
  return (
    <Popover
      label={
        <>
          <Icon name="columns" />
          <span class="wide-only">Columns</span>
        </>
      }
      title="Choose columns"
      align="end"
      opener={(opener) => open.current = opener}
    >
      {() => (
        <>
          <ul class="column-choice">
            {columns.map((column) => (
              <li key={column.id}>
                <label title={column.about}>
                  <input
                    type="checkbox"
                    checked={shown.includes(column)}
                    onChange={() => turn(column.id)}
                  />
                  {column.name ?? column.title}
                </label>
              </li>
            ))}
          </ul>
          {settings.get().columns?.[kind] === undefined && (
            <p class="note">Where there is no room some are left out, until you choose.</p>
          )}
          <button type="button" class="button" onClick={() => keep(undefined)}>
            As usual
          </button>
        </>
      )}
    </Popover>
  );
}
