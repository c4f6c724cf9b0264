/** ICMP (RFC 792 and those that add to it). */

import { ipv4Text } from "../../packet/address.ts";
import type { Layer } from "./layer.ts";
import { ICMP_CODES, ICMP_TYPES } from "./names.ts";
import type { Quoted } from "./quoted.ts";
import { hex, lengthIn, named, type Names } from "./values.ts";

/** Type and code (linux/icmp.h) with the MTU of the next hop (RFC 1191). */
const [ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED] = [3, 4] as const;

/** Reads a message. */
export function icmp(into: Layer, quoted: Quoted): void {
  into.part("ICMP", Infinity, (message) => {
    const [type, code, text] = head(message, ICMP_TYPES, ICMP_CODES);
    readBody(message, type, code, quoted);
    return text;
  });
}

/** Reads type, code and checksum; returns type and code, as numbers and for people. */
export function head(
  message: Layer,
  types: Names,
  codes: Readonly<Record<number, Names>>,
): [type: number, code: number, text: string] {
  const type = message.number("type", 1, named(types));
  const names = codes[type] ?? {};
  const code = message.number("code", 1, named(names));
  message.number("checksum", 2, hex(4));
  const kind = types[type] ?? `type ${type}`;
  const reason = names[code] ?? (code === 0 ? undefined : `code ${code}`);
  return [type, code, reason === undefined ? kind : `${kind}, ${reason}`];
}

function readBody(message: Layer, type: number, code: number, quoted: Quoted): void {
  switch (type) {
    case 0:
    case 8:
      echo(message);
      break;
    case ICMP_DEST_UNREACH:
    case 11:
      message.number("unused", 1);
      return quoted(message, 4 * message.number("length", 1, lengthIn(4)), () => {
        const isMtu = type === ICMP_DEST_UNREACH && code === ICMP_FRAG_NEEDED;
        message.number(isMtu ? "mtu" : "unused", 2);
      });
    case 4:
      message.number("unused", 4);
      return quoted(message, 0);
    case 5:
      message.value("gateway", 4, ipv4Text);
      return quoted(message, 0);
    case 9:
      return routers(message);
    case 10:
      message.number("reserved", 4);
      break;
    case 12:
      message.number("pointer", 1);
      return quoted(message, 4 * message.number("length", 1, lengthIn(4)), () => {
        message.number("unused", 2);
      });
    case 13:
    case 14:
      echo(message);
      message.number("originateTimestamp", 4);
      message.number("receiveTimestamp", 4);
      message.number("transmitTimestamp", 4);
      break;
    case 17:
    case 18:
      echo(message);
      message.value("addressMask", 4, ipv4Text);
      break;
    case 42:
    case 43:
      extendedEcho(message);
      break;
  }
  message.rest();
}

/** Reads identifier and sequence number. */
export function echo(message: Layer): void {
  message.number("identifier", 2);
  message.number("sequenceNumber", 2);
}

/** Reads the same of extended echo (RFC 8335). */
export function extendedEcho(message: Layer): void {
  message.number("identifier", 2);
  message.number("sequenceNumber", 1);
  message.number("flags", 1, hex(2));
}

/** Reads a router advertisement (RFC 1256). */
function routers(message: Layer): void {
  const count = message.number("addresses", 1);
  message.number("entrySize", 1);
  message.number("lifetime", 2);
  for (let n = 0; n < count && message.left > 0; n++) {
    message.value("router", 4, ipv4Text);
    message.number("preference", 4);
  }
  message.rest();
}
