import {
  assert,
  assertGreater,
  assertLess,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { OutputError } from "../../src/errors.ts";
import { temporaryFolder } from "../system/process.ts";
import { attempt, to } from "./connect_server.ts";
import { openWriter } from "./sending.ts";

/** The most that a server can send before the client hangs up: the capacity of the sockets. */
const SENT_MOST = 100e6;
const MEMORY_MOST = 150e6;
const ZEROS = new Uint8Array(1024 * 1024);

const bytesOf = (...parts: (string | readonly number[])[]) =>
  new Uint8Array(
    parts.flatMap((part) => typeof part === "string" ? [...new TextEncoder().encode(part)] : part),
  );
/** AuthenticationOk and ReadyForQuery. */
const LOGIN = bytesOf("R", [0, 0, 0, 8, 0, 0, 0, 0], "Z", [0, 0, 0, 5], "I");
const TWO_GB = [0x80, 0, 0, 0];

/** A server's first answer, its answer to every query after that, and the expected error. */
const SERVERS: readonly [name: string, login: Uint8Array, answer: Uint8Array, outcome: string][] = [
  [
    "announces 2 GB before the login",
    bytesOf("R", TWO_GB),
    ZEROS,
    "2147483648 bytes before the login",
  ],
  ["announces 2 GB after the login", LOGIN, bytesOf("D", TWO_GB), "a message of 2147483648 bytes"],
  [
    "sends messages without an end",
    LOGIN,
    bytesOf("n", [0, 0, 0x40, 4], [...new Uint8Array(0x4000)]),
    "its answer has more than 16777216 bytes",
  ],
  [
    "describes columns without an end",
    LOGIN,
    bytesOf("T", [0, 0, 0, 9, 0, 1], "abc"),
    "its description of columns is invalid",
  ],
  [
    "wants the password hashed two billion times",
    bytesOf("R", [0, 0, 0, 31, 0, 0, 0, 11], "r=x,s=c2Fs,i=2147483647"),
    ZEROS,
    "it wants the password hashed 2147483647 times",
  ],
  ["speaks HTTP", bytesOf("HTTP/1.1 400 Bad Request\r\n\r\n"), ZEROS, "of type 72"],
];

/** Serves until it is disposed of; counts the bytes that it could send. */
function serve(login: Uint8Array, answer: Uint8Array) {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const counts = { sent: 0 };
  const talk = async (peer: Deno.TcpConn) => {
    const send = async (bytes: Uint8Array) => {
      for (let at = 0; at < bytes.length;) at += await peer.write(bytes.subarray(at));
      counts.sent += bytes.length;
    };
    try {
      await peer.read(new Uint8Array(10_000));
      await send(login);
      if (login === LOGIN) await peer.read(new Uint8Array(10_000));
      if (login === LOGIN) await send(answer);
      while (counts.sent < 2 * SENT_MOST) await send(answer.length > 0x4000 ? answer : ZEROS);
    } catch {
      // The client hung up.
    } finally {
      peer.close();
    }
  };
  const serving = (async () => {
    for await (const peer of listener) await talk(peer);
  })();
  return {
    counts,
    url:
      `postgres://u:hunter2@127.0.0.1:${listener.addr.port}/d?sslmode=disable&connect_timeout=30`,
    async [Symbol.asyncDispose]() {
      listener.close();
      await serving;
    },
  };
}

for (const [name, login, answer, outcome] of SERVERS) {
  Deno.test(`A server that ${name} is hung up on`, async () => {
    await using server = serve(login, answer);
    const before = Deno.memoryUsage().rss;
    const said = await attempt(to(server.url), "SELECT 1");
    assertStringIncludes(said, "denied: Cannot connect to postgres://u@127.0.0.1:");
    assertStringIncludes(said, `: nfscribe closed the connection: the server does not keep to `);
    assertStringIncludes(said, outcome);
    assertLess(server.counts.sent, SENT_MOST);
    assertLess(Deno.memoryUsage().rss - before, MEMORY_MOST);
  });
}

Deno.test("A server that sends notices without an end takes no memory", async () => {
  await using server = serve(LOGIN, bytesOf("N", [0, 0, 0x40, 4], [...new Uint8Array(0x4000)]));
  const before = Deno.memoryUsage().rss;
  const said = await attempt(to(server.url), "SELECT 1");
  assertStringIncludes(said, "the server closed the connection");
  assertGreater(server.counts.sent, SENT_MOST);
  assertLess(Deno.memoryUsage().rss - before, MEMORY_MOST);
});

Deno.test("A start with such a server ends with an error", async () => {
  await using server = serve(LOGIN, bytesOf("D", TWO_GB));
  await using folder = await temporaryFolder();
  const before = Deno.memoryUsage().rss;
  const log = { info() {}, warn() {} };
  const error = await assertRejects(() => openWriter(server.url, folder.path, log), OutputError);
  assertStringIncludes(error.message, "a message of 2147483648 bytes");
  assert(!error.message.includes("hunter2"));
  assertLess(server.counts.sent, SENT_MOST);
  assertLess(Deno.memoryUsage().rss - before, MEMORY_MOST);
});
