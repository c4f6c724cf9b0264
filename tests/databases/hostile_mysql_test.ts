import { assert, assertEquals, assertRejects } from "@std/assert";
import { Client } from "../../src/output/mysql/client.ts";
import { connectionOf } from "../../src/output/mysql/connection.ts";
import { problemOf } from "../../src/output/mysql/problem.ts";

const encoder = new TextEncoder();
/** Bytes that a server mixes into passwords. */
const SCRAMBLE = new Uint8Array(20).fill(0x41);
/** Capabilities of MySQL 8 without TLS and compression. */
const CAPABILITIES = 0xffff_ffff & ~(0x800 | 0x20 | 0x4000_0000);

/** Joins bytes and texts. */
function joined(...parts: (readonly number[] | Uint8Array | string)[]): Uint8Array {
  return Uint8Array.from(
    parts.flatMap((part) => typeof part === "string" ? [...encoder.encode(part)] : [...part]),
  );
}

/** Packets with their numbers. */
type Answer = readonly (readonly [number: number, body: Uint8Array])[];

/** A server that does not keep to the rules; it listens on loopback. */
class HostileServer implements Disposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #connections: Deno.Conn[] = [];
  /** Packets that clients have sent. */
  readonly got: Uint8Array[] = [];

  /** Makes a server that answers each packet of a client with the next packets. */
  constructor(...answers: Answer[]) {
    this.#serve([[[0, greeting()]], ...answers]).catch(() => {});
  }

  /** Returns the connection to it. */
  connection(query: string) {
    const url = `mysql://u:secret@127.0.0.1:${this.#listener.addr.port}/d?${query}`;
    return connectionOf(url, () => undefined);
  }

  [Symbol.dispose](): void {
    this.#listener.close();
    for (const connection of this.#connections) connection.close();
  }

  async #serve(answers: readonly Answer[]): Promise<void> {
    for await (const connection of this.#listener) {
      this.#connections.push(connection);
      this.#talk(connection, answers).catch(() => {});
    }
  }

  async #talk(connection: Deno.Conn, answers: readonly Answer[]): Promise<void> {
    const bytes = new Uint8Array(65536);
    for (const answer of answers) {
      for (const [number, body] of answer) {
        await connection.write(joined([body.length & 255, body.length >> 8, 0, number], body));
      }
      const size = await connection.read(bytes);
      if (size === null) return;
      this.got.push(bytes.slice(4, size));
    }
  }
}

function greeting(): Uint8Array {
  const [low, high] = [CAPABILITIES & 0xffff, CAPABILITIES >>> 16];
  return joined(
    ...[[10], "8.0.36\0", [1, 0, 0, 0], SCRAMBLE.subarray(0, 8), [0, low & 255, low >> 8]],
    ...[[45, 2, 0, high & 255, high >> 8, 21], new Uint8Array(10), SCRAMBLE.subarray(8)],
    "\0mysql_native_password\0",
  );
}

/** Asks for another way to log in. */
function another(name: string): Uint8Array {
  return joined([254], `${name}\0`, SCRAMBLE, [0]);
}

const OK = Uint8Array.of(0, 0, 0, 2, 0, 0, 0);

/** Returns how a connection to a server fails. */
async function failure(server: HostileServer, query: string) {
  const connection = server.connection(query);
  const error = await assertRejects(() => Client.open(connection), Error);
  return problemOf(error, connection, "connect");
}

Deno.test("who answers in the server's place without TLS does not get the password", async () => {
  const full = Uint8Array.of(1, 4);
  for (const query of ["sslmode=disable", "sslmode=prefer"]) {
    using server = new HostileServer(
      [[2, another("caching_sha2_password")]],
      [[4, full]],
      [[6, joined([1], "-----BEGIN PUBLIC KEY-----")]],
    );
    const { kind, message } = await failure(server, query);
    assertEquals(kind, "denied");
    assert(message.includes("asks for the password itself over a connection without"), message);
    // A proof of the password, and no request for a key (2).
    assertEquals(server.got.at(-1)!.length, 32);
  }
  for (const name of ["sha256_password", "mysql_clear_password"]) {
    using server = new HostileServer([[2, another(name)]], [[4, full]]);
    const { kind, message } = await failure(server, "sslmode=disable");
    assertEquals(kind, "denied");
    assert(message.includes(`in a way that nfscribe does not know: by ${name}`), message);
    assertEquals(server.got.length, 1);
  }
});

Deno.test("a server that says nothing more after the login is given up", async () => {
  using server = new HostileServer([[2, OK]]);
  const { kind, message } = await failure(server, "sslmode=disable&connect_timeout=1");
  assertEquals(kind, "away");
  assert(message.includes("no answer in time"), message);
});

Deno.test("a server's packets that are out of order do not fill the console", async () => {
  const said: unknown[] = [];
  const { error } = console;
  console.error = (...words) => void said.push(words);
  try {
    using server = new HostileServer([[9, OK]], [[9, OK]]);
    (await Client.open(server.connection("sslmode=disable"))).close();
    console.error("kept");
  } finally {
    console.error = error;
  }
  assertEquals(said, [["kept"]]);
});
