/// <reference lib="dom" />
/** The choice of a range of time. */

import type { JSX } from "preact";
import { useRef, useState } from "preact/hooks";
import { Icon } from "../controls/icon.tsx";
import { IconButton } from "../controls/icon_button.tsx";
import { Popover } from "../controls/popover.tsx";
import { useCommand } from "../keys/commands.ts";
import { moment, type Zone } from "../text/format.ts";
import { presentMs } from "./clock.ts";
import {
  FIRST_RANGE,
  fixedRange,
  isLive,
  momentOf,
  moved,
  PRESETS,
  type Range,
  timesOf,
  zoomedOut,
} from "./range.ts";

/** Properties of the choice. */
export interface PickerProperties {
  range: Range;
  zone: Zone;
  onRange(range: Range): void;
  /** Start of the oldest record; undefined if none is known. */
  oldestMs: number | undefined;
}

/** Shows the range, and buttons to change it. */
export function Picker({ range, zone, onRange, oldestMs }: PickerProperties): JSX.Element {
  const open = useRef(() => {});
  const zoom = () => onRange(zoomedOut(range, presentMs()));
  const move = (direction: 1 | -1) => onRange(moved(range, direction, presentMs()));
  useCommand("range", () => open.current());
  useCommand("zoomOut", zoom);
  useCommand("earlier", () => move(-1));
  useCommand("later", () => move(1));
  useCommand("live", () => onRange(FIRST_RANGE));
  return (
    <div class="picker">
      <IconButton icon="left" label="Half a range earlier" hint="[" onClick={() => move(-1)} />
      <Popover
        label={
          <>
            <Icon name="clock" />
            <span class="picker-range">{rangeText(range, zone)}</span>
            <Icon name="down" />
          </>
        }
        title={`Range of time: ${rangeText(range, zone)}`}
        align="end"
        opener={(opener) => open.current = opener}
      >
        {(close) => (
          <Choice
            range={range}
            zone={zone}
            oldestMs={oldestMs}
            onRange={(next) => {
              close();
              onRange(next);
            }}
          />
        )}
      </Popover>
      <IconButton
        icon="right"
        label="Half a range later"
        hint="]"
        isDisabled={isLive(range)}
        onClick={() => move(1)}
      />
      <IconButton icon="out" label="A range twice as long" hint="z" onClick={zoom} />
    </div>
  );
}

/** Writes a range for people. */
export function rangeText(range: Range, zone: Zone): string {
  if (isLive(range)) {
    const preset = PRESETS.find(({ from }) => from === range.from);
    if (preset !== undefined) return `Last ${preset.label.replace(/^1 /, "")}`;
    if (range.from.startsWith("-")) return `Last ${range.from.slice(1)}`;
    return `Since ${moment(Date.parse(range.from), zone)}`;
  }
  const { fromMs, toMs } = timesOf(range, presentMs());
  const [from, to] = [moment(fromMs, zone), moment(toMs, zone)];
  return `${from} – ${from.slice(0, 10) === to.slice(0, 10) ? to.slice(11) : to}`;
}

function Choice(
  { range, zone, onRange, oldestMs }: PickerProperties,
): JSX.Element {
  const times = timesOf(range, presentMs());
  const [from, setFrom] = useState(moment(times.fromMs, zone));
  const [to, setTo] = useState(isLive(range) ? "now" : moment(times.toMs, zone));
  const read = (text: string) => momentOf(inZone(text, zone), presentMs());
  const [fromMs, toMs] = [read(from), read(to)];
  const wrong = fromMs === undefined
    ? "The start is no time"
    : toMs === undefined
    ? "The end is no time"
    : fromMs >= toMs
    ? "The start is not before the end"
    : undefined;
  return (
    <div class="picker-choice">
      <ul class="picker-presets" aria-label="Last">
        {PRESETS.map(({ from, label }) => (
          <li key={from}>
            <button
              type="button"
              class="button-row"
              aria-pressed={range.from === from && isLive(range)}
              onClick={() => onRange({ from, to: "now" })}
            >
              {label}
            </button>
          </li>
        ))}
        {oldestMs !== undefined && (
          <li>
            <button
              type="button"
              class="button-row"
              onClick={() =>
                onRange({ from: fixedRange({ fromMs: oldestMs, toMs: oldestMs }).from, to: "now" })}
            >
              Everything
            </button>
          </li>
        )}
      </ul>
      <form
        class="picker-fixed"
        onSubmit={(event) => {
          event.preventDefault();
          if (wrong !== undefined) return;
          const fixed = fixedRange({ fromMs: fromMs!, toMs: toMs! });
          onRange(to.trim() === "now" ? { from: fixed.from, to: "now" } : fixed);
        }}
      >
        <label>
          From
          <input
            type="text"
            value={from}
            onInput={({ currentTarget }) => setFrom(currentTarget.value)}
          />
        </label>
        <label>
          To
          <input
            type="text"
            value={to}
            onInput={({ currentTarget }) => setTo(currentTarget.value)}
          />
        </label>
        <p class="note" role="status">
          {wrong ?? `${zone === "utc" ? "UTC" : "This browser's time"}; -2h and now work, too`}
        </p>
        <button type="submit" class="button button-main" disabled={wrong !== undefined}>
          Show
        </button>
      </form>
    </div>
  );
}

/** Completes a time as people write it: without a zone it is in the page's. */
function inZone(text: string, zone: Zone): string {
  const trimmed = text.trim();
  if (!/^\d{4}-\d\d-\d\d/.test(trimmed)) return trimmed;
  const iso = trimmed.replace(" ", "T");
  if (/(?:Z|[+-]\d\d:?\d\d)$/.test(iso.slice(10))) return iso;
  return `${iso.length === 10 ? `${iso}T00:00` : iso}${zone === "utc" ? "Z" : ""}`;
}
