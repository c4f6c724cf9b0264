/** Names of protocols. Pure. */

import { protocolName } from "../../../packet/protocols.ts";

/** Returns the name of a protocol that is given by its name or number. */
export function protocolText(protocol: string): string {
  return /^\d+$/.test(protocol) ? protocolName(Number(protocol)) ?? protocol : protocol;
}
