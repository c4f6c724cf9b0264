/** Times in tables. */

import type { JSX } from "preact";
import { useCell } from "../state/cell.ts";
import { settings } from "../state/settings.ts";
import { clock, day } from "../text/format.ts";

/** Shows a time to the millisecond, with its day where that is another than today. */
export function Time({ text }: { text: string }): JSX.Element {
  const { zone = "local" } = useCell(settings);
  const ms = Date.parse(text);
  const date = day(ms, zone);
  const isToday = date === day(Date.now(), zone);
  return (
    <time dateTime={text} title={text}>
      {!isToday && <span class="time-day">{date.slice(5)}</span>}
      {clock(ms, zone)}
    </time>
  );
}
