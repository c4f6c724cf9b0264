/** Times as GPRINT writes them. */

import { two } from "../ulogd/second_text.ts";

/** Formats local time as `timestamp=2026/11/28-07:52:35,`. */
export function timeText(date: Date): string {
  const day = `${date.getFullYear()}/${two(date.getMonth() + 1)}/${two(date.getDate())}`;
  const clock = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  return `timestamp=${day.padStart(10, "0")}-${clock},`;
}
