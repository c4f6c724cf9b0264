import { assertEquals } from "@std/assert";
import { InterfaceTable } from "../../../src/packet/interface.ts";
import { Memory } from "../../../src/bytes/memory.ts";
import { RawPacket } from "../../../src/packet/raw_packet.ts";
import { NflogDecoder } from "../../../src/source/nflog/decoder.ts";
import { PcapDecoder } from "../../../src/source/pcap/decoder.ts";
import type { Decoder } from "../../../src/record/decoder.ts";
import { UlogDecoder } from "../../../src/source/ulog/decoder.ts";
import { batch } from "../../source/pcap/sample.ts";
import { netlink, ulogMessage } from "../../source/ulog/sample.ts";
import { concat } from "../../packet/sample.ts";
import { ULOG_NL_EVENT } from "../../../src/source/ulog/constants.ts";
import { datagramOfPackets, PACKETS, PAYLOAD } from "../sample.ts";

const records = Array.from({ length: PACKETS }, () => PAYLOAD);
const ulog = records.map((payload) =>
  netlink(ULOG_NL_EVENT, ulogMessage({ inDevice: "eth0", prefix: "bench", payload }))
);

const cases: readonly [
  name: string,
  decoder: Decoder<RawPacket>,
  bytes: Uint8Array<ArrayBuffer>,
][] = [
  ["NflogDecoder", new NflogDecoder(), datagramOfPackets()],
  ["NflogDecoder, prefixes of 64 lengths", new NflogDecoder(), datagramOfPackets(64)],
  ["UlogDecoder", new UlogDecoder({ copyRange: 0 }), concat(...ulog)],
  ["PcapDecoder, link type RAW", new PcapDecoder(), batch(101, records)],
];

const raw = new RawPacket(new InterfaceTable().with([[2, "eth0"]]));

for (const [name, decoder, bytes] of cases) {
  const memory = new Memory(bytes.buffer);
  const decode = () => {
    let payload = 0;
    decoder.begin(memory, 0, bytes.length, 1_700_000_000, 0);
    while (decoder.next(raw)) payload += raw.payloadLength;
    return payload;
  };
  assertEquals(decode(), PACKETS * PAYLOAD.length, name);
  assertEquals([decoder.received, decoder.malformed], [PACKETS, 0], name);
  Deno.bench(`${name}: ${PACKETS} packets`, () => void decode());
}
