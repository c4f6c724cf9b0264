/**
 * Malformed datagrams for the decoder: noise, damaged datagrams, and noise after a valid header.
 *
 * @module
 */

import type { NetlinkAttribute } from "../../src/netlink/attribute.ts";
import { concat, hex, icmp, ipv4, ipv6, tcp, udp } from "../packet/sample.ts";
import { done, everyAttribute, logged, numbered } from "../source/nflog/sample.ts";
import type { Random } from "./random.ts";

/** The longest datagram, in bytes. */
export const LONGEST = 4096;

/** Lengths and numbers at boundaries. */
export const EDGES = [
  0,
  1,
  2,
  3,
  4,
  5,
  7,
  8,
  15,
  16,
  17,
  19,
  20,
  21,
  0x7f,
  0x80,
  0xff,
  0x100,
  0x7fff,
]
  .concat([
    0x8000,
    0xfffb,
    0xfffc,
    0xffff,
    0x10000,
    0x7fffffff,
    0x80000000,
    0xfffffffc,
    0xffffffff,
  ]);

/** Supported protocols, and extension headers. */
const PROTOCOLS = [0, 1, 2, 6, 17, 33, 43, 44, 47, 50, 51, 58, 60, 132, 136];

const FAMILIES = [2, 10, 3, 5, 7];

/** Packets of every supported protocol, from their network header on. */
export const PAYLOADS = [
  ipv4(6, tcp(443, 0x12), { options: hex("01010101") }),
  ipv4(17, udp(53, new Uint8Array(30))),
  ipv4(17, udp(), { fragment: 0x20b9 }),
  ipv4(1, icmp(8)),
  ipv6(58, icmp(128)),
  ipv6(44, concat(hex("06 00 0001 00000001"), tcp())),
  ipv6(0, concat(hex("33 00 010400000000"), hex("11 01 0000 00000000 00000000"), udp())),
  hex("0001 0800 06 04 0001 02005e100001 c0000201 000000000000 c0000202"),
  ipv4(6, hex("9c40 01bb 89abcdef 76543210 8002 fde8 0000 0000 0204 05b4 0402 0303 07 01 0000")),
  ipv4(1, concat(icmp(3, 4), ipv4(1, concat(icmp(11), ipv4(17, udp()))))),
  ipv6(58, concat(icmp(2), ipv6(0, concat(hex("06 00 010400000000"), tcp())))),
  ipv6(58, concat(icmp(135), hex("fe800000000000000000000000000001 01 01 02005e100001"))),
  ipv4(
    51,
    concat(hex("84 02 0000 0000000a 00000007 01020304"), hex("9c40 0035 00000001 00000000")),
  ),
  ipv4(
    132,
    hex("9c40 0035 00000001 00000000 00 03 0011 00000001 00000002 00000003 ff 000000 0e000004"),
  ),
  ipv4(33, hex("9c40 0035 05 00 0000 01 00 0102 03040506 00000000")),
  ipv4(136, hex("9c40 0035 0008 beef")),
  ipv4(47, hex("b000 86dd beef 0000 00000009 00000007")),
  ipv4(50, hex("89abcdef 00000007")),
  ipv4(2, hex("11 64 0000 e0000001 027d 0000")),
];

/** EtherTypes that decide how a packet of the bridge and netdev families is decoded. */
const ETHER_TYPES = [0x0800, 0x86dd, 0x0806, 0x8100, 0x88a8];

/** Valid datagrams: every family with every payload, alone and in batches. */
const VALID: readonly Uint8Array[] = FAMILIES.flatMap((family) =>
  PAYLOADS.flatMap((payload) => {
    const message = logged(everyAttribute(payload), { family });
    return [message, concat(message, numbered(1), logged(everyAttribute(payload)), done())];
  })
);

/** One datagram after the other, at random. */
export class Datagrams {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Returns the next datagram. */
  next(): Uint8Array {
    switch (this.#random.below(8)) {
      case 0:
        return this.#random.bytes(this.#random.below(200));
      case 1:
      case 2:
        return this.#noiseBelowHeader();
      default:
        return this.#damaged();
    }
  }

  /** Returns correctly framed attributes with random values. */
  #noiseBelowHeader(): Uint8Array {
    const random = this.#random;
    const attributes: NetlinkAttribute[] = [];
    for (let n = random.below(8); n >= 0; n--) {
      const value = random.bytes(random.pick([0, 2, 4, 8, 12, 16, 20, 40, random.below(100)]));
      attributes.push({ type: random.below(24) | random.pick([0, 0, 0x8000]), value });
    }
    const payload = random.bytes(random.below(100));
    const version = random.pick([4, 6]);
    if (payload.length > 0) payload[0] = version << 4 | random.pick([5, 5, random.below(16)]);
    // A supported protocol, or an extension header.
    const protocolAt = version === 4 ? 9 : 6;
    if (payload.length > protocolAt) {
      payload[protocolAt] = random.pick([...PROTOCOLS, random.below(256)]);
    }
    attributes.push({ type: 9, value: payload });
    if (random.below(2) === 0) {
      const etherType = random.pick(ETHER_TYPES);
      const value = new Uint8Array([etherType >> 8, etherType, random.below(5), 0]);
      attributes.push({ type: 1, value });
    }
    const family = random.pick([version === 4 ? 2 : 10, ...FAMILIES]);
    const message = logged(attributes, { family });
    return random.below(4) === 0 ? concat(message, numbered(random.bits())) : message;
  }

  /** Returns a valid datagram with up to four mutations. */
  #damaged(): Uint8Array {
    return damaged(this.#random, VALID).subarray(0, LONGEST);
  }
}

/** Returns a valid datagram with up to four mutations. */
export function damaged(random: Random, valid: readonly Uint8Array[]): Uint8Array {
  let bytes: Uint8Array<ArrayBuffer> = random.pick(valid).slice();
  for (let n = random.below(4); n >= 0; n--) bytes = mutated(random, bytes, valid);
  return bytes;
}

function mutated(
  random: Random,
  bytes: Uint8Array<ArrayBuffer>,
  valid: readonly Uint8Array[],
): Uint8Array<ArrayBuffer> {
  if (bytes.length < 8) return random.pick(valid).slice();
  const at = random.below(bytes.length);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  switch (random.below(8)) {
    case 0:
    case 1:
      bytes[at]! ^= 1 << random.below(8);
      return bytes;
    case 2: // lengths of attributes
      view.setUint16(Math.min(at & ~3, bytes.length - 2), random.pick(EDGES), true);
      return bytes;
    case 3: // lengths of messages
      if (at + 4 <= bytes.length) view.setUint32(at & ~3, random.pick(EDGES), true);
      return bytes;
    case 4: // numbers of the packet
      view.setUint16(Math.min(at, bytes.length - 2), random.pick(EDGES));
      return bytes;
    case 5:
      return bytes.slice(0, at);
    case 6: { // the end of another one
      const other = random.pick(valid);
      return concat(bytes.subarray(0, at), other.subarray(random.below(other.length)));
    }
    default: { // a part of it twice
      const end = at + random.below(bytes.length - at);
      return concat(bytes.subarray(0, end), bytes.subarray(at));
    }
  }
}
