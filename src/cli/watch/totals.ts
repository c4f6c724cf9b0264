/** Messages of `nfscribe watch` about itself, on standard error. */

import { COUNTED } from "../../accounting.ts";
import { TRACKED } from "../../conntrack.ts";
import { escaped } from "../../text/escape.ts";
import { grouped } from "../../text/figures.ts";
import type { Config } from "../../config/config.ts";
import type { SourceStats } from "../../source/source.ts";
import { writeText } from "../../terminal/stream.ts";

/** To the beginning of the line, where Ctrl-C has left its mark, and what stands there erased. */
const ERASE_LINE = "\r\x1b[K";

/** Says something. */
export function say(text: string): void {
  writeText(Deno.stderr, `${Deno.stderr.isTerminal() ? ERASE_LINE : ""}nfscribe: ${text}\n`);
}

/** Says that packets may come. */
export function sayBegin({ sources }: Config): void {
  const groups = sources.flatMap(({ options: { group } }) => group ?? []);
  const has = (wanted: string) => sources.some(({ type }) => type === wanted);
  const watched = [
    ...groups.length === 0 ? [] : [`group ${groups.join(", ")}`],
    ...has(TRACKED) ? ["connection tracking"] : [],
    ...has(COUNTED) ? ["counters"] : [],
  ];
  say(`watching ${watched.join(" and ")}; Ctrl-C ends it`);
}

/** Says that records of a running nfscribe may come. */
export function sayWatched({ path, pid }: { path: string; pid: number }): void {
  say(`watching process ${pid} at ${escaped(path)}; Ctrl-C ends it`);
}

/**
 * Says what became of all packets.
 *
 * @param stats What came in.
 * @param figures What else was counted, by name.
 */
export function sayTotals(
  { received, lost, malformed, foreign }: SourceStats,
  figures: Readonly<Record<string, number>> = {},
): void {
  const all = {
    received,
    ...figures,
    lost,
    ...malformed > 0 && { malformed },
    ...foreign > 0 && { foreign },
  };
  const text = Object.entries(all).map(([name, figure]) => `${name} ${grouped(figure)}`);
  say(text.join(", "));
}

/** Sums the counters of several sources. */
export function sumOf(stats: Iterable<SourceStats>): SourceStats {
  const sum = { received: 0, lost: 0, malformed: 0, foreign: 0 };
  for (const one of stats) {
    sum.received += one.received;
    sum.lost += one.lost;
    sum.malformed += one.malformed;
    sum.foreign += one.foreign;
  }
  return sum;
}
