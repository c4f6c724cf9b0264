import { assertEquals, assertThrows } from "@std/assert";
import { PREFIXES_MOST, STEPS } from "../../../src/output/table/counts/counted.ts";
import { RowCounter } from "../../../src/output/table/counts/row_counter.ts";
import { FLOWS } from "../../../src/output/table/flows.ts";
import { PACKETS } from "../../../src/output/table/packets.ts";
import { StrangeRowError } from "../../../src/output/table/row_cursor.ts";
import { flowRows, translated } from "../../databases/flow_rows.ts";
import { row, uint } from "../../databases/rows.ts";
import { concat } from "../../packet/sample.ts";

const NOON = Date.parse("2026-06-15T12:00:00Z");
const text = (value: string) => new TextEncoder().encode(value);

function packet(prefix: string, length: number, timeMs: number, protocol = 6): Uint8Array {
  return row(1, timeMs, {
    host: text("gate"),
    capture: text("nflog:1"),
    prefix: text(prefix),
    protocol: uint(protocol, 2),
    length: uint(length, 4),
  });
}

/** Returns the counts of rows of an interval, as `start key: records bytes`. */
function counted(frames: readonly Uint8Array[], step: number, table = PACKETS): string[] {
  const counter = new RowCounter(table);
  counter.add(frames);
  return counter.counts().filter((count) => count.step === step)
    .map(({ start, host, capture, prefix, protocol, records, bytes }) =>
      `${new Date(start * 1000).toISOString().slice(0, 16)} ${host} ${capture} ${prefix} ` +
      `${protocol}: ${records} ${bytes}`
    );
}

Deno.test("RowCounter counts packets by minute, hour and day, and by their keys", () => {
  const frames = [
    concat(packet("a", 40, NOON), packet("b", 50, NOON + 59_999), packet("a", 60, NOON + 59_999)),
    concat(packet("a", 70, NOON + 60_000), packet("a", 80, NOON + 60_000, 17)),
    packet("a", 90, NOON - 1),
  ];
  assertEquals(counted(frames, 60), [
    "2026-06-15T12:01 gate nflog:1 a 17: 1 80",
    "2026-06-15T11:59 gate nflog:1 a 6: 1 90",
    "2026-06-15T12:00 gate nflog:1 a 6: 2 100",
    "2026-06-15T12:01 gate nflog:1 a 6: 1 70",
    "2026-06-15T12:00 gate nflog:1 b 6: 1 50",
  ]);
  assertEquals(counted(frames, 3600), [
    "2026-06-15T12:00 gate nflog:1 a 17: 1 80",
    "2026-06-15T11:00 gate nflog:1 a 6: 1 90",
    "2026-06-15T12:00 gate nflog:1 a 6: 3 170",
    "2026-06-15T12:00 gate nflog:1 b 6: 1 50",
  ]);
  assertEquals(counted(frames, 86_400).at(-1), "2026-06-15T00:00 gate nflog:1 b 6: 1 50");
});

Deno.test("RowCounter tells prefixes apart whose slots are the same", () => {
  const prefixes = Array.from({ length: 700 }, (_, index) => `rule ${index}: `);
  const frames = [1, 2, 3].map(() => concat(...prefixes.map((text) => packet(text, 1, NOON))));
  const lines = counted(frames, 60);
  assertEquals(lines.length, prefixes.length);
  assertEquals(lines.filter((line) => !line.endsWith(": 3 3")), []);
});

Deno.test("RowCounter counts further prefixes together", () => {
  const prefixes = Array.from({ length: PREFIXES_MOST + 5 }, (_, index) => `rule ${index}`);
  const lines = counted([concat(...prefixes.map((text) => packet(text, 2, NOON)))], 60);
  assertEquals(lines.length, PREFIXES_MOST + 1);
  assertEquals(lines.filter((line) => line.includes(" * ")), [
    "2026-06-15T12:00 gate nflog:1 * 6: 5 10",
  ]);
});

Deno.test("RowCounter counts the bytes of flows once they have ended", () => {
  const flow = { host: 1, port: 2, outerPort: 3, start: NOON / 1000, id: 4 };
  const rows = flowRows([translated(flow), translated({ ...flow, end: NOON / 1000 + 60 })]);
  assertEquals(counted([rows], 3600, FLOWS), [
    `2026-06-15T12:00 gate conntrack  17: 2 ${3 * 2 ** 33}`,
  ]);
});

Deno.test("RowCounter refuses bytes that are no rows, and counts times after the year 9999", () => {
  const whole = packet("a", 1, NOON);
  for (const strange of [whole.slice(0, -1), Uint8Array.of(0), new Uint8Array(200).fill(1)]) {
    assertThrows(() => new RowCounter(PACKETS).add([strange]), StrangeRowError);
  }
  const late = row(1, NOON, { time: new Uint8Array(8).fill(0x7f) });
  assertEquals(counted([late], STEPS[0]), ["9999-12-31T23:59    -1: 1 0"]);
});
