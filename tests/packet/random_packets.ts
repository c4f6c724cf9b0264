/**
 * Packets of random and damaged bytes, of every protocol that is decoded.
 *
 * @module
 */

import { Memory } from "../../src/bytes/memory.ts";
import { InterfaceTable } from "../../src/packet/interface.ts";
import { RawPacket } from "../../src/packet/raw_packet.ts";
import { NflogDecoder } from "../../src/source/nflog/decoder.ts";
import { PcapDecoder } from "../../src/source/pcap/decoder.ts";
import { Batches } from "../fuzz/batches.ts";
import { Datagrams } from "../fuzz/datagrams.ts";
import { Random } from "../fuzz/random.ts";

const INTERFACES = new InterfaceTable().with([[1, "lo"], [2, "Wi-Fi 2"], [3, "a\u202e\n"]]);

/**
 * Yields the packets of random datagrams of NFLOG and of capture files, in one object for each
 * datagram.
 *
 * @param datagrams How many datagrams.
 * @param seed The same seed makes the same packets.
 */
export function* rawPackets(datagrams: number, seed = 18): Generator<RawPacket> {
  const random = new Random(seed);
  const sources = [
    { bytes: new Datagrams(random), decoder: () => new NflogDecoder() },
    { bytes: new Batches(random), decoder: () => new PcapDecoder() },
  ];
  for (let n = 0; n < datagrams; n++) {
    const { bytes, decoder } = sources[n % 2]!;
    const datagram = bytes.next();
    const memory = new Memory(new ArrayBuffer(datagram.length + 8 & ~7));
    memory.bytes.set(datagram);
    const decoding = decoder();
    decoding.begin(memory, 0, datagram.length, 1_700_000_000, 5);
    for (const raw = new RawPacket(INTERFACES); decoding.next(raw);) yield raw;
  }
}
