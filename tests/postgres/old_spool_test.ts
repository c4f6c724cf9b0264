import { assertEquals } from "@std/assert";
import { temporaryFolder, until } from "../system/process.ts";
import { testOnServer } from "./database.ts";
import { openWriter, row } from "./sending.ts";

const GOLDEN = new URL("../golden/spool/postgres/", import.meta.url);

await testOnServer("A spool that an earlier version has left", {
  async "arrives once, also where its files are there again"(database) {
    const url = database.cluster.url(database.name);
    for (const round of [1, 2]) {
      await using folder = await temporaryFolder();
      for await (const { name } of Deno.readDir(GOLDEN)) {
        await Deno.copyFile(new URL(name, GOLDEN), `${folder.path}/${name}`);
      }
      const writer = await openWriter(url, folder.path, { info() {}, warn() {} });
      writer.write(row(), 1);
      await until("the new row is there", () => writer.delivery.written === 1);
      assertEquals(writer.figures().recovered, round === 1 ? 7 : 0);
      await writer.close();
      assertEquals([...Deno.readDirSync(folder.path)].map(({ name }) => name), ["lock"]);
      // The last row of the second session is cut off.
      assertEquals(
        await database.psql("SELECT string_agg(mark::text, ' ' ORDER BY mark) FROM packets"),
        "1 2 3 4 11 12 13",
      );
      assertEquals(await database.psql("SELECT count(*) FROM packets"), String(7 + round));
    }
  },
});
