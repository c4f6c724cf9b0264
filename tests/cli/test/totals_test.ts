import { assertEquals } from "@std/assert";
import { jsonRow, Totals } from "../../../src/cli/test/totals.ts";
import type { TraceRow } from "../../../src/sandbox/setup.ts";

const rows: TraceRow[] = [
  { outputs: [], emitted: [{ output: "logemu", fields: [["EVENT", "start"]] }] },
  { packet: "one", outputs: ["pcap", "logemu"], attached: '{"n":12345678901234567890}' },
  { packet: "two\x9b", outputs: [], emittedMore: 2 },
  { packet: "three", outputs: ["pcap"], error: "Error: no" },
];

Deno.test("Totals count packets by output, and lines that were emitted, if any were", () => {
  const totals = new Totals(["pcap", "logemu", "db"]);
  for (const row of rows.slice(1)) totals.add(row);
  const sums = "packets 3, dropped 1, failed 1, malformed 4\noutputs: pcap 2, logemu 1, db 0";
  assertEquals(totals.text(4), `\n${sums}`);
  totals.add(rows[0]!);
  assertEquals(totals.text(4), `\n${sums}\nemitted: logemu 1`);
  assertEquals(JSON.parse(totals.json(4)), {
    packets: 3,
    dropped: 1,
    failed: 1,
    malformed: 4,
    outputs: { pcap: 2, logemu: 1, db: 0 },
    emitted: { logemu: 1 },
  });
});

Deno.test("A row as JSON is one line with all that is known, and nothing in it acts on a terminal", () => {
  assertEquals(rows.map((row, at) => jsonRow(at, row)), [
    '{"emitted":[{"output":"logemu","fields":{"EVENT":"start"}}]}',
    '{"number":1,"packet":"one","outputs":["pcap","logemu"],"attached":{"n":12345678901234567890}}',
    '{"number":2,"packet":"two\\u009b","outputs":[],"emittedMore":2}',
    '{"number":3,"packet":"three","outputs":["pcap"],"error":"Error: no"}',
  ]);
});
