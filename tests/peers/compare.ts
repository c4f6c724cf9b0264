/**
 * Compares lines of nfscribe with those of a peer.
 *
 * @module
 */

import type { Frame } from "./frames.ts";
import type { Line } from "./record.ts";

/** Number of differences that a failure shows. */
const SHOWN = 10;

/** Largest difference of two loggers' timestamps of the same packet, in seconds. */
const APART_S = 2;
const DAY_S = 24 * 60 * 60;

/** Time, host and the rest of a line in the format of syslog. */
const LINE = /^([A-Z][a-z]{2} (?: \d|\d\d)) (\d\d):(\d\d):(\d\d) (\S+) (.*)$/s;

/**
 * Compares lines that both have a head: the rest to the byte, the host's name, and the time within
 * two seconds.
 *
 * @throws {Error} If any differ; the message shows the first ones.
 */
export function compareWithHead(recorded: readonly Line[], frames: readonly Frame[]): void {
  compare(recorded, frames, ({ theirs, ours }) => {
    const [their, our] = [LINE.exec(theirs), LINE.exec(ours)];
    if (their === null || our === null) return false;
    const secondsOf = (line: string[]) =>
      Number(line[2]) * 3600 + Number(line[3]) * 60 + Number(line[4]);
    const apart = Math.abs(secondsOf(their) - secondsOf(our));
    // Midnight may lie between the two.
    if (Math.min(apart, DAY_S - apart) > APART_S) return false;
    if (their[1] !== our[1] && apart <= APART_S) return false;
    return their[5] === our[5] && their[6] === our[6];
  });
}

/**
 * Compares lines of which only ours have a head; syslog adds one to the kernel's lines.
 *
 * @throws {Error} If any differ; the message shows the first ones.
 */
export function compareBehindHead(recorded: readonly Line[], frames: readonly Frame[]): void {
  compare(recorded, frames, ({ theirs, ours }) => {
    const [, , , , , , rest] = LINE.exec(ours) ?? [];
    return rest === `kernel: ${theirs}`;
  });
}

function compare(
  recorded: readonly Line[],
  frames: readonly Frame[],
  same: (line: Line) => boolean,
): void {
  const different = recorded.filter((line) => !same(line));
  if (different.length === 0) return;
  const shown = different.slice(0, SHOWN).map(({ packet, theirs, ours }) => {
    const payload = packet.payload?.toHex() ?? "";
    const origin = frames.find(({ bytes }) => bytes.toHex().includes(payload))?.origin;
    return `
from    ${origin}
packet  ${packet}
payload ${payload}
theirs  ${JSON.stringify(theirs)}
ours    ${JSON.stringify(ours)}
`;
  });
  throw new Error(
    `${different.length} of ${recorded.length} lines differ, the first of them:\n${shown.join("")}`,
  );
}
