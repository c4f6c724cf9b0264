/**
 * Capture files and batches of records for tests.
 *
 * @module
 */

import { wordAlign } from "../../../src/bytes/write.ts";
import { InterfaceTable } from "../../../src/packet/interface.ts";
import { Memory } from "../../../src/bytes/memory.ts";
import { Packet } from "../../../src/packet/packet.ts";
import { RawPacket } from "../../../src/packet/raw_packet.ts";
import { PcapDecoder } from "../../../src/source/pcap/decoder.ts";
import { RECORD_HEADER } from "../../../src/pcap/read/layout.ts";
import { concat } from "../../packet/sample.ts";

/** Options of a file. */
export interface FileOptions {
  littleEndian?: boolean;
  magic?: number;
  linkType?: number;
  version?: readonly [number, number];
}

/** Returns a file's header; by default microseconds, raw IP, little-endian. */
export function fileHeader(options: FileOptions = {}): Uint8Array<ArrayBuffer> {
  const { littleEndian = true, magic = 0xa1b2c3d4, linkType = 101, version = [2, 4] } = options;
  const view = new DataView(new ArrayBuffer(24));
  view.setUint32(0, magic, littleEndian);
  view.setUint16(4, version[0], littleEndian);
  view.setUint16(6, version[1], littleEndian);
  view.setUint32(16, 262144, littleEndian); // the largest packet in bytes
  view.setUint32(20, linkType, littleEndian);
  return new Uint8Array(view.buffer);
}

/** Returns a record of 1700000000 seconds and this fraction. */
export function fileRecord(
  data: Uint8Array,
  { littleEndian = true, fraction = 123_456, captured = data.length, original = data.length } = {},
): Uint8Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(16));
  [1_700_000_000, fraction, captured, original].forEach((word, index) =>
    view.setUint32(4 * index, word, littleEndian)
  );
  return concat(new Uint8Array(view.buffer), data);
}

/** Returns a file of Ethernet frames, each a microsecond after the one before. */
export function ethernetFile(frames: readonly { bytes: Uint8Array }[]): Uint8Array<ArrayBuffer> {
  const records = frames.map(({ bytes }, fraction) => fileRecord(bytes, { fraction }));
  return concat(fileHeader({ linkType: 1 }), ...records);
}

/** Returns a batch in the form of the reader, each record a second after the one before. */
export function batch(
  linkType: number,
  records: readonly Uint8Array[],
  flags = 0,
): Uint8Array<ArrayBuffer> {
  const size = records.reduce((sum, { length }) => sum + RECORD_HEADER + wordAlign(length), 0);
  const bytes = new Uint8Array(size);
  const words = new Uint32Array(bytes.buffer);
  let at = 0;
  records.forEach((data, index) => {
    const time = [1_700_000_000 + index, 123_456_789];
    words.set([...time, data.length, data.length + 100, linkType | flags, 0], at >> 2);
    bytes.set(data, at + RECORD_HEADER);
    at += RECORD_HEADER + wordAlign(data.length);
  });
  return bytes;
}

/**
 * Decodes all packets of a batch, which lies somewhere in its memory, each into an object of its
 * own.
 */
export function decodeBatch(bytes: Uint8Array, decoder: PcapDecoder = new PcapDecoder()): Packet[] {
  const before = 64;
  const memory = new Memory(new ArrayBuffer(before + wordAlign(bytes.length) + 64));
  memory.bytes.fill(0xee).set(bytes, before);
  const interfaces = new InterfaceTable();
  const packets: Packet[] = [];
  decoder.begin(memory, before, bytes.length);
  for (let raw = new RawPacket(interfaces); decoder.next(raw); raw = new RawPacket(interfaces)) {
    packets.push(new Packet(raw));
  }
  return packets;
}

/** Decodes the one packet of a record. */
export function decodeRecord(linkType: number, data: Uint8Array, flags = 0): Packet {
  const packets = decodeBatch(batch(linkType, [data], flags));
  if (packets.length !== 1) throw new Error(`${packets.length} packets, not 1`);
  return packets[0]!;
}
