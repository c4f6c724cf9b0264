import type { RawPacket } from "../../../src/packet/raw_packet.ts";
import { assertEquals } from "@std/assert";
import { JsonEncoder } from "../../../src/output/json/encoder.ts";
import { LogemuEncoder } from "../../../src/output/logemu/encoder.ts";
import { LOG_OPTIONS } from "../../../src/output/lines/options.ts";
import type { Encoder } from "../../../src/record/encoder.ts";
import { pcapEncoder } from "../../../src/output/pcap/encoder.ts";
import { RowEncoder } from "../../../src/output/table/row_encoder.ts";
import { onePacket, PACKETS, PAYLOAD } from "../sample.ts";

const packet = onePacket();
const out = new Uint8Array(512 * 1024);

/** Encodes packets one after the other; returns the total size. */
function encode(encoder: Encoder<RawPacket>): number {
  let at = 0;
  for (let n = 0; n < PACKETS; n++) at += encoder.encode(packet, out, at);
  return at;
}

/** Encoders, with bytes that each record must contain. */
const cases: [name: string, encoder: Encoder<RawPacket>, sign: Uint8Array][] = [];
for (const format of ["pcap", "pcapng"] as const) {
  for (const linkType of ["raw", "ethernet", "nflog"] as const) {
    cases.push([`${format}, link type ${linkType}`, pcapEncoder({ format, linkType }), PAYLOAD]);
  }
}
for (const dialect of ["ulogd2", "ulogd1", "kernel"] as const) {
  const options = {
    path: "-",
    sync: true,
    timeFormat: "syslog",
    hostname: "gate",
    logOptions: [],
  } as const;
  const sign = new TextEncoder().encode("SRC=192.0.2.1 DST=198.51.100.2 LEN=");
  cases.push([`logemu, dialect ${dialect}`, new LogemuEncoder({ ...options, dialect }), sign]);
  if (dialect !== "kernel") continue;
  const encoder = new LogemuEncoder({ ...options, dialect, logOptions: LOG_OPTIONS });
  cases.push(["logemu, dialect kernel with all log_options", encoder, sign]);
}
const session = crypto.randomUUID();
for (const format of ["nfscribe", "ecs", "ocsf"] as const) {
  const encoder = new JsonEncoder({ format, hostname: "gate", session, payload: false });
  cases.push([`json, format ${format}`, encoder, new TextEncoder().encode('198.51.100.2"')]);
}
cases.push([
  "postgres rows",
  new RowEncoder({ hostname: "gate", session, payload: false }),
  new TextEncoder().encode("gate"),
]);

for (const [name, encoder, sign] of cases) {
  const length = encode(encoder);
  assertEquals(count(out.subarray(0, length), sign) >= PACKETS, true, name);
  Deno.bench(`${name}: ${PACKETS} packets`, () => void encode(encoder));
}

/** Counts occurrences of bytes in others. */
function count(bytes: Uint8Array, sign: Uint8Array): number {
  const text = (some: Uint8Array) => Array.from(some, (byte) => String.fromCharCode(byte)).join("");
  return text(bytes).split(text(sign)).length - 1;
}
