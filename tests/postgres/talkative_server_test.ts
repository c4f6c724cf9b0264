import { assertEquals, assertLess, assertMatch, assertStringIncludes } from "@std/assert";
import { temporaryFolder, until } from "../system/process.ts";
import { type Database, testOnServer } from "./database.ts";
import { openWriter, row } from "./sending.ts";

/** Rows of a batch. */
const ROWS = 20_000;

/** Sends a batch with a trigger on the table, and returns what was logged until it is settled. */
async function sendWith(database: Database, body: string, isOver: RegExp | undefined) {
  await using folder = await temporaryFolder();
  const said: string[] = [];
  const record = (message: string) => void said.push(message);
  const url = database.cluster.url(database.name);
  const writer = await openWriter(url, folder.path, { info: record, warn: record }, {
    flushMs: 500,
  });
  await database.psql(
    `CREATE FUNCTION talk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ${body} END $$;
    CREATE TRIGGER talk BEFORE INSERT ON packets FOR EACH ROW EXECUTE FUNCTION talk()`,
  );
  const one = row();
  const bytes = new Uint8Array(ROWS * one.length);
  for (let index = 0; index < ROWS; index++) bytes.set(one, index * one.length);
  const before = Deno.memoryUsage().rss;
  for (let at = 0; at < bytes.length; at += 1000 * one.length) {
    writer.write(bytes.subarray(at, at + 1000 * one.length), 1000);
  }
  const isSettled = () =>
    isOver === undefined
      ? writer.delivery.spooled === 0
      : said.some((message) => isOver.test(message));
  await until("it is settled", isSettled, 30_000).catch((error) => said.push(String(error)));
  const { written, failed } = writer.delivery;
  writer.hurry();
  await writer.close();
  return { said, written, failed, memory: Deno.memoryUsage().rss - before };
}

/** Passes bytes to a server and back, until the client begins a COPY; then it answers by itself. */
function interpose(port: number, answer: Uint8Array) {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const pass = async (from: Deno.Conn, to: Deno.Conn, isFromClient: boolean) => {
    const bytes = new Uint8Array(65_536);
    for (let count; (count = await from.read(bytes)) !== null;) {
      const part = bytes.subarray(0, count);
      const begins = isFromClient && new TextDecoder().decode(part).includes("FROM STDIN");
      await (begins ? from.write(answer) : to.write(part.slice()));
    }
  };
  const talk = async (client: Deno.Conn) => {
    using server = await Deno.connect({ hostname: "127.0.0.1", port });
    const both = [pass(client, server, true), pass(server, client, false)];
    await Promise.race(both).catch(() => {});
    client.close();
    server.close();
    await Promise.allSettled(both);
  };
  const serving = (async () => {
    for await (const client of listener) await talk(client).catch(() => {});
  })();
  return {
    port: listener.addr.port,
    async [Symbol.asyncDispose]() {
      listener.close();
      await serving;
    },
  };
}

await testOnServer("A server that says much", {
  async "sends 34 MB of notices during a batch, which arrives nevertheless"(database) {
    const { said, written, memory } = await sendWith(
      database,
      "RAISE NOTICE '%', repeat('x', 1700); RETURN NEW;",
      undefined,
    );
    assertEquals(written, ROWS, said.join("\n"));
    assertEquals(said.length, 1, said.join("\n"));
    assertLess(memory, 150e6);
  },

  async "sends a notice of 20 MB, and the batch arrives"(database) {
    const { said, written } = await sendWith(
      database,
      "IF random() < 0.0005 THEN RAISE NOTICE '%', repeat('x', 20000000); END IF; RETURN NEW;",
      undefined,
    );
    assertEquals(written, ROWS, said.join("\n"));
  },

  async "sends an error of 3 MB, of which the beginning is logged"(database) {
    const { said } = await sendWith(
      database,
      "RAISE EXCEPTION '%', 'This is why: ' || repeat('x', 3000000) USING ERRCODE = '53100';",
      /rows wait in the spool/,
    );
    const [, error] = said;
    assertMatch(error!, /the server's disk is full: This is why: x{900,1000}…; make room there/);
  },

  async "announces 2 GB during a batch: the log says that nfscribe hung up, and why"(database) {
    const { cluster, name } = database;
    const answer = Uint8Array.of(0x44, 0x80, 0, 0, 0);
    await using folder = await temporaryFolder();
    await using between = interpose(cluster.port, answer);
    const said: string[] = [];
    const record = (message: string) => void said.push(message);
    const url = cluster.url(name).replace(String(cluster.port), String(between.port));
    const log = { info: record, warn: record };
    const writer = await openWriter(`${url}?sslmode=disable`, folder.path, log);
    writer.write(row(), 1);
    await until("it is logged", () => said.length > 1);
    writer.hurry();
    await writer.close();
    assertStringIncludes(
      said[1]!,
      "nfscribe closed the connection: the server does not keep to PostgreSQL's protocol: " +
        "it announces a message of 2147483648 bytes; from 4 to 1048576 can be",
    );
  },

  async "gives an empty reason: the log says so"(database) {
    const { said } = await sendWith(
      database,
      "RAISE EXCEPTION USING ERRCODE = '53200', MESSAGE = '';",
      /rows wait in the spool/,
    );
    assertStringIncludes(said[1]!, ": no reason is given (53200); rows wait");
  },
});
