import { assertEquals, assertStringIncludes } from "@std/assert";
import { parserOf } from "../../src/pcap/read/parser.ts";
import { newRecord, Step } from "../../src/pcap/read/record.ts";
import { Window } from "../../src/pcap/read/window.ts";
import type { Row } from "../../src/output/table/reading.ts";
import { pcapDownload, pcapngDownload } from "../../src/web/server/download/captures.ts";
import { csvDownload } from "../../src/web/server/download/csv.ts";
import type { DownloadFormat } from "../../src/web/server/download/format.ts";
import { jsonDownload } from "../../src/web/server/download/json.ts";
import { MadeUp } from "./made_up.ts";
import { MemoryStore } from "./memory_store.ts";

const ALL = { kind: "packet", span: { fromMs: 0, toMs: 1e15 } } as const;
const BUDGET = { ms: 1000, signal: new AbortController().signal };

/** Returns some rows with their bytes. */
async function someRows(): Promise<[Row, Uint8Array | undefined][]> {
  await using store = new MemoryStore();
  new MadeUp(store).fill(1.7e12, 1.7e12 + 60_000, 200);
  const found: [Row, Uint8Array | undefined][] = [];
  await store.each(ALL, (row, payload) => {
    found.push([row, payload]);
    return Promise.resolve(true);
  }, BUDGET);
  return found;
}

function fileOf(
  format: DownloadFormat,
  rows: readonly [Row, Uint8Array | undefined][],
): Uint8Array {
  const parts = [
    format.head(),
    ...rows.map(([row, payload]) => format.record(row, payload)),
    format.end?.() ?? new Uint8Array(0),
  ];
  return new Uint8Array(parts.flatMap((part) => [...part]));
}

/** Returns the times and the bytes of a capture file's packets. */
function packetsOf(file: Uint8Array): [time: string, bytes: Uint8Array][] {
  const [window, record] = [new Window(), newRecord()];
  window.room().set(file);
  window.filled += file.length;
  window.isLast = true;
  const parser = parserOf(window)!;
  const packets: [string, Uint8Array][] = [];
  while (parser.next(window, record) === Step.RECORD) {
    const { seconds, nanoseconds, data, captured } = record;
    const second = new Date(seconds * 1000).toISOString().slice(0, 19);
    const time = `${second}.${String(nanoseconds / 1000).padStart(6, "0")}Z`;
    packets.push([time, window.bytes.slice(data, data + captured)]);
    window.skip(record.size);
  }
  return packets;
}

function textOf(format: DownloadFormat, rows: readonly Row[]): string {
  return new TextDecoder().decode(fileOf(format, rows.map((row) => [row, undefined])));
}

Deno.test("Stored packets become capture files with their bytes and times", async () => {
  const rows = await someRows();
  for (const format of [pcapDownload(), pcapngDownload()]) {
    const bytes = fileOf(format, rows);
    const packets = packetsOf(bytes);
    assertEquals(packets, rows.map(([{ time }, payload]) => [time, payload!]));
    const times = packets.map(([time]) => time);
    assertEquals(times, times.toSorted());
  }
});

Deno.test("pcapng holds the interface, the prefix and what else the row knows", async () => {
  const rows = await someRows();
  const text = new TextDecoder("latin1").decode(fileOf(pcapngDownload(), rows));
  assertStringIncludes(text, 'prefix="DROP in "');
  assertStringIncludes(text, "lan0");
});

Deno.test("A capture file of nothing is a capture file", () => {
  assertEquals(fileOf(pcapDownload(), []).length, 24);
  const bytes = fileOf(pcapngDownload(), []);
  assertEquals([...bytes.subarray(0, 4)], [0x0a, 0x0d, 0x0d, 0x0a]);
});

Deno.test("Rows without bytes are left out of capture files", async () => {
  const [[row]] = await someRows() as [[Row, Uint8Array]];
  assertEquals(pcapDownload().record(row, undefined).length, 0);
  assertEquals(pcapngDownload().record(row, undefined).length, 0);
});

Deno.test("Cells of CSV are quoted, and none is a formula", () => {
  const row = (prefix: string) =>
    ({
      type: "packet",
      version: 1,
      time: "2026-01-31T10:00:00.000000Z",
      prefix,
      rowId: "1",
    }) as Row;
  const cells = [
    ["a,b", '"a,b"'],
    ['a"b', '"a""b"'],
    ["a\r\nb", '"a\r\nb"'],
    // The separator of spreadsheets where commas are decimal.
    ["a;=1+1", '"a;=1+1"'],
    ["a\t=1+1", '"a\t=1+1"'],
    ["=1+1", "'=1+1"],
    ["@x", "'@x"],
    ["-x", "'-x"],
    ["-1+cmd", "'-1+cmd"],
    ["-1", "'-1"],
    ["+1", "'+1"],
    ["\tx", `"'\tx"`],
    ["\r=1", `"'\r=1"`],
    ["\n=1", `"'\n=1"`],
    ["＝1", "'＝1"],
    ["＋1", "'＋1"],
    ["－1", "'－1"],
    ["＠x", "'＠x"],
    ["DROP in ", "DROP in "],
    ["a=1", "a=1"],
  ] as const;
  const [, ...lines] = textOf(csvDownload("packet"), cells.map(([prefix]) => row(prefix))).split(
    /\r\n(?=2026|$)/,
  );
  assertEquals(
    lines.slice(0, -1).map((line) => /^[^,]*,,,(.*?),{10}/s.exec(line)?.[1]),
    cells.map(([, cell]) => cell),
  );
});

Deno.test("JSON is a record a line in the structured form", async () => {
  const rows = (await someRows()).map(([row]) => row);
  const lines = textOf(jsonDownload(), rows).trimEnd().split("\n");
  assertEquals(
    lines.map((line) => JSON.parse(line)),
    rows.map(({ rowId: _, ...record }) => record),
  );
});
