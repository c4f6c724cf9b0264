import { assertEquals, assertGreater } from "@std/assert";
import { MYSQL } from "../../src/filter/expression/sql/dialect.ts";
import { TYPES } from "../../src/output/mysql/dialect.ts";
import { COLUMNS } from "../../src/output/table/columns.ts";
import { decodeFrames } from "../filter/expression/decode_frames.ts";
import {
  compareRows,
  questions,
  script,
  STORED_COLUMNS,
  storedPackets,
} from "../filter/expression/stored_packets.ts";
import { cornerFrames } from "../peers/corner_packets.ts";
import { randomFrames } from "../peers/random_packets.ts";
import { MariaServer, noServer } from "./maria_server.ts";

const MISSING = noServer();
const NEEDS = MISSING === undefined ? "" : ` (${MISSING})`;

/** Options of nfscribe's table. */
const OPTIONS = "CHARACTER SET utf8mb4 COLLATE utf8mb4_bin";

Deno.test({
  name: `MariaDB chooses the rows of the packets that expressions choose${NEEDS}`,
  ignore: MISSING !== undefined,
  fn: async () => {
    const packets = storedPackets(decodeFrames([...cornerFrames(), ...randomFrames(22, 1500)]));
    const seed = crypto.getRandomValues(new Uint32Array(1))[0]!;
    console.log(`seed ${seed}`);
    const asked = questions(MYSQL, packets, seed);
    assertGreater(asked.length, 250);
    const { insert, select } = script(packets, asked, {
      numbers: "COALESCE(GROUP_CONCAT(seq ORDER BY seq), '')",
      literal: (value) => {
        if (value === null) return "NULL";
        if (typeof value === "number") return String(value);
        if (typeof value !== "string") return `x'${value.toHex()}'`;
        return `_utf8mb4 x'${new TextEncoder().encode(value).toHex()}'`;
      },
    });
    const columns = COLUMNS.filter(([name]) => Object.hasOwn(STORED_COLUMNS, name))
      .map(([name, type]) => `\`${name}\` ${TYPES[type]}`);
    await using server = await MariaServer.start();
    await server.database("asked");
    await server.sql(
      `CREATE TABLE packets (${columns.join(", ")}) ${OPTIONS};\n${insert}`,
      "asked",
    );
    const lines = await server.sql(
      `SET SESSION group_concat_max_len = 10000000;\n${select}`,
      "asked",
    );
    assertEquals(compareRows(lines.trimEnd().split("\n"), asked).slice(0, 5).join("\n"), "");
  },
});
