import { assertEquals, assertGreater } from "@std/assert";
import { MYSQL } from "../../src/filter/expression/sql/dialect.ts";
import { TYPES } from "../../src/output/mysql/dialect.ts";
import { COLUMNS } from "../../src/output/table/columns.ts";
import { decodeFrames } from "../filter/expression/decode_frames.ts";
import {
  compareRows,
  questions,
  script,
  type Stored,
  STORED_COLUMNS,
  storedPackets,
} from "../filter/expression/stored_packets.ts";
import { FLOW_COLUMNS, flowQuestions, storedFlows } from "../filter/expression/stored_flows.ts";
import { cornerFrames } from "../peers/corner_packets.ts";
import { randomFrames } from "../peers/random_packets.ts";
import { testUnless } from "../system/test_unless.ts";
import { MariaServer, noServer } from "./maria_server.ts";

const MISSING = noServer();

/** Types of the columns of flows. */
const FLOW_TYPES = {
  bigint: "BIGINT",
  integer: "INT",
  smallint: "SMALLINT",
  text: "TEXT",
  inet: "VARBINARY(16)",
  "double precision": "DOUBLE",
  jsonb: "JSON",
} as const;
const LITERALS = {
  numbers: "COALESCE(GROUP_CONCAT(seq ORDER BY seq), '')",
  literal: (value: Stored) => {
    if (value === null) return "NULL";
    if (typeof value === "number") return String(value);
    if (typeof value !== "string") return `x'${value.toHex()}'`;
    return `_utf8mb4 x'${new TextEncoder().encode(value).toHex()}'`;
  },
};
/** Options of nfscribe's table. */
const OPTIONS = "CHARACTER SET utf8mb4 COLLATE utf8mb4_bin";

testUnless(
  MISSING,
  "MariaDB chooses the rows of the packets and flows that expressions choose",
  async () => {
    const packets = storedPackets(decodeFrames([...cornerFrames(), ...randomFrames(22, 1500)]));
    const seed = crypto.getRandomValues(new Uint32Array(1))[0]!;
    console.log(`seed ${seed}`);
    const asked = questions(MYSQL, packets, seed);
    assertGreater(asked.length, 250);
    const columnsOf = COLUMNS.filter(([name]) => Object.hasOwn(STORED_COLUMNS, name))
      .map(([name, type]) => `\`${name}\` ${TYPES[type]}`);
    const flows = storedFlows(seed, 1000);
    const flowColumns = Object.entries(FLOW_COLUMNS)
      .map(([name, type]) => `\`${name}\` ${FLOW_TYPES[type]}`);
    await using server = await MariaServer.start();
    await server.database("asked");
    for (
      const [table, columns, rows, questions] of [
        ["packets", columnsOf, packets, asked],
        ["flows", flowColumns, flows, flowQuestions(MYSQL, flows)],
      ] as const
    ) {
      const { insert, select } = script<string>(
        table,
        rows.map(({ row }) => row),
        questions,
        LITERALS,
      );
      await server.sql(
        `CREATE TABLE ${table} (${columns.join(", ")}) ${OPTIONS};\n${insert}`,
        "asked",
      );
      const lines = await server.sql(
        `SET SESSION group_concat_max_len = 10000000;\n${select}`,
        "asked",
      );
      assertEquals(compareRows(lines.trimEnd().split("\n"), questions).slice(0, 5).join("\n"), "");
    }
  },
);
