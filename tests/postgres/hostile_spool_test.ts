import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Spooler } from "../../src/output/delivery/spooler.ts";
import { must, temporaryFolder, until } from "../system/process.ts";
import { type Database, testOnServer } from "./database.ts";
import { openWriter, row } from "./sending.ts";

const SILENT = { info() {}, warn() {} };
/** Leaves frames in a spool, as an earlier session would, each with a claimed number of rows. */
function leave(folder: string, frames: readonly (readonly [bytes: Uint8Array, rows: number])[]) {
  const session = crypto.randomUUID();
  const options = { folder, limit: 2 ** 30, sync: "off", whenFull: "drop", session } as const;
  const spooler = new Spooler(options, SILENT, () => {});
  for (const [bytes, rows] of frames) spooler.append(bytes, rows);
  spooler.close();
}

/** Sends the rows in a spool, and one row more. */
async function send(database: Database, spool: string) {
  const said: string[] = [];
  const record = (message: string) => void said.push(message);
  const url = database.cluster.url(database.name);
  const writer = await openWriter(url, spool, { info: record, warn: record });
  writer.write(row(), 1);
  await until("the new row is there", () => writer.delivery.written === 1)
    .catch((error) => said.push(String(error)));
  const figures = writer.figures();
  writer.hurry();
  await writer.close();
  return { said, figures };
}

/** JSON nested too deeply for the server's stack. */
const DEEP = new TextEncoder().encode(`\x01${"[".repeat(200_000)}${"]".repeat(200_000)}`);

/** Invalid contents of a frame next to a valid row, and the part that is quarantined. */
const NONSENSE: readonly [name: string, bytes: Uint8Array][] = [
  ["bytes that are no row", new Uint8Array(300).fill(0x41)],
  ["half a row", row().subarray(0, 60)],
  ["COPY's end", Uint8Array.of(0xff, 0xff)],
  ["a number that is too short", row({ column: "mark", bytes: new Uint8Array(4) })],
  ["a UUID that is too short", row({ column: "session", bytes: new Uint8Array(3) })],
  ["jsonb of an unknown version", row({ column: "extra", bytes: Uint8Array.of(9, 0x31) })],
  ["jsonb that is none", row({ column: "extra", bytes: Uint8Array.of(1, 0x7b) })],
  ["jsonb that is too deep", row({ column: "extra", bytes: DEEP })],
  ["an address that is none", row({ column: "source_address", bytes: new Uint8Array(8).fill(2) })],
  ["text with a NUL", row({ column: "prefix", bytes: new Uint8Array(3) })],
];

await testOnServer("A spool with data of another program", {
  async "Nonsense goes to the quarantine, and every good row into the table"(database) {
    for (const [name, bytes] of NONSENSE) {
      await using folder = await temporaryFolder();
      const spool = `${folder.path}/spool`;
      await database.psql("DROP SCHEMA public CASCADE; CREATE SCHEMA public");
      leave(spool, [
        [row(), 1],
        [new Uint8Array([...row(), ...bytes]), 2],
        [row(), 1],
      ]);
      const { said, figures } = await send(database, spool);
      assertEquals(await database.psql("SELECT count(*) FROM packets"), "4", `${name}: ${said}`);
      assertEquals([figures.recovered, figures.quarantined], [3, 1], name);
      const lines = (await Deno.readTextFile(`${spool}/quarantine.jsonl`)).trim().split("\n");
      assertEquals(lines.map((line) => JSON.parse(line).row), [bytes.toBase64()], name);
      const warnings = said.filter((message) => message.includes("quarantine.jsonl"));
      assertEquals(warnings.length, 1, name);
      assertStringIncludes(warnings[0]!, "The server refuses 1 of 4 rows");
    }
  },

  async "Folders, pipes and links in the spool, and in the quarantine's place, block nothing"(
    database,
  ) {
    await using folder = await temporaryFolder();
    const spool = `${folder.path}/spool`;
    leave(spool, [[new Uint8Array([...row(), 7]), 1]]);
    const [good] = [...Deno.readDirSync(spool)].map(({ name }) => name)
      .filter((name) => name.endsWith(".rows"));
    const path = (digit: number) => `${spool}/${good!.replace(/^\d+/, `000000000000000${digit}`)}`;
    await Deno.mkdir(path(1));
    await must(["mkfifo", path(2)]);
    await Deno.symlink(`${spool}/${good}`, path(3));
    await must(["mkfifo", `${spool}/quarantine.jsonl`]);
    const { said } = await send(database, spool);
    assertEquals(await database.psql("SELECT count(*) FROM packets"), "2", String(said));
    for (const digit of [1, 2, 3]) {
      assertEquals(said.filter((message) => message.startsWith(path(digit))).length, 1);
    }
    assert((await Deno.lstat(`${spool}/quarantine.jsonl`)).isFile);
    assert((await Deno.lstat(`${spool}/quarantine.jsonl.damaged`)).isFifo);
  },
});
