import { assertEquals } from "@std/assert";
import { packet } from "nfscribe/testing";
import { Topology } from "../../src/daemon/pipeline/topology.ts";
import { Ring } from "../../src/sandbox/ring.ts";
import { Slot } from "../../src/sandbox/slot.ts";
import { type Trace, TRACE_MAX, writeTrace } from "../../src/sandbox/trace.ts";

const nothing: Trace = { mask: 0, form: "", error: "", attached: "", lines: [], omitted: 0 };
const SIZE = { slots: 1, areas: 1 };

/** Rows that the privileged process makes of what a sandbox has written. */
function rowsOf(traces: readonly Trace[]) {
  const slot = new Ring(SIZE, (_, length) => new ArrayBuffer(length)).slots[0]!;
  const bytes = new Uint8Array(traces.length * TRACE_MAX);
  let length = 0;
  for (const trace of traces) length += writeTrace(trace, bytes, length);
  slot.areas[0]!.set(bytes.subarray(0, length));
  const words = Slot.forCopies(SIZE.areas);
  words.countOutput(0, { length, packets: traces.length, unfit: 0, filtered: 0, emitted: 0 });
  return new Topology([], []).traces(slot, words);
}

Deno.test("A row has the packet's structured form, and a row between packets has none", () => {
  const form = packet({ prefix: "a\nb\x1b", icmp: { type: 3 } }).toJSON();
  const rows = rowsOf([
    { ...nothing, form: JSON.stringify(form), error: "no", attached: '{"a":1}' },
    { ...nothing, omitted: 3 },
  ]);
  assertEquals(rows, [
    { packet: form, outputs: [], error: "no", attached: '{"a":1}' },
    { outputs: [], emittedMore: 3 },
  ]);
});

Deno.test("A row whose packet is none is left out, the others stay", () => {
  const form = packet({}).toJSON();
  const wrong = [
    ...["x", "{}", "null", "[".repeat(9000), String(packet({}))],
    JSON.stringify({ ...form, length: "40\x1b[2J" }),
    JSON.stringify({ ...form, tcp: { flagNames: ["SYN"] } }),
    JSON.stringify(form).slice(0, -1),
  ];
  const rows = rowsOf([
    ...wrong.map((text) => ({ ...nothing, form: text, error: "forged" })),
    { ...nothing, form: JSON.stringify({ ...form, evil: { prefix: "\x1b" } }) },
  ]);
  assertEquals(rows, [{ packet: form, outputs: [] }]);
});
