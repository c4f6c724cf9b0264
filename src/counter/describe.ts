/** A counter as one readable line, made from its structured form. */

import { type Figure, wordText } from "../packet/describe.ts";
import { jsonLine } from "../text/escape.ts";
import type { StructuredCounter } from "./structured.ts";

/** Parts of a line; nothing in them acts on a terminal. */
export interface CounterParts {
  /** Time: RFC 3339, in UTC, with microseconds. */
  time: string;
  /** The object as its program names it: `web`, or `inet filter web`. */
  object: string;
  /** Counts, interval and limit. */
  figures: Figure[];
}

/** Names that need no quotes. */
const PLAIN = /^[\w.:@/+-]+$/;

/**
 * Returns a counter as one line: when, which object, how much.
 *
 * @param counter Its structured form.
 * @returns As in `2026-11-28T07:52:34.076964Z inet filter web packets=5 bytes=155 interval=10
 * total=2005/91022`.
 */
export function describeCounter(counter: StructuredCounter): string {
  return `${counter.time} ${counterText(counter)}`;
}

/** Returns the line of {@linkcode describeCounter} without the time. */
export function counterText(counter: StructuredCounter): string {
  const { object, figures } = counterParts(counter);
  return [object, ...figures.map(wordText)].join(" ");
}

/** Returns the parts of a line. */
export function counterParts(counter: StructuredCounter): CounterParts {
  const { time, object, family, table, name, packets, bytes, interval, restarted } = counter;
  const { totalPackets, totalBytes, quota } = counter;
  const words = object === "nft" ? [family ?? "", table ?? "", name] : [name];
  const figures: Figure[] = [];
  if (packets !== undefined) figures.push(["packets", packets]);
  if (bytes !== undefined) figures.push(["bytes", bytes]);
  if (interval !== undefined) figures.push(["interval", interval]);
  if (totalPackets !== undefined || totalBytes !== undefined) {
    figures.push(["total", `${totalPackets ?? "unknown"}/${totalBytes ?? "unknown"}`]);
  }
  if (restarted) figures.push(["restarted", "yes"]);
  if (quota !== undefined) {
    const unit = quota.packets === undefined ? "bytes" : "packets";
    figures.push(["quota", `${quota[unit]}/${unit}${quota.exceeded ? "/exceeded" : ""}`]);
  }
  return { time, object: words.filter((word) => word !== "").map(shown).join(" "), figures };
}

/** Returns a name; in quotes where it could be taken for several words. */
function shown(name: string): string {
  return PLAIN.test(name) ? name : jsonLine(name);
}
