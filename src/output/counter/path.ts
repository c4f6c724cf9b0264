/** Names of counters in formats that know no tables. */

import type { RawCounter } from "../../counter/raw_counter.ts";
import { familyName } from "../../counter/families.ts";
import { ABSENT } from "../../packet/absent.ts";
import { ascii } from "../../text/line.ts";
import { concat } from "../../bytes/write.ts";

const DOT = ascii(".");

/**
 * Returns the name of an object of nfacct, as ulogd has it, or family, table and name of a named
 * counter with dots in between.
 *
 * @returns Bytes, which any program with the right to make objects may choose.
 */
export function counterPath(counter: RawCounter): Uint8Array {
  const { bytes, family, tableOffset, tableLength, nameOffset, nameLength } = counter;
  const name = bytes.subarray(nameOffset, nameOffset + nameLength);
  if (tableLength === ABSENT) return name;
  const table = bytes.subarray(tableOffset, tableOffset + tableLength);
  return concat([ascii(familyName(family) ?? String(family)), DOT, table, DOT, name]);
}
