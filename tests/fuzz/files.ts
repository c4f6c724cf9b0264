/**
 * Malformed capture files for the parsers: damaged ones of both formats, and noise after a valid
 * beginning.
 *
 * @module
 */

import type { Packer } from "../../src/source/pcap/packed.ts";
import { concat, ipv4, udp } from "../packet/sample.ts";
import { Blocks } from "../source/pcap/pcapng_sample.ts";
import { packed, packedByZstd } from "../source/pcap/packed.ts";
import { fileHeader, fileRecord } from "../source/pcap/sample.ts";
import { EDGES } from "./datagrams.ts";
import type { Random } from "./random.ts";

const PACKETS = [0, 1, 50].map((size) => ipv4(17, udp(53, new Uint8Array(size))));

/** Returns a pcap file. */
function classic(littleEndian: boolean): Uint8Array<ArrayBuffer> {
  const records = PACKETS.map((packet) => fileRecord(packet, { littleEndian }));
  return concat(fileHeader({ littleEndian }), ...records);
}

/**
 * Returns a pcap file of an old version, whose lengths may be in either order, or with Kuznetsov's
 * headers.
 */
function old(littleEndian: boolean): Uint8Array<ArrayBuffer> {
  const records = PACKETS.map((packet) => fileRecord(packet, { littleEndian }));
  return concat(fileHeader({ littleEndian, version: [2, 3] }), ...records);
}

function modified(littleEndian: boolean): Uint8Array<ArrayBuffer> {
  const records = PACKETS.flatMap((packet) => {
    const whole = fileRecord(packet, { littleEndian });
    return [whole.slice(0, 16), new Uint8Array(8).fill(4), whole.slice(16)];
  });
  return concat(fileHeader({ littleEndian, magic: 0xa1b2cd34 }), ...records);
}

/** Returns a pcapng file with a block of each kind. */
function pcapng(littleEndian: boolean): Uint8Array<ArrayBuffer> {
  const blocks = new Blocks(littleEndian);
  const options = [
    blocks.name("eth0"),
    blocks.option(9, Uint8Array.of(9)),
    blocks.option(0, new Uint8Array(0)),
  ];
  return concat(
    blocks.section(),
    blocks.interface(101, options, 262144),
    blocks.interface(127),
    ...PACKETS.map((packet) =>
      blocks.packet(packet, { options: [blocks.option(2, blocks.words(2))] })
    ),
    blocks.packet(PACKETS[0]!, { id: 1 }),
    blocks.oldPacket(PACKETS[1]!, 0),
    blocks.simplePacket(PACKETS[2]!),
    blocks.block(0x0bad, new Uint8Array(20)),
  );
}

const WHOLE: readonly Uint8Array<ArrayBuffer>[] = [true, false].flatMap((littleEndian) => [
  classic(littleEndian),
  old(littleEndian),
  modified(littleEndian),
  pcapng(littleEndian),
  concat(pcapng(littleEndian), pcapng(!littleEndian)),
]);

/** Generates random files. */
export class Files {
  readonly #random: Random;
  readonly #whole: readonly Uint8Array<ArrayBuffer>[];

  /** Creates a generator from valid files. */
  constructor(random: Random, whole: readonly Uint8Array<ArrayBuffer>[] = WHOLE) {
    this.#random = random;
    this.#whole = whole;
  }

  /** Creates a generator of the same files, compressed. */
  static async packed(random: Random, packer: Packer): Promise<Files> {
    return new Files(
      random,
      packer === "gzip" ? await Promise.all(WHOLE.map(packed)) : WHOLE.map(packedByZstd),
    );
  }

  /** Returns the next file. */
  next(): Uint8Array {
    const random = this.#random;
    const bytes = random.pick(this.#whole).slice();
    for (let n = random.below(6); n > 0; n--) this.#damage(bytes);
    return random.below(3) === 0 ? bytes.subarray(0, random.below(bytes.length + 1)) : bytes;
  }

  #damage(bytes: Uint8Array<ArrayBuffer>): void {
    const random = this.#random;
    const view = new DataView(bytes.buffer);
    const at = random.below(bytes.length);
    const isLittleEndian = random.below(2) === 0;
    switch (random.below(4)) {
      case 0:
        bytes[at]! ^= 1 << random.below(8);
        break;
      case 1: // lengths
        view.setUint32(Math.min(at & ~3, bytes.length - 4), random.pick(EDGES), isLittleEndian);
        break;
      case 2:
        view.setUint16(Math.min(at & ~1, bytes.length - 2), random.pick(EDGES), isLittleEndian);
        break;
      default:
        bytes.set(random.bytes(Math.min(random.below(40), bytes.length - at)), at);
    }
  }
}
