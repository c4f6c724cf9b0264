import { assertEquals, assertGreater } from "@std/assert";
import { POSTGRES } from "../../src/filter/expression/sql/dialect.ts";
import { decodeFrames } from "../filter/expression/decode_frames.ts";
import {
  compareRows,
  questions,
  script,
  STORED_COLUMNS,
  storedPackets,
} from "../filter/expression/stored_packets.ts";
import { cornerFrames } from "../peers/corner_packets.ts";
import { captureFrames, HAS_CAPTURES } from "../peers/frames.ts";
import { randomFrames } from "../peers/random_packets.ts";
import { Cluster, noCluster } from "./cluster.ts";

const MISSING = await noCluster();
const NEEDS = MISSING === undefined ? "" : ` (${MISSING})`;

/** Returns bytes as PostgreSQL reads an address. */
function addressText(bytes: Uint8Array): string {
  return bytes.length === 4 ? bytes.join(".") : bytes.toHex().replaceAll(/(....)(?!$)/g, "$1:");
}

Deno.test({
  name: `PostgreSQL chooses the rows of the packets that expressions choose${NEEDS}`,
  ignore: MISSING !== undefined,
  fn: async () => {
    const captured = HAS_CAPTURES ? await captureFrames() : [];
    const frames = [...captured, ...cornerFrames(), ...randomFrames(21, 1500)];
    const packets = storedPackets(decodeFrames(frames));
    const seed = crypto.getRandomValues(new Uint32Array(1))[0]!;
    console.log(`seed ${seed}`);
    const asked = questions(POSTGRES, packets, seed);
    assertGreater(asked.length, 250);
    const { insert, select } = script(packets, asked, {
      numbers: "string_agg(seq::text, ',' ORDER BY seq)",
      literal: (value, column) => {
        if (value === null) return "NULL";
        if (typeof value === "number") return String(value);
        if (typeof value === "string") return `E'${value.replaceAll(/[\\']/g, "\\$&")}'`;
        return STORED_COLUMNS[column] === "inet" ? `'${addressText(value)}'` : `'${value.toHex()}'`;
      },
    });
    await using cluster = await Cluster.start();
    const columns = Object.entries(STORED_COLUMNS).map((column) => column.join(" "));
    await cluster.sql(`CREATE TABLE packets (${columns.join(", ")});\n${insert}`);
    const lines = (await cluster.sql(select)).split("\n");
    assertEquals(lines.length, asked.length);
    assertEquals(compareRows(lines, asked).slice(0, 5).join("\n"), "");
  },
});
