/** Numbers of protocols by the names of the structured form. */

import { protocolName } from "../../packet/protocols.ts";

const NUMBERS: ReadonlyMap<string, number> = new Map(
  Array.from({ length: 256 }, (_, number) => [protocolName(number), number] as const)
    .filter((entry): entry is [string, number] => entry[0] !== undefined),
);

/** Returns the number (IANA) of a record's protocol; undefined for none, and for ARP. */
export function protocolNumber(protocol: string | number | undefined): number | undefined {
  return typeof protocol === "string" ? NUMBERS.get(protocol) : protocol;
}
