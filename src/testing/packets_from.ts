/**
 * Packets of capture files, for tests.
 *
 * @module
 */

import { fromFileUrl } from "../file_url.ts";
import { Memory } from "../packet/memory.ts";
import { Packet } from "../packet/packet.ts";
import { RawPacket } from "../packet/raw_packet.ts";
import { PcapDecoder } from "../source/pcap/decoder.ts";
import { PcapReader } from "../source/pcap/reader.ts";
import { DATAGRAM_MAX, NOTHING_QUEUED } from "../source/source.ts";

/** How {@linkcode packetsFrom} reads. */
export interface PacketsFromOptions {
  /**
   * Told about damage in the file, behind which nothing is read.
   *
   * @default {console.warn}
   */
  onWarning?: (message: string) => void;
}

/**
 * The packets of a capture file, in its order: pcap or pcapng, of any link type that
 * nfscribe reads. Needs `--allow-read=FILE`. Malformed packets are left out. The packets
 * may be kept.
 *
 * @param file Its path, or a `file:` URL as `new URL("trace.pcap", import.meta.url)` makes it.
 * @param options Who is told about damage.
 * @returns The packets; the file is closed at their end, and when a loop is left.
 * @throws {InputError} If the file cannot be opened, or is of a kind that
 * nfscribe does not read; the message says why and what to do.
 * @throws {TypeError} If the URL is not one of a file.
 *
 * @example The packets that go to port 53
 * ```ts
 * import { packetsFrom } from "nfscribe/testing";
 *
 * async function questions(file: string) {
 *   const packets = await Array.fromAsync(packetsFrom(file));
 *   return packets.filter((packet) => packet.destinationPort === 53);
 * }
 * console.log(questions.name);
 * ```
 */
export async function* packetsFrom(
  file: string | URL,
  { onWarning = console.warn }: PacketsFromOptions = {},
): AsyncGenerator<Packet, void, void> {
  await using reader = await PcapReader.open({ path: pathOf(file) }, (text) => onWarning(text));
  const decoder = new PcapDecoder();
  const batch = new Uint8Array(DATAGRAM_MAX);
  for (;;) {
    const length = reader.receive(batch);
    if (length === NOTHING_QUEUED) {
      if (reader.ended) return;
      await reader.wait();
      continue;
    }
    // Its own memory for each batch, of just its size: packets may be kept.
    const memory = new Memory(batch.buffer.slice(0, (length + 3) & ~3));
    decoder.begin(memory, 0, length);
    for (
      let raw = new RawPacket(reader.interfaces);
      decoder.next(raw);
      raw = new RawPacket(reader.interfaces)
    ) {
      yield new Packet(raw);
    }
  }
}

function pathOf(file: string | URL): string {
  if (typeof file === "string") return file;
  if (file.protocol !== "file:") {
    throw new TypeError(`Cannot read ${file}: it is not a file; download it first`);
  }
  return fromFileUrl(file.href);
}
