import { Memory } from "../../../src/bytes/memory.ts";
import { RawFlow } from "../../../src/flow/raw_flow.ts";
import { FlowEncoder } from "../../../src/output/json/flow/flow_encoder.ts";
import { encoders } from "../../../src/output/encoders.ts";
import { Ulogd2FlowEncoder } from "../../../src/output/json/flow/ulogd2.ts";
import { FlowLogemuEncoder } from "../../../src/output/logemu/flow_encoder.ts";
import { ConntrackDecoder } from "../../../src/source/conntrack/decoder.ts";
import { concat } from "../../packet/sample.ts";
import { DEFAULTS } from "../../peers/record_keys.ts";
import { EVENTS } from "../../source/conntrack/events.ts";

const { tcpNew, tcpDestroy, udpNew, udpDestroy } = EVENTS;
const events = concat(
  ...Array.from({ length: 64 }, () => [tcpNew, udpNew]).flat(),
  ...Array.from({ length: 64 }, () => [tcpDestroy, udpDestroy]).flat(),
);
const memory = new Memory(events.buffer);
const decoder = new ConntrackDecoder();
const flow = new RawFlow();
const out = new Uint8Array(512 * 1024);
const options = {
  hostname: "gate",
  session: "0198c0de-0000-7000-8000-000000000001",
  payload: false,
};
const logemu = {
  dialect: "ulogd2",
  logOptions: [],
  timeFormat: "syslog",
  hostname: "gate",
} as const;

/** Decodes 256 events, and encodes them. */
function pass(encode: (flow: RawFlow, out: Uint8Array, at: number) => number): void {
  decoder.begin(memory, 0, events.length, 1_800_000_000, 5);
  for (let at = 0; decoder.next(flow);) at += encode(flow, out, at);
}

Deno.bench("256 events, decoded", () => pass(() => 0));
const json = new FlowEncoder({ format: "nfscribe", ...options });
Deno.bench("256 events as JSON", () => pass((flow, out, at) => json.encode(flow, out, at)));
const ulogd2 = new Ulogd2FlowEncoder(DEFAULTS);
Deno.bench(
  "256 events as ulogd's JSON",
  () => pass((flow, out, at) => ulogd2.encode(flow, out, at)),
);
const lines = new FlowLogemuEncoder(logemu);
Deno.bench("256 events as LOGEMU", () => pass((flow, out, at) => lines.encode(flow, out, at)));

const ipfix = { events: ["new", "destroy"], natEvents: false, times: "milliseconds" };
for (
  const [name, type, options] of [
    ["NACCT", "nacct", {}],
    ["XML", "xml", { records: "flows" }],
    ["entries of the journal", "journal", { identifier: "fw", session: "s" }],
    ["IPFIX", "ipfix", { ...ipfix, counters: "delta" }],
  ] as const
) {
  const encoder = encoders[type]!.flow!(options as unknown as Record<string, unknown>);
  Deno.bench(`256 events as ${name}`, () => pass((flow, out, at) => encoder.encode(flow, out, at)));
}
