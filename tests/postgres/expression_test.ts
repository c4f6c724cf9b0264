import { assertEquals, assertGreater } from "@std/assert";
import { POSTGRES } from "../../src/filter/expression/sql/dialect.ts";
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
import { captureFrames, HAS_CAPTURES } from "../peers/frames.ts";
import { randomFrames } from "../peers/random_packets.ts";
import { testUnless } from "../system/test_unless.ts";
import { Cluster, noCluster } from "./cluster.ts";

const MISSING = await noCluster();

/** Returns bytes as PostgreSQL reads an address. */
function addressText(bytes: Uint8Array): string {
  return bytes.length === 4 ? bytes.join(".") : bytes.toHex().replaceAll(/(....)(?!$)/g, "$1:");
}

/** Writes a value of a column of a type. */
function literal(value: Stored, type: string): string {
  if (value === null) return "NULL";
  if (typeof value === "number") return String(value);
  if (typeof value === "string") return `E'${value.replaceAll(/[\\']/g, "\\$&")}'`;
  return type === "inet" ? `'${addressText(value)}'` : `'${value.toHex()}'`;
}

testUnless(
  MISSING,
  "PostgreSQL chooses the rows of the packets and flows that expressions choose",
  async () => {
    const captured = HAS_CAPTURES ? await captureFrames() : [];
    const frames = [...captured, ...cornerFrames(), ...randomFrames(21, 1500)];
    const packets = storedPackets(decodeFrames(frames));
    const seed = crypto.getRandomValues(new Uint32Array(1))[0]!;
    console.log(`seed ${seed}`);
    const asked = questions(POSTGRES, packets, seed);
    assertGreater(asked.length, 250);
    const flows = storedFlows(seed, 1000);
    await using cluster = await Cluster.start();
    for (
      const [table, columns, rows, questions] of [
        ["packets", STORED_COLUMNS, packets, asked],
        ["flows", FLOW_COLUMNS, flows, flowQuestions(POSTGRES, flows)],
      ] as const
    ) {
      const types: Readonly<Record<string, string>> = columns;
      const { insert, select } = script<string>(table, rows.map(({ row }) => row), questions, {
        numbers: "string_agg(seq::text, ',' ORDER BY seq)",
        literal: (value, column) => literal(value, types[column]!),
      });
      const definitions = Object.entries(types).map((column) => column.join(" "));
      await cluster.sql(`CREATE TABLE ${table} (${definitions.join(", ")});\n${insert}`);
      const lines = (await cluster.sql(select)).split("\n");
      assertEquals(lines.length, questions.length);
      assertEquals(compareRows(lines, questions).slice(0, 5).join("\n"), "");
    }
  },
);
