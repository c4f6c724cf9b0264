import { assert, assertEquals } from "@std/assert";
import { packet } from "nfscribe/testing";
import { JsonEncoder } from "../../../src/output/json/encoder.ts";
import { ECS_FIELDS, OCSF_FIELDS } from "../../../src/output/json/fields.ts";
import type { PrinterOptions } from "../../../src/output/json/options.ts";
import { ACTIONS, ActionTable } from "../../../src/packet/actions.ts";
import { Packet } from "../../../src/packet/packet.ts";
import type { RawPacket } from "../../../src/packet/raw_packet.ts";
import { structured } from "../../../src/packet/structured.ts";
import { UNFIT } from "../../../src/record/encoder.ts";
import { rawPackets } from "../../packet/random_packets.ts";
import { ecsProblems, ocsfProblems } from "./schemas/validate.ts";

const SESSION = "6f1b2c3d-0000-4000-8000-000000000001";
const out = new Uint8Array(512 * 1024);

function encoderOf(
  format: PrinterOptions["format"],
  options: Partial<PrinterOptions> = {},
): JsonEncoder {
  return new JsonEncoder({
    format,
    hostname: "gate",
    session: SESSION,
    payload: false,
    ...options,
  });
}

/** Returns the text of a packet's line; undefined if the format has none. */
function encoded(encoder: JsonEncoder, raw: RawPacket): string | undefined {
  const length = encoder.encode(raw, out, 0);
  if (length === UNFIT) return undefined;
  assert(length > 0);
  const text = new TextDecoder("utf-8", { fatal: true }).decode(out.subarray(0, length));
  assertEquals(text.indexOf("\n"), text.length - 1);
  return text.slice(0, -1);
}

/** Actions, none among them, by the first letter of prefixes. */
const TABLE = new ActionTable({ "[!-A]*": "log", "a*": "drop", "b*": "reject", "*": "accept" });
const TABLES = [
  TABLE,
  new ActionTable(),
  ...ACTIONS.map((action) => new ActionTable({ "*": action })),
];

Deno.test("Every ECS event fits the published schema, and has the packet's addresses and ports", () => {
  const encoder = encoderOf("ecs");
  const seen = new Set<string>();
  let count = 0;
  for (const raw of rawPackets(20_000, 21)) {
    raw.actions = TABLES[count++ % TABLES.length]!;
    const event = JSON.parse(encoded(encoder, raw)!);
    // A time beyond the year 9999 is no date there either.
    if (raw.seconds < 2e11) assertEquals(ecsProblems(event), [], JSON.stringify(event));
    const form = structured(new Packet(raw));
    const { source = {}, destination = {} } = event;
    if (form.ip !== undefined) {
      assertEquals([source.ip, destination.ip], [form.source, form.destination]);
    }
    assertEquals([source.port, destination.port], [form.sourcePort, form.destinationPort]);
    assertEquals(event.rule?.name, form.prefix);
    assertEquals(event.event.action, form.action);
    assertEquals(event.network.bytes, form.length);
    for (const name of Object.keys(event)) seen.add(name);
  }
  assertEquals(ECS_FIELDS.filter((name) => !seen.has(name)), []);
});

Deno.test("Every OCSF event is a Network Activity of the published schema; there is none without addresses", () => {
  const encoder = encoderOf("ocsf");
  const seen = new Set<string>();
  let [count, unfit] = [0, 0];
  for (const raw of rawPackets(20_000, 22)) {
    raw.actions = TABLES[count++ % TABLES.length]!;
    const text = encoded(encoder, raw);
    const form = structured(new Packet(raw));
    const isIpv4Arp = form.arp?.protocolType === 0x0800;
    assertEquals(text === undefined, form.ip === undefined && !isIpv4Arp);
    if (text === undefined) {
      unfit++;
      continue;
    }
    const event = JSON.parse(text);
    assertEquals(ocsfProblems(event), [], text);
    const { src_endpoint: source, dst_endpoint: destination } = event;
    assertEquals([source.ip, destination.ip], [form.source, form.destination]);
    assertEquals([source.port, destination.port], [form.sourcePort, form.destinationPort]);
    assertEquals(event.firewall_rule?.name, form.prefix);
    assertEquals(event.connection_info.tcp_flags, form.tcp?.flags);
    for (const name of Object.keys(event)) seen.add(name);
  }
  assert(unfit > 1000 && count - unfit > 5000, `${unfit} of ${count}`);
  assertEquals(OCSF_FIELDS.filter((name) => !seen.has(name)), []);
});

Deno.test("The validators find what is wrong", () => {
  const raw = Packet.rawOf(packet({ prefix: "x" }));
  const ecs = JSON.parse(encoded(encoderOf("ecs"), raw)!);
  const wrongEcs = [
    { ...ecs, source: { ...ecs.source, ip: "somewhere" } },
    { ...ecs, source: { ...ecs.source, mac: "02:00:5e:10:00:01" } },
    { ...ecs, sources: {} },
    { ...ecs, event: { ...ecs.event, type: ["creation"] } },
    { ...ecs, network: { ...ecs.network, iana_number: 6 } },
  ];
  for (const event of wrongEcs) assertEquals(ecsProblems(event).length, 1, JSON.stringify(event));
  const ocsf = JSON.parse(encoded(encoderOf("ocsf"), raw)!);
  const wrongOcsf = [
    { ...ocsf, metadata: { ...ocsf.metadata, version: 1 } },
    { ...ocsf, connection_info: {} },
    { ...ocsf, disposition_id: 28 },
    { ...ocsf, src: 1 },
    { ...ocsf, type_uid: 1 },
  ];
  for (const event of wrongOcsf) assertEquals(ocsfProblems(event).length, 1, JSON.stringify(event));
});

/** Types and outcome of ECS, action and disposition of OCSF, by action. */
const OUTCOMES = {
  drop: [["connection", "denied"], "failure", 2, 6],
  reject: [["connection", "denied"], "failure", 2, 25],
  accept: [["connection", "allowed"], "success", 1, 1],
  log: [["connection"], undefined, 3, 17],
} as const;

Deno.test("An action is the outcome of ECS and the disposition of OCSF; an unknown one is absent", () => {
  const raw = Packet.rawOf(packet({ prefix: "x" }));
  const both = () =>
    ["ecs" as const, "ocsf" as const].map((format) => JSON.parse(encoded(encoderOf(format), raw)!));
  for (const action of ACTIONS) {
    raw.actions = new ActionTable({ x: action });
    const [{ event }, { action_id, disposition_id }] = both();
    assertEquals([event.type, event.outcome, action_id, disposition_id], OUTCOMES[action]);
  }
  raw.actions = new ActionTable({ y: "drop" });
  const [{ event }, ocsf] = both();
  assertEquals([event.type, event.outcome, event.action], [["connection"], undefined, undefined]);
  assertEquals([ocsf.action_id, ocsf.disposition_id], [undefined, undefined]);
});

Deno.test("fields chooses fields of ECS and attributes of OCSF", () => {
  const raw = Packet.rawOf(packet({ prefix: "x" }));
  for (const [format, all] of [["ecs", ECS_FIELDS], ["ocsf", OCSF_FIELDS]] as const) {
    const whole = JSON.parse(encoded(encoderOf(format), raw)!);
    for (const name of all) {
      const one = JSON.parse(encoded(encoderOf(format, { fields: [name] }), raw)!);
      assertEquals(one, Object.hasOwn(whole, name) ? { [name]: whole[name] } : {}, name);
    }
  }
});
