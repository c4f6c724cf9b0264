/** Versions of the server, and what they can do. Pure. */

import { OutputError } from "../../errors.ts";

/** Oldest version that is supported: Debian's. */
const OLDEST = [18, 16] as const;
/**
 * Version from which on tables are made with `DateTime64`, codecs, syncs of inserted parts, and a window of
 * the tokens of inserts: the first with long-term support that has all of them.
 */
const MODERN = [22, 3] as const;

/** Server, as far as statements depend on it. */
export interface Server {
  /** Its version, as it says. */
  version: string;
  /** Whether it has what version 22.3 has. */
  isModern: boolean;
}

/**
 * Parses a version, as in `18.16.1`.
 *
 * @returns The server; undefined if that is no version of ClickHouse.
 * @throws {OutputError} If the server is too old.
 */
export function serverOf(version: string, where: string): Server | undefined {
  const [, ...numbers] = /^(\d+)\.(\d+)\b/.exec(version) ?? [];
  const [major, minor] = numbers.map(Number);
  if (major === undefined || minor === undefined) return undefined;
  const isFrom = ([least, rest]: readonly [number, number]) =>
    major > least || major === least && minor >= rest;
  if (!isFrom(OLDEST)) {
    throw new OutputError(
      where,
      `Cannot use ${where}: its version is ${version}, and the oldest that works is ${
        OLDEST.join(".")
      }`,
    );
  }
  return { version, isModern: isFrom(MODERN) };
}
