import { assertEquals, assertGreater } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { captureFrames, HAS_CAPTURES } from "../peers/frames.ts";
import { randomFrames } from "../peers/random_packets.ts";
import { Cluster, noCluster } from "../postgres/cluster.ts";
import { ethernetFile } from "../source/pcap/sample.ts";
import { COLUMNS, type ColumnType } from "../../src/output/table/columns.ts";
import { deno, must, ROOT, temporaryFolder } from "../system/process.ts";
import { testUnless } from "../system/test_unless.ts";
import { MariaServer, noServer } from "./maria_server.ts";

/** A database's SQL for values that are compared. */
type Forms = Readonly<Partial<Record<ColumnType, (column: string) => string>>>;

const POSTGRES: Forms = {
  time: (column) => `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')`,
  mac: (column) => `replace(${column}::text, ':', '')`,
  address: (column) => `encode(substring(inet_send(${column}) FROM 5), 'hex')`,
  bytes: (column) => `encode(${column}, 'hex')`,
};
const MYSQL: Forms = {
  time: (column) => `CAST(${column} AS CHAR)`,
  mac: (column) => `lower(hex(${column}))`,
  address: (column) => `lower(hex(${column}))`,
  bytes: (column) => `lower(hex(${column}))`,
};
const SQLITE: Forms = {
  time: (column) =>
    `strftime('%Y-%m-%d %H:%M:%S', ${column} / 1000000, 'unixepoch') || ` +
    `printf('.%06d', ${column} % 1000000)`,
  mac: hexOrNull,
  address: hexOrNull,
  bytes: hexOrNull,
};

/** SQLite's hexadecimal form of null is an empty text. */
function hexOrNull(column: string): string {
  return `CASE WHEN ${column} IS NOT NULL THEN lower(hex(${column})) END`;
}

/** Returns a query of all columns but those that differ between runs, joined into one text. */
function query(forms: Forms, quote: string, join: (columns: string[]) => string): string {
  const columns = COLUMNS.filter(([name]) => name !== "session").map(([name, type]) =>
    `coalesce(${(forms[type] ?? ((column) => `${column}`))(quote + name + quote)}, '-')`
      .replace(/^coalesce\((\W\w+\W), '-'\)$/, `coalesce(CAST($1 AS CHAR(3000)), '-')`)
  );
  return `SELECT ${join(columns)} AS words FROM packets ORDER BY ${quote}time${quote}`;
}

const missing = noServer() ?? await noCluster();

testUnless(
  missing,
  "PostgreSQL, MySQL and SQLite have the same in every column of every packet",
  async () => {
    await using cluster = await Cluster.start();
    await using server = await MariaServer.start();
    await using folder = await temporaryFolder();
    const { path } = folder;
    const frames = [...HAS_CAPTURES ? await captureFrames() : [], ...randomFrames(11, 3000)];
    await Deno.writeFile(`${path}/in.pcap`, ethernetFile(frames));
    await Deno.writeTextFile(
      `${path}/filter.ts`,
      `let n = 0;
export default (packet, context) => { if (++n % 3 === 0) context.attach({ n, text: "\\u2603 'x'\\\\" }); return true; };`,
    );
    const common = `hostname = "gate"\npayload = true\n`;
    await Deno.writeTextFile(
      `${path}/nfscribe.toml`,
      `[[source]]\ntype = "pcap"\npath = "in.pcap"\n[filter]\nscript = "filter.ts"\n` +
        `[output.postgres]\nurl = "${cluster.url()}"\ncreate = true\n${common}` +
        `[output.mysql]\nurl = "${server.url()}"\ncreate = true\n${common}` +
        `[output.sqlite]\npath = "nfscribe.db"\n${common}`,
    );
    await must(
      deno(
        "-A",
        "--unstable-worker-options",
        `${ROOT}main.ts`,
        "run",
        "-c",
        `${path}/nfscribe.toml`,
      ),
    );
    const dash = (columns: string[]) => columns.join(" || '|' || ");
    const postgres = (await cluster.sql(query(POSTGRES, '"', dash))).split("\n");
    const mysql = (await server.sql(
      query(MYSQL, "`", (columns) => `CONCAT_WS('|', ${columns.join(", ")})`),
      "nfscribe",
    )).replaceAll("\\\\", "\\").split("\n");
    using database = new DatabaseSync(`${path}/nfscribe.db`, { readOnly: true });
    const sqlite = database.prepare(query(SQLITE, '"', dash)).all().map(({ words }) =>
      String(words)
    );
    assertGreater(sqlite.length, frames.length * 0.9);
    assertEquals([postgres.length, mysql.length], [sqlite.length, sqlite.length]);
    // PostgreSQL orders the keys of JSON, and MySQL keeps its text.
    const plain = (row: string) => row.replace(/\{.*\}/, sortedKeys);
    for (const [index, row] of sqlite.map(plain).entries()) {
      for (const other of [postgres[index]!, mysql[index]!].map(plain)) {
        // A whole packet is too long for a message.
        if (other !== row) assertEquals(other.slice(0, 500), row.slice(0, 500), `row ${index}`);
        assertEquals(other.length, row.length);
      }
    }
  },
);

function sortedKeys(json: string): string {
  return JSON.stringify(Object.entries(JSON.parse(json)).sort());
}
