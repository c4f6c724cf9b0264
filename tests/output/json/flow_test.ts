import { assert, assertEquals } from "@std/assert";
import { Flow } from "../../../src/flow/flow.ts";
import type { RawFlow } from "../../../src/flow/raw_flow.ts";
import { structuredFlow } from "../../../src/flow/structured.ts";
import { ECS_FIELDS, FLOW_FIELDS } from "../../../src/output/json/fields.ts";
import { FlowEncoder } from "../../../src/output/json/flow/flow_encoder.ts";
import type { PrinterOptions } from "../../../src/output/json/options.ts";
import { ABSENT } from "../../../src/packet/absent.ts";
import { NO_ROOM } from "../../../src/record/encoder.ts";
import { jsonLine } from "../../../src/text/escape.ts";
import { decodeAll } from "../../flow/sample.ts";
import { FlowDatagrams } from "../../fuzz/flows.ts";
import { Random } from "../../fuzz/random.ts";
import { EVENTS } from "../../source/conntrack/events.ts";
import { everyAttribute } from "../../source/conntrack/sample.ts";
import { ecsProblems, ocsfProblems } from "./schemas/validate.ts";

const OPTIONS: PrinterOptions = {
  format: "nfscribe",
  hostname: "gate",
  session: "0198c0de-0000-7000-8000-000000000001",
  payload: false,
};

/** Encodes a flow; returns the line. */
function lineOf(encoder: FlowEncoder, raw: RawFlow): string {
  const out = new Uint8Array(512 * 1024);
  const length = encoder.encode(raw, out, 0);
  assert(length > 0);
  return new TextDecoder().decode(out.subarray(0, length));
}

/** Calls a function for each flow of a datagram. */
function each(datagram: Uint8Array, visit: (raw: RawFlow) => void): void {
  for (const flow of decodeAll(datagram)) visit(Flow.rawOf(flow));
}

Deno.test("A flow's line is the JSON of its structured form, over damaged events", () => {
  const encoder = new FlowEncoder(OPTIONS);
  const datagrams = new FlowDatagrams(new Random(11));
  let flows = 0;
  const check = (raw: RawFlow) => {
    flows++;
    raw.capture = flows % 3 === 0 ? "conntrack" : "";
    if (flows % 5 === 0) raw.extra = new TextEncoder().encode('{"country":"DE"}');
    const { hostname: host, session } = OPTIONS;
    const { capture, extra } = raw;
    const form = structuredFlow(new Flow(raw), { host, session, capture, extra });
    assertEquals(lineOf(encoder, raw), `${jsonLine(form)}\n`);
  };
  for (const datagram of [...Object.values(EVENTS), everyAttribute()]) each(datagram, check);
  for (let n = 0; n < 5000; n++) each(datagrams.next(), check);
  assert(flows > 1000);
});

Deno.test("Chosen fields are those of the line, in its order", () => {
  each(everyAttribute(), (raw) => {
    raw.extra = new TextEncoder().encode("{}");
    const line = JSON.parse(lineOf(new FlowEncoder({ ...OPTIONS, hostname: "" }), raw));
    const names = FLOW_FIELDS.filter((name) => Object.hasOwn(line, name));
    assertEquals(Object.keys(line), names);
    for (const fields of [["event", "original"], ["duration"], ["reply", "type", "nat"]]) {
      const chosen = JSON.parse(lineOf(new FlowEncoder({ ...OPTIONS, fields }), raw));
      assertEquals(
        chosen,
        Object.fromEntries(
          Object.entries(line).filter(([name]) => fields.includes(name)),
        ),
      );
    }
  });
});

Deno.test("With any room too little nothing is written past it", () => {
  each(everyAttribute(), (raw) => {
    const whole = new Uint8Array(8192);
    const length = new FlowEncoder(OPTIONS).encode(raw, whole, 0);
    for (let room = 0; room < length + 2100; room++) {
      const out = new Uint8Array(room + 64).fill(0xe7);
      const got = new FlowEncoder(OPTIONS).encode(raw, out.subarray(0, room), 0);
      assert(got === NO_ROOM || got === length);
      assert(out.subarray(room).every((byte) => byte === 0xe7));
    }
  });
});

/** Calls a function for each flow of every event, damaged ones among them. */
function eachOfMany(visit: (raw: RawFlow) => void): void {
  const datagrams = new FlowDatagrams(new Random(12));
  for (const datagram of [...Object.values(EVENTS), everyAttribute()]) each(datagram, visit);
  for (let n = 0; n < 5000; n++) each(datagrams.next(), visit);
}

