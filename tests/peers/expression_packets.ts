/**
 * Packets for tests of expressions beside tcpdump: a capture file whose timestamps number the
 * packets, and the same packets decoded.
 *
 * @module
 */

import type { RawPacket } from "../../src/packet/raw_packet.ts";
import { LINKTYPE_ETHERNET, LINKTYPE_RAW } from "../../src/pcap/link/types.ts";
import { decodeFrame } from "../filter/expression/decode_frames.ts";
import { TCPDUMP } from "../system/process.ts";
import { type Frame, pcapOf } from "./frames.ts";

/** Packet in a capture file, decoded. */
export interface FilePacket {
  /** Number in the file, from 0. */
  readonly number: number;
  /** Its origin. */
  readonly origin: string;
  /** Bytes in the file. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The packet as nfscribe decodes it. */
  readonly raw: RawPacket;
}

/** Capture file and its packets. */
export class PacketFile {
  /** Packets that both programs decode. */
  readonly packets: readonly FilePacket[];
  readonly #path: string;

  private constructor(path: string, packets: readonly FilePacket[]) {
    this.#path = path;
    this.packets = packets;
  }

  /** Writes frames into a file, and decodes them. */
  static async write(
    path: string,
    frames: readonly Frame[],
    linkType = LINKTYPE_ETHERNET,
  ): Promise<PacketFile> {
    const packets = frames.flatMap((frame, number) => {
      const raw = decodeFrame(frame.bytes, linkType, number);
      return raw === undefined ? [] : [{ number, ...frame, raw }];
    });
    await Deno.writeFile(path, pcapOf(frames, linkType));
    return new PacketFile(path, packets);
  }

  /** Writes the IP packets of this file into another one, of link type RAW. */
  async ipPackets(path: string): Promise<PacketFile> {
    const frames = this.packets.filter(({ raw }) => raw.family === 2 || raw.family === 10)
      .filter(({ raw }) => raw.bytes[raw.payloadOffset]! >> 4 === (raw.family === 2 ? 4 : 6))
      .map(({ raw, origin }) => ({
        origin,
        bytes: raw.bytes.slice(raw.payloadOffset, raw.payloadOffset + raw.payloadLength),
      }));
    return await PacketFile.write(path, frames, LINKTYPE_RAW);
  }

  /**
   * Returns the numbers of packets that tcpdump chooses; a text if it refuses the expression. Its
   * optimizer is off: of packets that were cut it reads less than the expression says.
   */
  async tcpdump(expression: string): Promise<Set<number> | string> {
    const [program, ...args] = [...TCPDUMP, "-O", "-r", this.#path, "-w", "-", "--", expression];
    const { success, stdout, stderr } = await new Deno.Command(program!, { args }).output();
    if (!success) return new TextDecoder().decode(stderr).trim();
    const view = new DataView(stdout.buffer, stdout.byteOffset, stdout.length);
    const chosen = new Set<number>();
    for (let at = 24; at < stdout.length; at += 16 + view.getUint32(at + 8, true)) {
      chosen.add(view.getUint32(at, true));
    }
    return chosen;
  }
}
