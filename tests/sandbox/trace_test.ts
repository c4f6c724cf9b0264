import { assertEquals } from "@std/assert";
import { readTraces, TRACE_MAX, writeTrace } from "../../src/sandbox/trace.ts";

Deno.test("Records of what was decided are read as they were written, and cut where they are too long", () => {
  const out = new Uint8Array(3 * TRACE_MAX);
  const traces = [
    { mask: 5, packet: "ICMP echo request", error: "" },
    { mask: 0, packet: "ü\n\x1b", error: "Error: no" },
    { mask: 1, packet: "x".repeat(9000), error: "y".repeat(9000) },
  ];
  let at = 0;
  for (const trace of traces) at += writeTrace(trace, out, at);
  const [first, second, third] = readTraces(out.subarray(0, at));
  assertEquals([first, second], traces.slice(0, 2));
  assertEquals([third!.packet.length, third!.error.length], [4096, 4096]);
  // Anything but a record ends the list.
  assertEquals(readTraces(out.subarray(0, at - 1)).length, 2);
  assertEquals(readTraces(new Uint8Array(100).fill(255)), []);
});
