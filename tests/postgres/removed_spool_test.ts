import { assert, assertEquals } from "@std/assert";
import { delay } from "@std/async/delay";
import { temporaryFolder, until } from "../system/process.ts";
import { testUnless } from "../system/test_unless.ts";
import type { PostgresWriter } from "../../src/output/postgres/writer.ts";
import { Cluster, noCluster } from "./cluster.ts";
import { openWriter, row } from "./sending.ts";

const MISSING = await noCluster();

/** Starts a cluster, a spool and the output, and stops the server; rows are added by number. */
async function away() {
  const cluster = await Cluster.start();
  const folder = await temporaryFolder();
  const spool = `${folder.path}/spool`;
  const said: string[] = [];
  const record = (message: string) => void said.push(message);
  const log = { info: record, warn: record };
  const writer = await openWriter(cluster.url(), spool, log, { spoolSync: "second" });
  const add = (count: number, bytes = 0) => {
    const added = bytes === 0 ? row() : row({ column: "payload", bytes: new Uint8Array(bytes) });
    for (let index = 0; index < count; index++) writer.write(added, 1);
  };
  add(1);
  await until("the first row is there", () => writer.delivery.written === 1);
  await cluster.stop();
  // Three segments and a bit; the sender has the first one open.
  add(50, 1_000_000);
  await until("the server's absence is logged", () => said.some((line) => /wait in/.test(line)));
  return {
    cluster,
    spool,
    said,
    writer,
    add,
    async [Symbol.asyncDispose]() {
      writer.hurry();
      await writer.close();
      await cluster[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

function settled({ delivery }: PostgresWriter): boolean {
  return delivery.spooled === 0;
}

const REMOVALS: readonly [name: string, remove: (spool: string) => void][] = [
  ["files", (spool) => {
    for (const { name } of Deno.readDirSync(spool)) {
      if (name.endsWith(".rows")) Deno.removeSync(`${spool}/${name}`);
    }
  }],
  ["folder", (spool) => Deno.removeSync(spool, { recursive: true })],
  ["folder, in whose place is a file,", (spool) => {
    Deno.removeSync(spool, { recursive: true });
    Deno.writeTextFileSync(spool, "");
    setTimeout(() => Deno.removeSync(spool), 2000);
  }],
];

for (const [name, remove] of REMOVALS) {
  testUnless(
    MISSING,
    `A spool's ${name} removed while the server is away: what is gone is counted, the rest arrives`,
    async () => {
      await using run = await away();
      const { writer, cluster, said, spool } = run;
      remove(spool);
      await delay(3000);
      run.add(5);
      assert([...Deno.readDirSync(spool)].some(({ name }) => name.endsWith(".rows")), String(said));
      await cluster.restart();
      run.add(5);
      await until("nothing waits", () => settled(writer), 30_000).catch((error) => {
        throw new Error(`${error.message}: ${JSON.stringify(writer.delivery)} ${said.join("\n")}`);
      });
      const { written, failed } = writer.delivery;
      assertEquals(await cluster.sql("SELECT count(*) FROM packets"), String(written));
      assertEquals([written + failed, written >= 11], [61, true], said.join("\n"));
      assert(failed > 30, "those in the second and the third segment");
      const lost = said.flatMap((line) =>
        /^Records in the spool .* are lost: (\d+)$/.exec(line)?.[1] ?? []
      );
      assertEquals(lost.reduce((sum, count) => sum + Number(count), 0), failed);
      assert(said.some((line) => line.includes(".rows was removed")), said.join("\n"));
    },
  );
}
