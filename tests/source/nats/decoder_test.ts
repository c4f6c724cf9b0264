import { assert, assertEquals, assertGreater, assertThrows } from "@std/assert";
import { Memory } from "../../../src/bytes/memory.ts";
import { Counter } from "../../../src/counter/counter.ts";
import { RawCounter } from "../../../src/counter/raw_counter.ts";
import { Flow } from "../../../src/flow/flow.ts";
import { RawFlow } from "../../../src/flow/raw_flow.ts";
import { NDJSON } from "../../../src/nats/format/headers.ts";
import { MessageError } from "../../../src/nats/format/message.ts";
import { InterfaceTable } from "../../../src/packet/interface.ts";
import { Packet } from "../../../src/packet/packet.ts";
import { RawPacket } from "../../../src/packet/raw_packet.ts";
import type { RawRecord, RecordKind } from "../../../src/record/kind.ts";
import { decoderOf } from "../../../src/source/decoders.ts";
import { FlowFiller } from "../../../src/source/nats/flow_form.ts";
import { CounterFiller } from "../../../src/source/nats/counter_form.ts";
import { counter, flow, packet } from "../../../testing.ts";
import { numbered, randomPackets } from "../../conformance/packets.ts";
import { randomFlows } from "../../conformance/flows.ts";
import { Random } from "../../fuzz/random.ts";
import { bodyOf, chunksOf, headOf, SESSION } from "./sample.ts";

const make = {
  packet: () => new RawPacket(new InterfaceTable()),
  flow: () => new RawFlow(),
  counter: () => new RawCounter(),
} satisfies Record<RecordKind, () => RawRecord>;

/** Decodes chunks, each record into a copy. */
function decoded(kind: RecordKind, chunks: readonly Uint8Array[]) {
  const { decoder, kind: own } = decoderOf("nats", { kind });
  assertEquals(own, kind);
  const records: RawRecord[] = [];
  for (const chunk of chunks) {
    const memory = new Memory(new ArrayBuffer(chunk.length + 8));
    memory.bytes.set(chunk, 4);
    decoder.begin(memory, 4, chunk.length, 0, 0);
    const raw = make[kind]();
    while (decoder.next(raw)) records.push(raw.copy());
  }
  return { records, received: decoder.received, malformed: decoder.malformed };
}

Deno.test("Packets arrive with all that the sender knew of them, and its names", () => {
  // The kernel always tells the hook, and with it the protocol.
  const sent = randomPackets(7, 3000).map((raw) => Object.assign(raw, { hook: 1 }));
  const interfaces = new Map([[2, "eth0"], [3, "wan1"], [4, "br-lan"]]);
  const body = bodyOf("packet", sent);
  const chunks = chunksOf(headOf({ records: sent.length, interfaces }), body);
  assertGreater(chunks.length, 1);
  const { records, malformed } = decoded("packet", chunks);
  assertEquals([records.length, malformed], [sent.length, 0]);
  for (const [index, raw] of (records as RawPacket[]).entries()) {
    const { time, host, session, capture, ...got } = new Packet(raw).toJSON();
    const { time: sentTime, ...expected } = new Packet(sent[index]!).toJSON();
    assertEquals([host, session, capture], ["fw-a", SESSION, "nflog:1"]);
    assertEquals(time, sentTime);
    assertEquals(got, expected as typeof got, `packet ${index}`);
  }
});

Deno.test("All four interfaces have the names that their own sender tells", () => {
  const raw = Packet.rawOf(packet({ inDev: "x" }));
  Object.assign(raw, { inDev: 2, outDev: 3, physInDev: 4, physOutDev: 5 });
  const body = bodyOf("packet", [raw]);
  const names = ["eth0", "eth1", "port1", "port2"];
  const interfaces = new Map(names.map((name, index) => [index + 2, name]));
  const [one] = chunksOf(headOf({ interfaces }), body);
  const [other] = chunksOf(headOf({ host: "fw-b", interfaces: new Map([[2, "wan0"]]) }), body);
  const { records } = decoded("packet", [one!, other!, one!]);
  const shown = (records as RawPacket[]).map((raw) => {
    const { host, inDev, outDev, physInDev, physOutDev } = new Packet(raw);
    return [host, ...[inDev, outDev, physInDev, physOutDev].map(String)].join(" ");
  });
  assertEquals(shown, [
    "fw-a eth0 eth1 port1 port2",
    "fw-b wan0 3 4 5",
    "fw-a eth0 eth1 port1 port2",
  ]);
});

Deno.test("Flows arrive as they were sent", () => {
  const sent = randomFlows(3, 2000);
  const head = headOf({ records: sent.length, contentType: NDJSON });
  const chunks = chunksOf(head, bodyOf("flow", sent), "flow");
  assertGreater(chunks.length, 1);
  const { records, malformed } = decoded("flow", chunks);
  assertEquals([records.length, malformed], [sent.length, 0]);
  for (const [index, raw] of (records as RawFlow[]).entries()) {
    const { host, session, capture, ...got } = new Flow(raw).toJSON();
    assertEquals([host, session, capture], ["fw-a", SESSION, "nflog:1"]);
    assertEquals(got, new Flow(sent[index]!).toJSON() as typeof got, `flow ${index}`);
  }
});

