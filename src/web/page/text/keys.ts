/** Colours of values: each value of a key has one, in the chart, in rows and in lists. */

import type { Row } from "../api/types.ts";
import type { Stack } from "../state/address.ts";
import { actionOf } from "./actions.ts";

/** Number of colours besides those of actions. */
const COLOURS = 10;
const ENCODER = new TextEncoder();

const assigned = new Map<string, number>();

/** Returns the value of a row by which it is coloured. */
export function keyOf(row: Row, by: Stack): string {
  if (by === "action") return actionOf(row) ?? "";
  if (by === "protocol") return "protocol" in row ? String(row.protocol ?? "") : "";
  return row.type === "packet" ? row.prefix ?? "" : "";
}

/** Returns the CSS class of a value's colour. */
export function colourClass(by: Stack | "way", value: string): string {
  if (value === "" || value === "other") return "key-none";
  if (by === "action") return `key-${value}`;
  const name = `${by} ${value}`;
  let colour = assigned.get(name);
  if (colour === undefined) {
    colour = freeColour(by, hash(value) % COLOURS);
    assigned.set(name, colour);
  }
  return `key-${colour}`;
}

/** Returns a colour that no value of the same key has, if there is one. */
function freeColour(by: string, wanted: number): number {
  const taken = new Set(
    [...assigned].filter(([name]) => name.startsWith(`${by} `)).map(([, colour]) => colour),
  );
  for (let n = 0; n < COLOURS; n++) {
    const colour = (wanted + n) % COLOURS;
    if (!taken.has(colour)) return colour;
  }
  return wanted;
}

/** FNV-1a in 32 bits, so that a value has the same colour in each browser. */
function hash(text: string): number {
  let state = 0x811c_9dc5;
  for (const byte of ENCODER.encode(text)) state = Math.imul(state ^ byte, 0x0100_0193);
  return state >>> 0;
}
