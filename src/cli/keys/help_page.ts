/** Page that lists the keys of a command. Pure. */

import { cutEnd } from "../../terminal/width.ts";
import type { Controls } from "./controls.ts";

/** Draws the page. */
export function helpPage(controls: Controls, columns: number): string[] {
  const keys: [key: string, text: string][] = [
    ["q", "quits, as does Ctrl-C"],
    ["p, space", "pauses, and goes on; what passes is counted"],
    ...controls.filters
      ? [
        [
          "/",
          `filters ${
            controls.filtersTop ? "top destinations " : ""
          }by an expression, as in tcp port 22`,
        ],
        ["  Enter", "chooses it; an empty one shows all"],
        ["  Esc", "keeps the one before"],
        ["  Up, Down", "brings earlier ones back"],
        ["  Ctrl-U, Ctrl-W", "removes what is left of the cursor, or a word"],
      ] as [string, string][]
      : [],
    ...controls.hasTop
      ? [
        ["t", "top destinations, and back"],
        ["  s", "sorts by the last minute, or by all"],
      ] as [string, string][]
      : [],
    ["?, h", "this page, and back"],
    ["Esc", "back"],
    ["Ctrl-Z", "stops it; fg continues"],
  ];
  const width = Math.max(...keys.map(([key]) => key.length)) + 2;
  return [
    "Keys",
    "",
    ...keys.map(([key, text]) => key.padEnd(width) + text),
    "",
    "At the bottom: records a second, the last one at the right",
  ].map((line) => cutEnd(line, Math.max(1, columns - 1)));
}
