import { assert, assertEquals } from "@std/assert";
import { packet } from "nfscribe/testing";
import { jsonRow, Totals } from "../../../src/cli/test/totals.ts";
import type { TraceRow } from "../../../src/sandbox/setup.ts";

const ssh = packet({ time: 0, prefix: "ssh\x9b", tcp: { destinationPort: 22 } });
const form = ssh.toJSON();

const rows: TraceRow[] = [
  { outputs: [], emitted: [{ output: "logemu", fields: [["EVENT", "start"]] }] },
  { packet: form, outputs: ["pcap", "logemu"], attached: '{"n":12345678901234567890}' },
  { packet: form, outputs: [], emittedMore: 2 },
  { packet: form, outputs: ["pcap"], error: "Error: no" },
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
  const texts = rows.map((row, at) => jsonRow(at, row));
  assertEquals(texts[0], '{"emitted":[{"output":"logemu","fields":{"EVENT":"start"}}]}');
  const packet = String(ssh);
  assertEquals(texts.slice(1).map((text) => JSON.parse(text)), [
    {
      number: 1,
      packet,
      ...form,
      outputs: ["pcap", "logemu"],
      attached: { n: Number("12345678901234567890") },
    },
    { number: 2, packet, ...form, outputs: [], emittedMore: 2 },
    { number: 3, packet, ...form, outputs: ["pcap"], error: "Error: no" },
  ]);
  assert(texts[1]!.endsWith('"attached":{"n":12345678901234567890}}'));
  assert(texts.every((text) => !/[\p{Cc}]/u.test(text)));
});
