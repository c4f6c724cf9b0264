/**
 * Malformed batches of a capture file's records for the decoder: damaged ones, and noise after a
 * valid header.
 *
 * @module
 */

import { encodeAttributes } from "../../src/netlink/attribute.ts";
import { BIG_ENDIAN, OUTBOUND } from "../../src/pcap/read/layout.ts";
import { concat, hex } from "../packet/sample.ts";
import { everyAttribute } from "../source/nflog/sample.ts";
import { batch } from "../source/pcap/sample.ts";
import { EDGES, LONGEST, PAYLOADS } from "./datagrams.ts";
import type { Random } from "./random.ts";

/** Every supported link type, and an unsupported one. */
const LINK_TYPES = [0, 1, 9, 12, 14, 50, 51, 101, 104, 108, 113, 219, 228, 229, 239, 276, 127];

/** EtherTypes, with none, one and two VLAN tags before them, PPPoE and MPLS. */
const ETHER_TYPES = [
  "0800",
  "86dd",
  "0806",
  "8100 0064 0800",
  "88a8 0064 8100 00c8 86dd",
  "0026",
  "8864 1100 0007 0022 0021",
  "8847 00064040 00070140",
];
/** First bytes of PPP, Cisco HDLC, PPPoE and MPLS. */
const LINES = ["ff03 0021", "0057", "21", "ff03 0281 00064140", "0f00 0800", "8f00 8847 00064140"];

/** Possible contents of records of each kind. */
const RECORDS: readonly Uint8Array[] = [
  ...PAYLOADS,
  ...PAYLOADS.flatMap((payload) =>
    ETHER_TYPES.map((type) => concat(hex(`02005e100002 02005e100001 ${type}`), payload))
  ),
  ...PAYLOADS.flatMap((payload) => LINES.map((line) => concat(hex(line), payload))),
  ...PAYLOADS.map((payload) =>
    concat(hex("02 00 0001"), encodeAttributes(everyAttribute(payload)))
  ),
];

/** Generates random batches. */
export class Batches {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Returns the next batch. */
  next(): Uint8Array {
    const random = this.#random;
    const records: Uint8Array[] = [];
    for (let n = random.below(4); n >= 0; n--) records.push(this.#record());
    const bytes = batch(
      random.pick(LINK_TYPES),
      records,
      random.pick([0, 0, BIG_ENDIAN, OUTBOUND, random.bits() & ~0xffff]),
    );
    for (let n = random.below(4); n > 0; n--) this.#damage(bytes);
    const length = random.below(3) === 0 ? random.below(bytes.length + 1) : bytes.length;
    return bytes.subarray(0, Math.min(length, LONGEST));
  }

  #record(): Uint8Array {
    const random = this.#random;
    if (random.below(4) === 0) return random.bytes(random.below(100));
    const bytes = random.pick(RECORDS).slice();
    for (let n = random.below(3); n > 0; n--) {
      bytes[random.below(bytes.length)]! ^= 1 << random.below(8);
    }
    return random.below(3) === 0 ? bytes.subarray(0, random.below(bytes.length)) : bytes;
  }

  #damage(bytes: Uint8Array<ArrayBuffer>): void {
    const random = this.#random;
    const at = random.below(bytes.length);
    const view = new DataView(bytes.buffer);
    switch (random.below(3)) {
      case 0:
        bytes[at]! ^= 1 << random.below(8);
        break;
      case 1: // lengths of records
        view.setUint32(Math.min(at & ~3, bytes.length - 4), random.pick(EDGES), true);
        break;
      default: // lengths of attributes and numbers of the packet
        view.setUint16(Math.min(at, bytes.length - 2), random.pick(EDGES), random.below(2) === 0);
    }
  }
}