Deno.test("Counters arrive as they were sent", () => {
  const sent = [
    counter(),
    counter({ object: "nfacct", name: "a ☃", packets: 0, totalBytes: 2 ** 52, restarted: true }),
  ].map((one) => Counter.rawOf(one));
  Object.assign(sent[0]!, { reading: 7, flags: 5, quota: 1000 });
  const head = headOf({ records: sent.length, contentType: NDJSON });
  const { records } = decoded("counter", chunksOf(head, bodyOf("counter", sent), "counter"));
  const shown = (records as RawCounter[]).map((raw) => {
    const { host, session, capture, ...got } = new Counter(raw).toJSON();
    assertEquals([host, session, capture], ["fw-a", SESSION, "nflog:1"]);
    return got;
  });
  const { bytesHigh, bytesLow } = records[1] as RawCounter;
  assertEquals([bytesHigh, bytesLow], [2 ** 20, 0]);
  assertEquals(shown, sent.map((raw) => new Counter(raw).toJSON()));
});

Deno.test("Of lines that hold no record each is counted as malformed, and the others arrive", () => {
  const good = JSON.stringify(flow());
  const lines = [
    "",
    "{}",
    "[]",
    "null",
    "1e999",
    "[".repeat(50_000),
    "\ufffd{",
    good.replace('"version":1', '"version":2'),
    good.replace('"flow"', '"packet"'),
    good.replace("192.0.2.1", "192.0.2.999"),
    good.replace('"sourcePort":40000', '"sourcePort":65536'),
    good.replace('"sourcePort":40000', '"sourcePort":-1'),
    good.replace('"sourcePort":40000', '"sourcePort":{"valueOf":1}'),
    good.replace(/"time":"[^"]*"/, '"time":"yesterday"'),
    good.replace(/"time":"[^"]*"/, `"time":"${"9".repeat(5000)}us"`),
    good.replace(/"time":"[^"]*",/, ""),
    good.replace('"event":"destroy"', '"event":"constructor"'),
    good.replace('"protocol":"TCP"', '"protocol":"__proto__"'),
    good.replace("{", '{"labels":[128],'),
    good.replace("{", '{"status":["toString"],'),
    good.replace("{", `{"helper":"${"x".repeat(5000)}",`),
    good.replace("{", '{"extra":[1],'),
    good.replace("{", '{"master":{"source":"::1","destination":"192.0.2.1"},'),
    good,
  ];
  const body = new TextEncoder().encode(`${lines.join("\n")}\n`);
  const head = headOf({ records: lines.length, contentType: NDJSON });
  const { records, received, malformed } = decoded("flow", chunksOf(head, body, "flow"));
  assertEquals([records.length, received, malformed], [1, lines.length, lines.length - 1]);
});

Deno.test("Damaged forms throw nothing and never fill in more than there is", () => {
  const random = new Random(11);
  const texts = [JSON.stringify(flow({ labels: [1, 127] })), JSON.stringify(counter())];
  for (let round = 0; round < 3000; round++) {
    const text = texts[round & 1]!;
    const at = random.below(text.length);
    const damaged = text.slice(0, at) + String.fromCharCode(32 + random.below(95)) +
      text.slice(at + 1);
    let form: unknown;
    try {
      form = JSON.parse(damaged);
    } catch {
      continue;
    }
    const raw = new RawFlow();
    if (new FlowFiller().fill(raw, form)) assert(new Flow(raw).toString().length > 0);
    const other = new RawCounter();
    if (new CounterFiller().fill(other, form)) assert(new Counter(other).toString().length > 0);
  }
});

Deno.test("A message is cut into the same chunks whenever it comes", () => {
  const sent = Array.from({ length: 9000 }, (_, number) => numbered(number));
  const body = bodyOf("packet", sent);
  const cut = () => chunksOf(headOf({ records: sent.length }), body).map((chunk) => chunk.length);
  assertEquals(cut(), cut());
  assertGreater(cut().length, 2);
});

Deno.test("A message that only tells of a loss is a chunk without records", () => {
  const chunks = chunksOf(headOf({ records: 0, lost: 5 }), new Uint8Array(0));
  assertEquals([chunks.length, decoded("packet", chunks).received], [1, 0]);
});

Deno.test("A body that is not as its head says is refused as a whole", () => {
  const body = bodyOf("packet", [numbered(1), numbered(2)]);
  const names = new Map(Array.from({ length: 5000 }, (_, index) => [index, `eth${index}`]));
  for (
    const [words, head, bytes, kind] of [
      ["tells of 3 packets, and it holds 2", headOf({ records: 3 }), body, "packet"],
      ["damaged at byte", headOf({ records: 2 }), body.slice(0, -3), "packet"],
      ["its names have", headOf({ records: 2, interfaces: names }), body, "packet"],
      ["holds no flows", headOf({ records: 2 }), body, "flow"],
      ["payload must be pcapng", headOf({ contentType: NDJSON }), body, "packet"],
      ["has 1 lines", headOf({ records: 2, contentType: NDJSON }), new Uint8Array(9), "flow"],
      [
        "a line of",
        headOf({ contentType: NDJSON }),
        new Uint8Array(300_000).fill(0x20),
        "flow",
      ],
    ] as const
  ) {
    assertThrows(
      () => chunksOf(head, body === bytes ? body.slice() : bytes, kind),
      MessageError,
      words,
    );
  }
});
