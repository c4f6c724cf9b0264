/** Matching of ports. */

import { readBe16 } from "../bytes/memory.ts";
import { layersOf, type PacketHeaders } from "../packet/packet_headers.ts";
import { ABSENT } from "../packet/absent.ts";
import { portsAt } from "../packet/transport.ts";

/** The highest port. */
const LAST = 65535;

/** Ports compiled by {@linkcode ports}. Packets without ports match none. */
export interface PortMatcher {
  /** Returns whether the packet's source port is one of the ports. */
  source(packet: PacketHeaders): boolean;
  /** Returns whether its destination port is. */
  destination(packet: PacketHeaders): boolean;
  /** Returns whether either of them is. */
  either(packet: PacketHeaders): boolean;
  /** Returns whether a port is one of the ports. */
  has(port: number): boolean;
}

/**
 * Compiles ports once, to match those of TCP, UDP, UDP-Lite, SCTP and DCCP packets by one bit,
 * however many ports there are.
 *
 * @param list Ports from 0 to 65535, and ranges with both ends included, such as `"8000-8100"`.
 * @throws {TypeError} If one is neither.
 * @throws {RangeError} If a port is above 65535, or a range ends before it begins.
 *
 * @example Everything that goes to a web server
 * ```ts
 * import { type Packet, ports } from "nfscribe";
 *
 * const web = ports(80, 443, "8000-8100");
 * function isWeb(packet: Packet): boolean {
 *   return web.destination(packet);
 * }
 * console.assert(web.has(8050) && !web.has(22));
 * console.assert(isWeb.length === 1);
 * ```
 */
export function ports(...list: (number | string)[]): PortMatcher {
  const bits = new Uint32Array((LAST + 1) / 32);
  for (const item of list) {
    const [first, last] = parseRange(item);
    for (let port = first; port <= last; port++) bits[port >> 5]! |= 1 << (port & 31);
  }
  return new Ports(bits);
}

class Ports implements PortMatcher {
  /** A bit for each port. */
  readonly #bits: Uint32Array;

  constructor(bits: Uint32Array) {
    this.#bits = bits;
  }

  source(packet: PacketHeaders): boolean {
    return this.#holds(packet, 0);
  }

  destination(packet: PacketHeaders): boolean {
    return this.#holds(packet, 2);
  }

  either(packet: PacketHeaders): boolean {
    return this.#holds(packet, 0) || this.#holds(packet, 2);
  }

  has(port: number): boolean {
    return Number.isInteger(port) && port >= 0 && port <= LAST && this.#isSet(port);
  }

  #holds(packet: PacketHeaders, offset: number): boolean {
    const layers = layersOf(packet);
    const at = portsAt(layers);
    return at !== ABSENT && this.#isSet(readBe16(layers.bytes, at + offset));
  }

  #isSet(port: number): boolean {
    return (this.#bits[port >> 5]! & 1 << (port & 31)) !== 0;
  }
}

function parseRange(item: number | string): readonly [first: number, last: number] {
  const refusal = `Cannot compile the ports ${
    typeof item === "string" ? JSON.stringify(item) : String(item)
  }`;
  const parts = /^(\d+)(?:-(\d+))?$/.exec(String(item));
  if (parts === null) {
    throw new TypeError(`${refusal}: write a port, as in 22, or a range, as in "8000-8100"`);
  }
  const first = Number(parts[1]);
  const last = Number(parts[2] ?? parts[1]);
  if (first > LAST || last > LAST) {
    throw new RangeError(`${refusal}: ports are from 0 to ${LAST}`);
  }
  if (first > last) {
    throw new RangeError(`${refusal}: it ends before it begins; write "${last}-${first}"`);
  }
  return [first, last];
}
