/** Encodes interface names for a sandbox. Pure. */

import type { InterfaceTable } from "../../packet/interface.ts";
import { messageBytes, ToSandbox } from "../../sandbox/messages.ts";

/** Limits of a message with interface names: interfaces, and characters. */
const NAMES_PER_MESSAGE = 100;
const NAMES_MAX = 8000;

/** Encodes a table as messages: source, end flag and interface indexes; names. */
export function* nameMessages(
  source: number,
  table: InterfaceTable,
): Generator<Uint8Array<ArrayBuffer>> {
  const all = table.names();
  let at = 0;
  do {
    const first = at;
    for (let size = 0; at < all.length && at - first < NAMES_PER_MESSAGE; at++) {
      size += all[at]![1].length;
      if (size > NAMES_MAX && at > first) break;
    }
    const some = all.slice(first, at);
    const isLast = at === all.length ? 1 : 0;
    yield messageBytes(
      ToSandbox.NAMES,
      [source, isLast, ...some.map(([index]) => index)],
      some.map(([, name]) => name.slice(0, NAMES_MAX)),
    );
  } while (at < all.length);
}
