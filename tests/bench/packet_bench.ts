import { LogemuEncoder } from "../../src/output/logemu/encoder.ts";
import { PostgresEncoder } from "../../src/output/postgres/encoder.ts";
import { PcapEncoder } from "../../src/output/pcap/encoder.ts";
import { InterfaceTable } from "../../src/packet/interface.ts";
import { Memory } from "../../src/packet/memory.ts";
import { Packet } from "../../src/packet/packet.ts";
import { RawPacket } from "../../src/packet/raw_packet.ts";
import { NflogDecoder } from "../../src/source/nflog/decoder.ts";
import { datagramOfPackets, PACKETS } from "./sample.ts";

const datagram = datagramOfPackets();
const memory = new Memory(datagram.buffer);
const interfaces = new InterfaceTable().with([[2, "eth0"]]);
const out = new Uint8Array(512 * 1024);
const encoder = new PcapEncoder();

/** Calls `each` with every packet of the datagram. */
function decode(each: (raw: RawPacket) => void): void {
  const decoder = new NflogDecoder();
  const raw = new RawPacket(interfaces);
  decoder.begin(memory, 0, datagram.length, 1_700_000_000, 0);
  let packets = 0;
  while (decoder.next(raw)) {
    packets++;
    each(raw);
  }
  if (packets !== PACKETS) throw new Error(`${packets} packets, not ${PACKETS}`);
}

/** One packet that stays, to measure without the decoder. */
const kept = new RawPacket(interfaces);
const decoder = new NflogDecoder();
decoder.begin(memory, 0, datagram.length, 1_700_000_000, 0);
decoder.next(kept);

/** Keeps results from being optimized away. */
let sum = 0;

const group = `a datagram of ${PACKETS} packets of 100 bytes`;

Deno.bench(`NflogDecoder: ${PACKETS} packets`, { group, baseline: true }, () => {
  decode((raw) => sum += raw.payloadLength);
});

Deno.bench(`PcapEncoder: ${PACKETS} packets`, { group }, () => {
  for (let n = 0, at = 0; n < PACKETS; n++) at += encoder.encode(kept, out, at);
});

for (const dialect of ["ulogd2", "kernel"] as const) {
  const lines = new LogemuEncoder({
    path: "-",
    sync: true,
    dialect,
    timeFormat: "syslog",
    hostname: "gate",
  });
  Deno.bench(`LogemuEncoder, dialect ${dialect}: ${PACKETS} packets`, { group }, () => {
    for (let n = 0, at = 0; n < PACKETS; n++) at += lines.encode(kept, out, at);
  });
}

const rows = new PostgresEncoder({
  hostname: "gate",
  session: crypto.randomUUID(),
  payload: false,
});
Deno.bench(`PostgresEncoder: ${PACKETS} packets`, { group }, () => {
  for (let n = 0, at = 0; n < PACKETS; n++) at += rows.encode(kept, out, at);
});

Deno.bench(`NflogDecoder and PcapEncoder: ${PACKETS} packets`, { group }, () => {
  let at = 0;
  decode((raw) => at += encoder.encode(raw, out, at));
});

Deno.bench(
  `NflogDecoder, new Packet and tcp.destinationPort: ${PACKETS} packets`,
  { group },
  () => {
    decode((raw) => sum += new Packet(raw).tcp!.destinationPort);
  },
);

Deno.bench(`new Packet and tcp.destinationPort: ${PACKETS} packets`, { group }, () => {
  for (let n = 0; n < PACKETS; n++) sum += new Packet(kept).tcp!.destinationPort;
});

Deno.bench(`String(packet): ${PACKETS} packets`, { group }, () => {
  for (let n = 0; n < PACKETS; n++) sum += String(new Packet(kept)).length;
});
