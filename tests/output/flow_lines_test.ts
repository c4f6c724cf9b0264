import { assert, assertEquals, assertMatch } from "@std/assert";
import { Flow } from "../../src/flow/flow.ts";
import type { RawFlow } from "../../src/flow/raw_flow.ts";
import { encoders } from "../../src/output/encoders.ts";
import { type Encoder, NO_ROOM } from "../../src/record/encoder.ts";
import { decodeAll } from "../flow/sample.ts";
import { FlowDatagrams } from "../fuzz/flows.ts";
import { Random } from "../fuzz/random.ts";
import { EVENTS } from "../source/conntrack/events.ts";
import { everyAttribute } from "../source/conntrack/sample.ts";

const SESSION = "0198c0de-0000-7000-8000-000000000001";
const MESSAGE = {
  ...{ dialect: "ulogd2", logOptions: [], facility: 16, appName: "nfscribe", hostname: "gate" },
  ...{ session: SESSION, namesHost: true, structuredData: false },
};
const GPRINT = { plugins: [], sequence: [], label: 0 };

/** Options of each output, by a name. */
const OPTIONS: readonly [name: string, type: string, options: unknown][] = [
  ["syslog, a line", "syslog", { ...MESSAGE, format: "rfc5424", message: "line" }],
  ["syslog, JSON", "syslog", { ...MESSAGE, format: "rfc5424", message: "json" }],
  [
    "syslog, structured data",
    "syslog",
    { ...MESSAGE, format: "rfc5424", message: "none", structuredData: true },
  ],
  ["syslog, old", "syslog", { ...MESSAGE, format: "rfc3164", message: "line", severity: 6 }],
  ["gprint", "gprint", { ...GPRINT, timestamp: false }],
  ["oprint", "oprint", GPRINT],
  ["gprint with times", "gprint", { ...GPRINT, timestamp: true }],
  ["nacct", "nacct", {}],
  ["xml", "xml", { records: "flows" }],
  ["journal", "journal", { identifier: "fw", session: SESSION }],
];

function encoderOf(type: string, options: unknown): Encoder<RawFlow> {
  return encoders[type]!.flow!(options as Record<string, unknown>);
}

/** Calls a function for each flow of a datagram. */
function each(datagram: Uint8Array, visit: (raw: RawFlow) => void): void {
  for (const flow of decodeAll(datagram)) visit(Flow.rawOf(flow));
}

for (const [name, type, options] of OPTIONS) {
  Deno.test(`Damaged flows are whole records: ${name}`, () => {
    const encoder = encoderOf(type, options);
    const datagrams = new FlowDatagrams(new Random(7));
    const out = new Uint8Array(64 * 1024);
    let flows = 0;
    const check = (raw: RawFlow) => {
      flows++;
      const length = encoder.encode(raw, out, 0);
      assert(length > 0, String(length));
      const isControl = (byte: number) => byte < 0x20 && (byte !== 0x09 || type !== "nacct");
      const controls = out.subarray(0, length).filter(isControl);
      assert(controls.every((byte) => byte === 0x0a));
      if (!["oprint", "journal"].includes(type)) assertEquals(controls.length, 1);
      assertEquals(out[length - 1], 0x0a);
      const exact = out.slice(0, length);
      for (const room of [0, length - 1]) {
        assertEquals(encoder.encode(raw, out.subarray(0, room), 0), NO_ROOM);
      }
      encoder.encode(raw, out, 3);
      assertEquals(out.slice(3, 3 + length), exact);
    };
    for (const datagram of [...Object.values(EVENTS), everyAttribute()]) each(datagram, check);
    for (let n = 0; n < 2000; n++) each(datagrams.next(), check);
    assert(flows > 500);
  });
}

Deno.test("A syslog message of a flow has ulogd's line or JSON behind its head, or structured data in it", () => {
  const [line, json, data, old] = OPTIONS.map(([, type, options]) => {
    const out = new Uint8Array(8192);
    let text = "";
    each(everyAttribute(), (raw) => {
      const length = encoderOf(type, options).encode(raw, out, 0);
      text = new TextDecoder().decode(out.subarray(0, length - 1));
    });
    return text;
  });
  const head = /^<133>1 \d{4}-\S+ gate nfscribe - flow - /;
  assertMatch(line!, new RegExp(`${head.source}\\[\\w+\\] ORIG: SRC=.*[^ ]$`));
  assertEquals(JSON.parse(json!.replace(head, "")).session, SESSION);
  const element = data!.replace(new RegExp(head.source.slice(0, -2)), "");
  assertMatch(element, /^\[nfscribe@32473( [A-Za-z]+="[^"\\\]]*")+\] $/);
  assertMatch(element, / type="flow" .* event="destroy" .* status="assured" .* helper="ftp" /);
  assertMatch(old!, /^<134>\w{3} [ \d]\d [\d:]{8} gate nfscribe: \[/);
});
