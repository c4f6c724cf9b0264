/**
 * Records of other hosts in every output that is registered: an output that names the host names
 * theirs.
 *
 * @module
 */

import { assert, assertEquals, assertGreater } from "@std/assert";
import { Counter } from "../../src/counter/counter.ts";
import { Flow } from "../../src/flow/flow.ts";
import { encoders } from "../../src/output/encoders.ts";
import { InterfaceTable } from "../../src/packet/interface.ts";
import { Packet } from "../../src/packet/packet.ts";
import { outputs } from "../../src/output/outputs.ts";
import type { RawRecord, RecordKind } from "../../src/record/kind.ts";
import type { Encoder } from "../../src/record/encoder.ts";
import { expression } from "../../mod.ts";
import { counter, flow, packet } from "../../testing.ts";
import { disclosed } from "./disclosed.ts";
import { outputFixtures } from "./outputs/fixtures.ts";

const OWN = "own-host";
/** Session of the other hosts. */
const SESSION = "0198c0de-0000-7000-8000-00000000beef";
const LATIN1 = new TextDecoder("latin1");
/** Types that name no host of their own, but tell others apart. */
const TELLING = ["journal", "prometheus", "graphite"];

function recordOf(kind: RecordKind): RawRecord {
  if (kind === "packet") return Packet.rawOf(packet({ prefix: "in " }));
  return kind === "flow" ? Flow.rawOf(flow()) : Counter.rawOf(counter());
}

function textOf(encoder: Encoder<RawRecord>, record: RawRecord, host: string): string {
  const out = new Uint8Array(64 * 1024);
  record.host = host;
  record.session = host === "" ? "" : SESSION;
  record.generation++;
  return LATIN1.decode(out.subarray(0, Math.max(0, encoder.encode(record, out, 0))));
}

let named = 0;
for (const [type, { place, variants }] of Object.entries(outputFixtures)) {
  for (const variant of variants.length > 0 ? variants : [{}]) {
    const table: Record<string, unknown> = { ...place("."), ...variant };
    if (Object.hasOwn(outputs[type]!.entries, "hostname")) table.hostname = OWN;
    const options = disclosed(type, table);
    for (const [kind, make] of Object.entries(encoders[type]!)) {
      const title = [type, kind, ...Object.values(variant)].join(" ");
      const encoder = make(options as never) as unknown as Encoder<RawRecord>;
      const own = textOf(encoder, recordOf(kind as RecordKind), "");
      if (own.includes(OWN)) named++;
      else if (!TELLING.includes(type) || Object.hasOwn(variant, "fields")) continue;
      Deno.test(`${title}: a record of another host has that one's name`, () => {
        const record = recordOf(kind as RecordKind);
        for (const host of ["fw-a", "", "fw-b", "a-much-longer-name-of-a-host", "fw-a"]) {
          const text = textOf(encoder, record, host);
          if (host !== "") assert(text.includes(host), text);
          assertEquals(text.includes(OWN), host === "" && own.includes(OWN), text);
        }
      });
    }
  }
}

for (const kind of ["packet", "flow", "counter"] as const) {
  Deno.test(`JSON of a ${kind} of another host has the session of that one`, () => {
    const options = disclosed("json", { path: "x" });
    const encoder = encoders.json![kind]!(options as never) as unknown as Encoder<RawRecord>;
    const sessions = ["fw-a", "", "fw-a"].map((host) =>
      JSON.parse(textOf(encoder, recordOf(kind), host)).session
    );
    assertEquals([sessions[0], sessions[2]], [SESSION, SESSION]);
    assert(sessions[1] !== SESSION);
  });
}

Deno.test("Several outputs name the host", () => {
  assertGreater(named, 10);
});

Deno.test("pcapng describes an interface once for each host that has it", () => {
  const { packet: make } = encoders.pcap!;
  const encoder = make!(disclosed("pcap", { path: "x", format: "pcapng", link_type: "raw" }));
  const raw = Packet.rawOf(packet());
  const out = new Uint8Array(64 * 1024);
  let at = 0;
  for (const [host, name] of [["fw-a", "eth7"], ["fw-b", "wan0"], ["fw-a", "eth7"]] as const) {
    raw.host = host;
    raw.interfaces = new InterfaceTable().with([[raw.inDev, name]]);
    raw.generation++;
    at += encoder.encode(raw, out, at);
  }
  const text = LATIN1.decode(out.subarray(0, at));
  for (const once of ["of fw-a", "of fw-b"]) {
    assertEquals(text.split(once).length, 2, `${once} in ${text}`);
  }
});

Deno.test("A filter sees the host of a record, and expressions choose by it", () => {
  const raw = Packet.rawOf(packet());
  assertEquals(new Packet(raw).host, undefined);
  raw.host = "fw-a";
  assertEquals([new Packet(raw).host, new Packet(raw).toJSON().host], ["fw-a", "fw-a"]);
  const chosen = (where: string) => expression(where)(new Packet(raw));
  assertEquals(["sender fw-a", "sender fw-*", "sender fw"].map(chosen), [true, true, false]);
});
