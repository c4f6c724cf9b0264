import { assertEquals, assertLess, assertMatch } from "@std/assert";
import { delay } from "@std/async/delay";
import { temporaryFolder, until } from "../system/process.ts";
import { type Database, testOnServer } from "./database.ts";
import { openWriter, row } from "./sending.ts";

/** Sends a row while the server fails, and once more when it works. */
async function failFor(
  database: Database,
  ms: number,
  { begin, end }: { begin: string; end: string },
): Promise<string[]> {
  await using folder = await temporaryFolder();
  const said: string[] = [];
  const record = (message: string) => void said.push(message);
  const url = database.cluster.url(database.name);
  const writer = await openWriter(url, folder.path, { info: record, warn: record });
  await database.psql(begin);
  writer.write(row(), 1);
  await until("it fails", () => said.some((message) => message.includes("wait in the spool")));
  await delay(ms);
  assertLess(writer.figures().retries!, 8);
  await database.psql(end);
  await until("the row is there", () => writer.delivery.written === 1);
  await writer.close();
  return said.filter((message) => !message.startsWith("The table"));
}

await testOnServer("A server that takes connections, and no rows", {
  async "is logged once, retried less and less often, and logged once more"(database) {
    const said = await failFor(database, 4000, {
      begin: `CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'no space left on device' USING ERRCODE = '53100'; END $$;
        CREATE TRIGGER fail BEFORE INSERT ON packets FOR EACH ROW EXECUTE FUNCTION fail()`,
      end: "DROP TRIGGER fail ON packets",
    });
    assertEquals(said.length, 2, said.join("\n"));
    assertMatch(said[0]!, /the server's disk is full: no space left on device; make room there/);
    assertMatch(said[1]!, /^Connected to postgres:.* again after [4-9]/);
  },

  async "is not asked for ever if it claims to have rows that it lacks"(database) {
    const said = await failFor(database, 3000, {
      begin: `CREATE FUNCTION skip() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RETURN NULL; END $$;
        CREATE TRIGGER skip BEFORE INSERT ON nfscribe_spools FOR EACH ROW EXECUTE FUNCTION skip()`,
      end: "DROP TRIGGER skip ON nfscribe_spools",
    });
    assertMatch(
      said.join("\n"),
      /says that it had them already, but nfscribe_spools there does not/,
    );
    assertLess(said.length, 40);
  },

  async "is not asked more often because it lets nfscribe in between, and each error is logged once"(
    database,
  ) {
    const { cluster, name } = database;
    await using folder = await temporaryFolder();
    await cluster.sql("CREATE ROLE fickle LOGIN SUPERUSER");
    const said: string[] = [];
    const record = (message: string) => void said.push(message);
    const log = { info: record, warn: record };
    const writer = await openWriter(cluster.url(name, "fickle"), folder.path, log);
    const fails = "default_transaction_read_only = on";
    await cluster.sql(`ALTER ROLE fickle NOSUPERUSER; ALTER ROLE fickle SET ${fails};
      GRANT ALL ON ALL TABLES IN SCHEMA public TO fickle`);
    await database.psql(`GRANT ALL ON ALL TABLES IN SCHEMA public TO fickle;
      SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'fickle'`);
    writer.write(row(), 1);
    // Every other attempt to connect is refused as if there were too many connections.
    const end = performance.now() + 8000;
    for (let seen = 0; performance.now() < end; await delay(20)) {
      const { retries } = writer.figures();
      if (retries === seen) continue;
      seen = retries!;
      await cluster.sql(`ALTER ROLE fickle CONNECTION LIMIT ${seen % 2 ? 0 : -1}`);
    }
    assertLess(writer.figures().retries!, 9);
    await cluster.sql("ALTER ROLE fickle RESET ALL; ALTER ROLE fickle CONNECTION LIMIT -1");
    await until("the row is there", () => writer.delivery.written === 1);
    await writer.close();
    await database.psql("DROP OWNED BY fickle; DROP ROLE fickle");
    const [, ...lines] = said;
    assertEquals(lines.length, 3, lines.join("\n"));
    assertMatch(lines[0]!, /^Cannot write rows to .*: cannot execute COPY FROM in a read-only/);
    assertMatch(lines[1]!, /^Cannot connect to .*: the server has too many connections: /);
    assertMatch(lines[2]!, /^Connected to postgres:.* again after \d+\.\d s and [5-9] failures$/);
  },
});
