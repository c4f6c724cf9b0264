import { assertEquals } from "@std/assert";
import { schemaScript as mysqlSchema } from "../../src/output/mysql/schema.ts";
import { schemaScript as postgresSchema } from "../../src/output/postgres/schema.ts";
import { parseTable } from "../../src/output/postgres/table.ts";
import { Cluster, noCluster } from "../postgres/cluster.ts";
import { panelsOf, replaced } from "./grafana.ts";
import { MariaServer, noServer } from "./maria_server.ts";
import { PACKETS } from "../../src/output/table/packets.ts";
import { testUnless } from "../system/test_unless.ts";

/** 2026-01-31 12:00 UTC, in seconds since the Unix epoch; the time range is the hour after it. */
const FROM = Date.UTC(2026, 0, 31, 12) / 1000;
const TO = FROM + 3600;
const DROPPED = "'drop|deny'";

/** Columns of the rows, and the rows: the first one is before the time range. */
const NAMES = [
  ...["time", "host", "capture", "session", "seq", "prefix", "source_address"],
  ...["protocol", "destination_port", "length"],
];
const [GATE, RUN] = ["'gate', 'nflog:1'", "12345678-0000-4000-8000-000000000001"];
const rows = (address: (text: string) => string, session: string): string =>
  [
    ["11:59:59", 0, "'drop: '", "192.0.2.9", 6, 22, 60],
    ["12:00:00", 1, "'drop: '", "192.0.2.1", 6, 22, 60],
    ["12:00:30", 2, "'DROP: '", "192.0.2.1", 6, 22, 40],
    ["12:01:00", 4, "'accept: '", "192.0.2.2", 6, 443, 1500],
    ["12:01:59.999999", 7, "NULL", "2001:db8::1", 17, 53, 100],
  ].map(([time, seq, prefix, source, ...rest]) =>
    `('2026-01-31 ${time}', ${GATE}, ${session}, ${seq}, ${prefix}, ` +
    `${address(`${source}`)}, ${rest.join(", ")})`
  ).join(",\n");

/** Results of both dashboards' panels: fields that are separated by `|`. */
const EXPECTED: Readonly<Record<string, readonly string[]>> = {
  // One packet in a minute is 1/60 a second.
  "Packets by prefix": [
    `${FROM}|DROP: |0.0167`,
    `${FROM}|drop: |0.0167`,
    `${FROM + 60}||0.0167`,
    `${FROM + 60}|accept: |0.0167`,
  ],
  "Packets by action": [`${FROM}|dropped|0.0333`, `${FROM + 60}|other|0.0333`],
  "Top talkers": ["192.0.2.1|2|100", "192.0.2.2|1|1500", "2001:db8::1|1|100"],
  "Drops": ["192.0.2.1|6|22|DROP: |1", "192.0.2.1|6|22|drop: |1"],
  "Top ports": ["6|22|2|1", "6|443|1|1", "17|53|1|1"],
  // Of 1 to 7 there are 1, 2, 4 and 7.
  "Losses": ["gate|nflog:1|3"],
};

/** Runs every query of a dashboard, and compares the results. */
async function checkDashboard(
  name: string,
  values: readonly (readonly [RegExp, string])[],
  run: (query: string) => Promise<string>,
): Promise<void> {
  const panels = await panelsOf(name);
  assertEquals(panels.map(({ title }) => title), Object.keys(EXPECTED));
  for (const { title, targets } of panels) {
    const found: string[] = [];
    for (const { rawSql } of targets) {
      found.push(...(await run(replaced(rawSql!, values))).split("\n"));
    }
    const rounded = found.map((line) => line.replace(/\d+\.\d{4,}$/, (n) => Number(n).toFixed(4)));
    // Rows of equal count may come in any order.
    assertEquals(rounded.toSorted(), EXPECTED[title]!.toSorted(), `${name}: ${title}`);
  }
}

const COMMON = [[/\$__interval_ms/g, "60000"], [/\$\{dropped:sqlstring\}/g, DROPPED]] as const;

const noPostgres = await noCluster();
testUnless(noPostgres, "Grafana's dashboard of PostgreSQL is right for known rows", async () => {
  await using cluster = await Cluster.start({ settings: ["timezone = 'Asia/Tokyo'"] });
  await cluster.sql(postgresSchema([[PACKETS, parseTable("packets")]]));
  const known = rows((text) => `'${text}'`, `'${RUN}'`).replaceAll(/('2026[^']*)'/g, "$1+00'");
  await cluster.sql(`INSERT INTO packets (${NAMES.join(", ")}) VALUES ${known}`);
  // As Grafana writes them (its documentation, "PostgreSQL query editor", macros).
  const time = (seconds: number) => `'${new Date(seconds * 1000).toISOString()}'`;
  await checkDashboard("postgres", [
    [/\$__timeFilter\(time\)/g, `time BETWEEN ${time(FROM)} AND ${time(TO)}`],
    [
      /\$__timeGroupAlias\(time, \$__interval\)/g,
      'floor(extract(epoch from time)/60)*60 AS "time"',
    ],
    ...COMMON,
  ], (query) => cluster.sql(query));
});

const noMysql = noServer();
testUnless(
  noMysql,
  "Grafana's dashboard of MySQL is right for known rows, whatever the server's time zone",
  async () => {
    await using server = await MariaServer.start(["default-time-zone=+09:00"]);
    await server.sql(mysqlSchema([[PACKETS, "packets"]]), "nfscribe");
    const session = `UNHEX('${RUN.replaceAll("-", "")}')`;
    const known = rows((text) => `INET6_ATON('${text}')`, session);
    await server.sql(`INSERT INTO packets (${NAMES.join(", ")}) VALUES ${known}`, "nfscribe");
    await checkDashboard("mysql", [
      [/\$__unixEpochFrom\(\)/g, String(FROM)],
      [/\$__unixEpochTo\(\)/g, String(TO)],
      ...COMMON,
    ], async (query) => (await server.sql(query, "nfscribe")).replaceAll("\t", "|"));
  },
);