/** Returns the counters of the other direction, also where a damaged event has no address of it. */
function repliedOf({ reply }: RawFlow): { bytes: number | undefined; packets: number | undefined } {
  const known = (value: number) => value === ABSENT ? undefined : value;
  return { bytes: known(reply.bytes), packets: known(reply.packets) };
}

/** Returns whether times are dates: those beyond the year 9999 are none. */
function hasDates(raw: RawFlow): boolean {
  return [raw.seconds, raw.startSeconds, raw.endSeconds].every((seconds) => seconds < 2e11);
}

Deno.test("Flows are ECS events of the published schema, with ends, counters and translation", () => {
  const encoder = new FlowEncoder({ ...OPTIONS, format: "ecs" });
  const seen = new Set<string>();
  eachOfMany((raw) => {
    raw.extra = new TextEncoder().encode('{"country":"DE"}');
    const event = JSON.parse(lineOf(encoder, raw));
    if (hasDates(raw)) assertEquals(ecsProblems(event), [], JSON.stringify(event));
    const { original, reply: _reply, nat, duration, ...form } = structuredFlow(new Flow(raw), {
      ...{ host: "gate", session: OPTIONS.session, capture: "", extra: undefined },
    });
    const replied = repliedOf(raw);
    const { source, destination, network } = event;
    assertEquals([source.ip, destination.ip], [original.source, original.destination]);
    assertEquals([source.port, destination.port], [original.sourcePort, original.destinationPort]);
    assertEquals([source.bytes, destination.bytes], [original.bytes, replied.bytes]);
    assertEquals([source.packets, destination.packets], [original.packets, replied.packets]);
    assertEquals([source.nat?.ip, source.nat?.port], [nat?.source, nat?.sourcePort]);
    assertEquals(
      [destination.nat?.ip, destination.nat?.port],
      [nat?.destination, nat?.destinationPort],
    );
    if (original.bytes !== undefined && replied.bytes !== undefined) {
      const sum = original.bytes + replied.bytes;
      assertEquals(network.bytes, Math.min(sum, Number.MAX_SAFE_INTEGER));
    }
    assertEquals(event.event.action, form.event);
    assertEquals(event.event.duration === undefined, duration === undefined);
    assertEquals([event.nfscribe.id, event.nfscribe.state], [form.id, form.state]);
    for (const name of Object.keys(event)) seen.add(name);
  });
  assertEquals(ECS_FIELDS.filter((name) => !seen.has(name)), ["rule", "user"]);
});

Deno.test("Flows are Network Activity of OCSF's published schema", () => {
  const encoder = new FlowEncoder({ ...OPTIONS, format: "ocsf" });
  const activities = new Set<string>();
  eachOfMany((raw) => {
    const event = JSON.parse(lineOf(encoder, raw));
    assertEquals(ocsfProblems(event), [], JSON.stringify(event));
    const { original, reply: _reply, ...form } = structuredFlow(new Flow(raw), {
      ...{ host: "gate", session: OPTIONS.session, capture: "", extra: undefined },
    });
    const replied = repliedOf(raw);
    const { src_endpoint: source, dst_endpoint: destination, traffic = {} } = event;
    assertEquals([source.ip, destination.ip], [original.source, original.destination]);
    assertEquals([source.port, destination.port], [original.sourcePort, original.destinationPort]);
    assertEquals([traffic.bytes_out, traffic.bytes_in], [original.bytes, replied.bytes]);
    assertEquals([traffic.packets_out, traffic.packets_in], [original.packets, replied.packets]);
    assertEquals(event.unmapped.nat, form.nat);
    activities.add(`${form.event} ${event.activity_id}`);
  });
  assertEquals([...activities].sort(), ["destroy 2", "new 1", "update 6"]);
});

Deno.test("Fields of ECS and OCSF are chosen for flows as for packets", () => {
  each(everyAttribute(), (raw) => {
    const ecs = new FlowEncoder({ ...OPTIONS, format: "ecs", fields: ["event", "source"] });
    assertEquals(Object.keys(JSON.parse(lineOf(ecs, raw))), ["event", "source"]);
    const ocsf = new FlowEncoder({ ...OPTIONS, format: "ocsf", fields: ["metadata", "traffic"] });
    assertEquals(Object.keys(JSON.parse(lineOf(ocsf, raw))), ["metadata", "traffic"]);
  });
});
