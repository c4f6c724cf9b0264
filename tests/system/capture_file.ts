/**
 * Reads capture files with the reader and the decoder.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { Memory } from "../../src/bytes/memory.ts";
import { wordAlign } from "../../src/bytes/write.ts";
import { Packet } from "../../src/packet/packet.ts";
import { RawPacket } from "../../src/packet/raw_packet.ts";
import { PcapDecoder } from "../../src/source/pcap/decoder.ts";
import { RECORD_HEADER } from "../../src/pcap/read/layout.ts";
import { PcapReader, type PcapReaderOptions } from "../../src/source/pcap/reader.ts";
import { DATAGRAM_MAX, NOTHING_QUEUED } from "../../src/source/source.ts";
import { concat } from "../packet/sample.ts";

/** Creates a file that is removed after the test. */
export async function fileOf(...parts: Uint8Array[]) {
  const path = await Deno.makeTempFile({ suffix: ".pcap" });
  await Deno.writeFile(path, concat(...parts));
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path) };
}

/** Contents of a file. */
export interface Given {
  /** Its packets, each in memory of its own. */
  packets: Packet[];
  /** Warnings. */
  warnings: string[];
  /** Sizes of the batches, in bytes. */
  batches: number[];
  /** Records, malformed ones included. */
  received: number;
  /** Bytes of all frames on the wire, and in the file. */
  original: number;
  captured: number;
}

/** Takes packets out of a reader. */
export class Taker {
  readonly given: Given;
  readonly #reader: PcapReader;
  readonly #size: number;
  readonly #decoder = new PcapDecoder();

  private constructor(reader: PcapReader, size: number, given: Given) {
    this.#reader = reader;
    this.#size = size;
    this.given = given;
  }

  /** Opens a file. */
  static async open(options: PcapReaderOptions, size = DATAGRAM_MAX): Promise<Taker> {
    const given: Given = {
      packets: [],
      warnings: [],
      batches: [],
      received: 0,
      original: 0,
      captured: 0,
    };
    const reader = await PcapReader.open(options, (message) => given.warnings.push(message));
    return new Taker(reader, size, given);
  }

  /** The reader. */
  get reader(): PcapReader {
    return this.#reader;
  }

  /** Takes all available packets. */
  take(): void {
    for (;;) {
      const memory = new Memory(new SharedArrayBuffer(this.#size + 8));
      const length = this.#reader.receive(memory.bytes.subarray(4, 4 + this.#size));
      if (length === NOTHING_QUEUED) break;
      assertEquals(this.#reader.ended, false);
      this.given.batches.push(length);
      this.#measure(memory, length);
      this.#decoder.begin(memory, 4, length);
      const { interfaces } = this.#reader;
      for (let raw = new RawPacket(interfaces); this.#decoder.next(raw);) {
        this.given.packets.push(new Packet(raw));
        raw = new RawPacket(interfaces);
      }
    }
    this.given.received = this.#decoder.received;
  }

  #measure({ words }: Memory, length: number): void {
    for (let at = 1; at < 1 + length / 4;) {
      const captured = words[at + 2]!;
      this.given.captured += captured;
      this.given.original += words[at + 3]!;
      at += (RECORD_HEADER + wordAlign(captured)) / 4;
    }
  }

  /** Takes packets until a condition holds. */
  async takeUntil(holds: (given: Given) => boolean): Promise<void> {
    for (this.take(); !holds(this.given) && !this.#reader.ended; this.take()) {
      await this.#reader.wait();
    }
  }
}

/** Reads a whole file. */
export async function read(path: string, size = DATAGRAM_MAX): Promise<Given> {
  const taker = await Taker.open({ path }, size);
  await using reader = taker.reader;
  await taker.takeUntil(() => false);
  assertEquals(reader.ended, true);
  assertEquals(reader.receive(new Uint8Array(size)), NOTHING_QUEUED);
  return taker.given;
}
