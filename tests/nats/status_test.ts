import { assertEquals } from "@std/assert";
import { noStats } from "../../src/output/output.ts";
import { parseStatus, statusText } from "../../src/nats/format/status.ts";

const COUNTERS = {
  sources: {
    "nflog:1": { received: 90, lost: 10, malformed: 0, foreign: 0 },
    "nflog:2": { received: 5, lost: 0, malformed: 0, foreign: 0 },
  },
  filter: { passed: 95, dropped: 0, failed: 0, timedOut: 0 },
  outputs: { nats: { ...noStats(), written: 80, spooled: 15 } },
};
const SENDER = { host: "gate", session: "a", output: "nats", startedMs: 1, isStopping: false };

const parsed = (text: string) => parseStatus(new TextEncoder().encode(text));

Deno.test("a status is read as it was written", () => {
  assertEquals(parsed(statusText(COUNTERS, SENDER, 2000)), {
    ...{ host: "gate", session: "a", isStopping: false },
    ...{ logged: 105, lost: 10, sent: 80 },
  });
});

Deno.test("anything else is no status", () => {
  const right = JSON.parse(statusText(COUNTERS, SENDER, 2000));
  const wrong = [
    { ...right, version: 2 },
    { ...right, host: "" },
    { ...right, host: 5 },
    { ...right, session: null },
    { ...right, sources: [] },
    { ...right, sources: { a: { received: -1, lost: 0 } } },
    { ...right, sources: { a: { received: 1e300, lost: 0 } } },
    { ...right, output: {} },
    [],
    null,
  ];
  for (const value of wrong) assertEquals(parsed(JSON.stringify(value)), undefined);
  assertEquals(parsed("{"), undefined);
  assertEquals(parseStatus(Uint8Array.of(0xff, 0xfe)), undefined);
  assertEquals(parsed(JSON.stringify({ ...right, padding: "x".repeat(70_000) })), undefined);
});
