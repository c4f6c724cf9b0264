/** Matching of addresses against networks. */

import type { Layers } from "../packet/layers.ts";
import { readBe32 } from "../bytes/memory.ts";
import { layersOf, type PacketHeaders } from "../packet/packet_headers.ts";
import { type Network, Networks } from "./networks.ts";
import { parseAddress, prefixMask } from "./parse_address.ts";

/** Networks compiled by {@linkcode cidr}. Packets that are not IP match none. */
export interface AddressMatcher {
  /** Returns whether the packet's source address lies in one of the networks. */
  source(packet: PacketHeaders): boolean;
  /** Returns whether its destination address does. */
  destination(packet: PacketHeaders): boolean;
  /** Returns whether either of them does. */
  either(packet: PacketHeaders): boolean;
  /**
   * Returns whether an address lies in one of the networks.
   *
   * @param address An address such as `10.1.2.3` or `2001:db8::1`.
   * @throws {TypeError} If it is not an address.
   */
  contains(address: string): boolean;
}

/**
 * Compiles networks once, so that a filter compares packets' addresses as numbers: no string is
 * made, and the time grows with the logarithm of their number. An IPv4 network contains no IPv6
 * address, IPv4-mapped ones included.
 *
 * @param networks Networks in the notation of RFC 4632 and RFC 4291 section 2.3, such as
 *   `10.0.0.0/8`, or single addresses.
 * @throws {TypeError} If one is neither.
 * @throws {RangeError} If a prefix is too long, or bits after it are set.
 *
 * @example Packets between the inside and the rest of the world
 * ```ts
 * import { cidr, type Packet } from "nfscribe";
 *
 * const inside = cidr("10.0.0.0/8", "192.168.0.0/16", "2001:db8::/32");
 * function crosses(packet: Packet): boolean {
 *   return inside.source(packet) !== inside.destination(packet);
 * }
 * console.assert(inside.contains("10.1.2.3") && !inside.contains("192.0.2.1"));
 * console.assert(crosses.length === 1);
 * ```
 */
export function cidr(...networks: string[]): AddressMatcher {
  const parsed = networks.map(parseNetwork);
  return new Cidr(
    new Networks(1, parsed.filter(({ words }) => words.length === 1)),
    new Networks(4, parsed.filter(({ words }) => words.length === 4)),
  );
}

class Cidr implements AddressMatcher {
  readonly #four: Networks;
  readonly #six: Networks;

  constructor(four: Networks, six: Networks) {
    this.#four = four;
    this.#six = six;
  }

  source(packet: PacketHeaders): boolean {
    return this.#holds(layersOf(packet), 12, 8);
  }

  destination(packet: PacketHeaders): boolean {
    return this.#holds(layersOf(packet), 16, 24);
  }

  either(packet: PacketHeaders): boolean {
    const layers = layersOf(packet);
    return this.#holds(layers, 12, 8) || this.#holds(layers, 16, 24);
  }

  contains(address: string): boolean {
    const words = parseAddress(address);
    if (words === undefined) {
      throw new TypeError(
        `Cannot look up the address ${shown(address)}: it is neither IPv4, as in 10.1.2.3, ` +
          `nor IPv6, as in 2001:db8::1`,
      );
    }
    const [a, b, c, d] = words;
    return words.length === 1 ? this.#four.has(a!, 0, 0, 0) : this.#six.has(a!, b!, c!, d!);
  }

  #holds({ network, bytes, at }: Layers, inIpv4: number, inIpv6: number): boolean {
    if (network === 4) return this.#four.has(readBe32(bytes, at + inIpv4), 0, 0, 0);
    if (network !== 6) return false;
    const first = at + inIpv6;
    return this.#six.has(
      readBe32(bytes, first),
      readBe32(bytes, first + 4),
      readBe32(bytes, first + 8),
      readBe32(bytes, first + 12),
    );
  }
}

function parseNetwork(text: string): Network {
  const refusal = `Cannot compile the network ${shown(text)}`;
  const [address, bits, ...rest] = String(text).split("/");
  const words = parseAddress(address!);
  if (words === undefined || rest.length > 0 || (bits !== undefined && !/^\d{1,3}$/.test(bits))) {
    throw new TypeError(
      `${refusal}: write an address, and if it is a network a slash and the number of its ` +
        `leading bits, as in 10.0.0.0/8 or 2001:db8::/32`,
    );
  }
  const longest = words.length * 32;
  const prefix = bits === undefined ? longest : Number(bits);
  if (prefix > longest) {
    throw new RangeError(
      `${refusal}: an IPv${
        words.length === 1 ? 4 : 6
      } prefix has 0 to ${longest} bits, not ${bits}`,
    );
  }
  const last = words.findIndex((word, n) => (word & ~prefixMask(prefix - n * 32)) !== 0);
  if (last >= 0) {
    throw new RangeError(
      `${refusal}: bits behind the prefix of ${prefix} bits are set; ` +
        `write the network's first address, or the address alone`,
    );
  }
  return { words, prefix };
}

function shown(text: unknown): string {
  return typeof text === "string" ? JSON.stringify(text) : String(text);
}
