/**
 * Frames as a capture file's decoder fills them in.
 *
 * @module
 */

import { Memory } from "../../../src/bytes/memory.ts";
import { wordAlign } from "../../../src/bytes/write.ts";
import { InterfaceTable } from "../../../src/packet/interface.ts";
import { RawPacket } from "../../../src/packet/raw_packet.ts";
import { LINKTYPE_ETHERNET } from "../../../src/pcap/link/types.ts";
import { RECORD_HEADER } from "../../../src/pcap/read/layout.ts";
import { PcapDecoder } from "../../../src/source/pcap/decoder.ts";

/** Returns the packet of a frame; undefined if it is too short for its link type. */
export function decodeFrame(
  bytes: Uint8Array,
  linkType = LINKTYPE_ETHERNET,
  seconds = 0,
): RawPacket | undefined {
  const size = RECORD_HEADER + wordAlign(bytes.length);
  const memory = new Memory(new ArrayBuffer(size));
  memory.words.set([seconds, 0, bytes.length, bytes.length, linkType, 0]);
  memory.bytes.set(bytes, RECORD_HEADER);
  const decoder = new PcapDecoder();
  decoder.begin(memory, 0, size);
  const raw = new RawPacket(new InterfaceTable());
  return decoder.next(raw) ? raw : undefined;
}

/** Returns the packets of Ethernet frames. */
export function decodeFrames(frames: readonly { bytes: Uint8Array }[]): RawPacket[] {
  return frames.flatMap(({ bytes }) => decodeFrame(bytes) ?? []);
}
