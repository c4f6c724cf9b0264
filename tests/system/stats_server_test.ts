import { assert, assertEquals, assertRejects } from "@std/assert";
import { OutputError } from "../../src/errors.ts";
import { StatsServer } from "../../src/daemon/telemetry/stats_server.ts";
import { must, temporaryFolder } from "./process.ts";

/** Sends a request to a socket; returns the whole response. */
async function ask(path: string, text = ""): Promise<string> {
  using connection = await Deno.connect({ transport: "unix", path });
  if (text !== "") await connection.write(new TextEncoder().encode(text));
  let answer = "";
  const buffer = new Uint8Array(65_536);
  for (;;) {
    const count = await connection.read(buffer).catch(() => null);
    if (count === null) return answer;
    answer += new TextDecoder().decode(buffer.subarray(0, count));
  }
}

Deno.test("Each connection to the stats socket is answered, whatever it sends", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/s`;
  using _server = await StatsServer.open(path, () => ({ a: 1 }));
  assertEquals(await ask(path), '{"a":1}\n');
  assertEquals(await ask(path, `\0\xff\x1b[2J${"x".repeat(10_000)}`), '{"a":1}\n');
});

Deno.test("Clients that never read, a thousand of them, do not keep others from an answer", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/s`;
  // More than a socket's buffer holds: its write waits for the reader.
  const large = { text: "x".repeat(400_000) };
  const server = await StatsServer.open(path, () => large);
  const descriptors = async () => (await must(["ls", `/proc/${Deno.pid}/fd`])).split("\n").length;
  const before = await descriptors();
  const idle: Deno.Conn[] = [];
  for (let n = 0; n < 1000; n++) idle.push(await Deno.connect({ transport: "unix", path }));
  assertEquals((await ask(path)).length, JSON.stringify(large).length + 1);
  assert(await descriptors() - before - idle.length < 32, "the server holds few of them");
  for (const connection of idle) connection.close();
  server[Symbol.dispose]();
});

Deno.test("A file that is not a socket is refused, and stays", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/s`;
  const refused = async () => {
    const error = await assertRejects(() => StatsServer.open(path, () => ({})), OutputError);
    assertEquals(
      error.message,
      `Cannot listen on ${path}: something that is no socket is there; remove it, or choose another path`,
    );
  };
  await Deno.writeTextFile(path, "precious");
  await refused();
  assertEquals(await Deno.readTextFile(path), "precious");
  await Deno.rename(path, `${folder.path}/file`);
  await Deno.symlink(`${folder.path}/file`, path);
  await refused();
  await Deno.remove(path);
  await must(["mkfifo", path]);
  await refused();
});
