/**
 * Outputs of rows for the conformance suites: rows are read as their columns say.
 *
 * @module
 */

import type { RawPacket } from "../../../src/packet/raw_packet.ts";
import type { Options } from "../../../src/definition.ts";
import { cutRows, describeRow } from "../../../src/output/table/parse_row.ts";
import { allOf, micros, type OutputFixture, type Shown } from "./fixture.ts";

function shown(row: Uint8Array): Shown {
  const columns = describeRow(row);
  const number = (name: string) => columns[name] === undefined ? undefined : Number(columns[name]);
  return {
    time: micros(columns.time!),
    source: columns.source_address,
    destination: columns.destination_address,
    sourcePort: number("source_port"),
    destinationPort: number("destination_port"),
    length: number("length"),
    prefix: columns.prefix,
    hook: number("hook"),
    in: columns.in_dev,
    out: columns.out_dev,
    mark: number("mark"),
    uid: number("uid"),
    gid: number("gid"),
    seq: number("seq"),
    payload: columns.payload?.slice(2),
  };
}

/** Returns the fixture of an output of rows; its table has these keys beside a place in a folder. */
function rowsOf(place: (folder: string) => Record<string, unknown>, server: string): OutputFixture {
  return {
    variants: [false, true].map((payload) => ({ payload, hostname: "gate" })),
    place: (folder) => ({ spool: `${folder}/spool`, ...place(folder) }),
    read(bytes) {
      const { rows, strange } = cutRows([bytes]);
      if (strange.length > 0) throw new Error("bytes that are no row");
      return rows.map(shown);
    },
    shows(packet: RawPacket, options: Options) {
      const { isWhole: _, payload, ...all } = allOf(packet);
      return { ...all, ...options.payload === true && { payload } };
    },
    server,
    misfits: () => [],
    exceptions: () => ({
      unfit: "there is a row for every packet",
      "loss marks": "a row stands for a packet",
      "torn end": "rows leave the spool before it is closed; the spool has tests of its own",
      reopen: "there is no file to move",
      "slow reader": "there is no pipe; a slow server has its own tests",
      "full disk": "the spool has a limit of its own, and its own tests",
    }),
  };
}

/** The Postgres output. */
export const postgres = rowsOf(() => ({}), "tests/postgres/conformance_test.ts");
/** The SQLite output. */
export const sqlite = rowsOf(
  (folder) => ({ path: `${folder}/nfscribe.db` }),
  "tests/databases/conformance_test.ts",
);
/** The MySQL output. */
export const mysql = rowsOf(() => ({}), "tests/databases/conformance_test.ts");
/** The ClickHouse output. */
export const clickhouse = rowsOf(() => ({}), "tests/databases/conformance_test.ts");
