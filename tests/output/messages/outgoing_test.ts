import { assertEquals } from "@std/assert";
import { gunzipSync, zstdDecompressSync } from "node:zlib";
import type { RawPacket } from "../../../src/packet/raw_packet.ts";
import { lossFrame } from "../../../src/output/delivery/losses.ts";
import { compress } from "../../../src/output/messages/compress.ts";
import { LaneCounts } from "../../../src/output/messages/lane_counts.ts";
import {
  BodyMemory,
  outgoingOf,
  type OutgoingOptions,
} from "../../../src/output/messages/outgoing.ts";
import type { Run } from "../../../src/output/messages/runs.ts";
import { natsEncoders } from "../../../src/output/nats/encoder.ts";
import { readBlocks } from "../pcap/blocks.ts";
import { ipv4, rawPacket, udp } from "../../packet/sample.ts";

const SESSION = "8c1f0c1e-5d0c-4a6e-9d6c-0d2f6b9a7e11";
const OPTIONS: OutgoingOptions = {
  host: "gate",
  session: SESSION,
  payload: "pcapng",
  compression: "none",
  memory: new BodyMemory(),
};
const ENCODERS = { payload: "pcapng", messageBytes: 1 << 20, hostname: "gate", session: SESSION };

/** Encodes packets as a frame. */
function frameOf(packets: readonly Partial<RawPacket>[], options: object = {}): Run["frames"][0] {
  const encoder = natsEncoders.packet!({ ...ENCODERS, ...options });
  const out = new Uint8Array(1 << 16);
  let at = 0;
  for (const fields of packets) at += encoder.encode(rawPacket(ipv4(17, udp()), fields), out, at);
  return { bytes: out.slice(0, at), records: packets.length };
}

function runOf(frames: Run["frames"], losses: Uint8Array[] = []): Run {
  return { from: 48, to: 4048, records: 0, frames, losses };
}

function lossOf(source: string, packets: number, kind?: "packet" | "flow"): Uint8Array {
  const loss = { source, packets, seconds: 1_700_000_000, nanoseconds: 5000 };
  return lossFrame({ ...loss, ...kind && { kind } }, { hostname: "gate", session: SESSION });
}

const counts = () => new LaneCounts([], true);

Deno.test("a run becomes a message for each source, with the records of all its frames", () => {
  const frames = [frameOf([{ capture: "a" }, { capture: "b" }]), frameOf([{ capture: "a" }])];
  const known = counts();
  const { messages, strange } = outgoingOf(runOf(frames), known, OPTIONS);
  assertEquals(strange, []);
  assertEquals(
    messages.map((
      { kind, head: { capture, part, parts, records, first } },
    ) => [kind, capture, part, parts, records, first]),
    [["packet", "a", 0, 2, 2, 0], ["packet", "b", 1, 2, 1, 0]],
  );
  assertEquals(readBlocks(messages[0]!.body).packets.length, 2);
  const again = outgoingOf(runOf(frames), known, OPTIONS).messages;
  assertEquals(again.map(({ head: { first } }) => first), [2, 1]);
});

Deno.test("the same run makes the same messages", () => {
  const run = runOf([frameOf([{ capture: "a" }, { capture: "b" }])], [lossOf("a", 3)]);
  assertEquals(outgoingOf(run, counts(), OPTIONS), outgoingOf(run, counts(), OPTIONS));
});

Deno.test("packets are lines of JSON where that is asked for", () => {
  const frames = [frameOf([{ capture: "a", mark: 7 }], { payload: "json" })];
  const { messages } = outgoingOf(runOf(frames), counts(), { ...OPTIONS, payload: "json" });
  const [{ head, body }] = messages as [typeof messages[0]];
  assertEquals(head.contentType, "application/x-ndjson");
  const { host, capture, mark } = JSON.parse(new TextDecoder().decode(body));
  assertEquals([host, capture, mark], ["gate", "a", 7]);
});

Deno.test("a loss goes with the records behind it, or alone as a mark of pcapng", () => {
  const run = runOf([frameOf([{ capture: "a" }])], [
    ...[lossOf("a", 3, "packet"), lossOf("a", 4), lossOf("b", 5), lossOf("c", 6, "flow")],
    new TextEncoder().encode("no loss"),
  ]);
  const { messages } = outgoingOf(run, counts(), OPTIONS);
  assertEquals(
    messages.map(({ kind, head: { capture, records, lost } }) => [kind, capture, records, lost]),
    [["packet", "b", 0, 5], ["flow", "c", 0, 6], ["packet", "a", 1, 7]],
  );
  assertEquals(readBlocks(messages[0]!.body).losses.map(({ dropped }) => dropped), [5n]);
  assertEquals(messages[1]!.body.length, 0);
});

Deno.test("a frame that nfscribe has not written is left out, the others are sent", () => {
  const bad = { bytes: new Uint8Array(100).fill(7), records: 9 };
  const { messages, strange } = outgoingOf(
    runOf([bad, frameOf([{ capture: "a" }])]),
    counts(),
    OPTIONS,
  );
  assertEquals([messages.length, strange], [1, [bad]]);
});

for (const [compression, unpack] of [["gzip", gunzipSync], ["zstd", zstdDecompressSync]] as const) {
  Deno.test(`bodies are compressed with ${compression} where that makes them smaller`, () => {
    const run = runOf([frameOf(Array.from({ length: 50 }, () => ({ capture: "a" })))]);
    const [plain] = outgoingOf(run, counts(), OPTIONS).messages;
    const [packed] = outgoingOf(run, counts(), { ...OPTIONS, compression }).messages;
    assertEquals(packed!.head.encoding, compression);
    assertEquals(new Uint8Array(unpack(packed!.body)), plain!.body);
    const loss = runOf([], [lossOf("a", 1, "flow")]);
    const [empty] = outgoingOf(loss, counts(), { ...OPTIONS, compression }).messages;
    assertEquals(empty!.head.encoding, undefined);
  });
}

Deno.test("bodies that compression does not make smaller have bytes of their own", () => {
  const memory = new BodyMemory();
  const bodies = [1, 2].map(() => crypto.getRandomValues(new Uint8Array(1000)));
  const kept = bodies.map((body) => {
    const written = memory.of(body.length);
    written.set(body);
    return compress(written, "zstd");
  });
  assertEquals(kept, bodies.map((body) => ({ body, encoding: undefined })));
});

Deno.test("one body after the other is written into the same memory", () => {
  const memory = new BodyMemory();
  const { buffer } = memory.of(1000);
  assertEquals(memory.of(10).buffer === buffer, true);
  assertEquals([memory.of(10).length, memory.of(2000).length], [10, 2000]);
});

Deno.test("counts that are not known are absent, also of sources beyond those that are counted", () => {
  const unknown = new LaneCounts([["packet", "gate", "a", 5]], false);
  assertEquals(unknown.add({ kind: "packet", host: "gate", capture: "a" }, 2), 5);
  assertEquals(unknown.add({ kind: "packet", host: "gate", capture: "b" }, 2), undefined);
  const many = counts();
  for (let i = 0; i < 4096; i++) many.add({ kind: "flow", host: "gate", capture: `${i}` }, 1);
  assertEquals(many.add({ kind: "flow", host: "gate", capture: "x" }, 1), undefined);
  assertEquals(many.add({ kind: "flow", host: "gate", capture: "7" }, 1), 1);
  const stored = new LaneCounts(many.stored(), many.isComplete);
  assertEquals(stored.add({ kind: "flow", host: "gate", capture: "y" }, 1), undefined);
});
