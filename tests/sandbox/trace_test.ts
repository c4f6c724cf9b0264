import { assertEquals } from "@std/assert";
import {
  FORM_MAX,
  readTraces,
  type Trace,
  TRACE_MAX,
  writeTrace,
} from "../../src/sandbox/trace.ts";

const nothing: Trace = { mask: 0, form: "", error: "", attached: "", lines: [], omitted: 0 };

function written(traces: readonly Trace[]): Uint8Array {
  const out = new Uint8Array(traces.length * TRACE_MAX);
  let at = 0;
  for (const trace of traces) at += writeTrace(trace, out, at);
  return out.subarray(0, at);
}

Deno.test("Traces are read as they were written, and cut if they are too long", () => {
  const traces: Trace[] = [
    { ...nothing, mask: 5, form: "ICMP echo request" },
    { ...nothing, form: "ü\n\x1b", error: "Error: no", attached: '{"n":12345678901234567890}' },
    { ...nothing, lines: [{ output: 1, fields: [["EVENT", "a\nb"], ["N", "1"]] }], omitted: 2 },
    { ...nothing, mask: 1, form: "ü".repeat(FORM_MAX), error: "y".repeat(9000) },
  ];
  const bytes = written(traces);
  const read = readTraces(bytes);
  assertEquals(read.slice(0, 3), traces.slice(0, 3));
  assertEquals([read[3]!.form.length, read[3]!.error.length], [FORM_MAX, 4096]);
  // Anything but a record ends the list.
  assertEquals(readTraces(bytes.subarray(0, -1)).length, 3);
  assertEquals(readTraces(new Uint8Array(100).fill(255)), []);
  // So does a packet that is longer than a sandbox makes one.
  const long = new Uint8Array(200_000);
  new Uint32Array(long.buffer).set([long.length, 0, long.length - 24]);
  assertEquals(readTraces(long), []);
});

Deno.test("Lines that do not fit into a record are counted", () => {
  const line = { output: 0, fields: [["TEXT", "ü".repeat(2000)]] } as const;
  const [trace] = readTraces(written([{ ...nothing, lines: Array(100).fill(line), omitted: 3 }]));
  assertEquals(trace!.lines.length + trace!.omitted, 103);
  assertEquals(trace!.lines.length, 16);
  assertEquals(trace!.lines[15], { output: 0, fields: [["TEXT", "ü".repeat(2000)]] });
  const long = { output: 0, fields: [["TEXT", "x".repeat(70_000)]] } as const;
  assertEquals(readTraces(written([{ ...nothing, lines: [long] }])), [{ ...nothing, omitted: 1 }]);
});

Deno.test("Invalid JSON of a sandbox is omitted from a record", () => {
  const of = (attached: string) => readTraces(written([{ ...nothing, attached }]))[0]!.attached;
  assertEquals(["", "{", '{"a":1}\n{"b":2}', "1", '"x"', "null"].map(of), Array(6).fill(""));
  assertEquals(of('{\n"a": 1.50}'), '{"a":1.50}');
  assertEquals(of("[".repeat(30_000)), "");
  const text = JSON.stringify([[1, [["A", "b"]]], [1, [["A", 2]]], [1, [["A", "b"]]]]);
  const bytes = written([{ ...nothing, lines: [{ output: 0, fields: [["x", "y".repeat(99)]] }] }]);
  const end = bytes.length;
  new TextEncoder().encodeInto(text.padEnd(end - 24), bytes.subarray(24));
  assertEquals(readTraces(bytes)[0]!.lines, [{ output: 1, fields: [["A", "b"]] }]);
});
