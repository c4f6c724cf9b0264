import { assertEquals, assertStringIncludes } from "@std/assert";
import { ServerMessages } from "../../../src/output/postgres/server_messages.ts";

const text = (chars: string) => new TextEncoder().encode(chars);

const nothing = () => {};

/** Encodes a message; its length may be wrong. */
function message(type: string, body: Uint8Array, length = 4 + body.length): Uint8Array {
  const bytes = new Uint8Array(5 + body.length);
  bytes[0] = type.charCodeAt(0);
  new DataView(bytes.buffer).setUint32(1, length);
  bytes.set(body, 5);
  return bytes;
}

function login(kind: number, rest = ""): Uint8Array {
  const body = new Uint8Array([0, 0, 0, kind, ...text(rest)]);
  return message("R", body);
}

const READY = message("Z", text("I"));
const joined = (...parts: Uint8Array[]) => new Uint8Array(parts.flatMap((part) => [...part]));
const LOGIN = joined(
  login(10, "SCRAM-SHA-256\0\0"),
  login(11, "r=abc,s=c2FsdA==,i=4096"),
  login(12, "v=x"),
  login(0),
  message("S", text("server_version\x0017\0")),
  message("K", new Uint8Array(8)),
  READY,
);
const COLUMNS = message(
  "T",
  joined(Uint8Array.of(0, 2), text("a\0"), new Uint8Array(18), text("b\0"), new Uint8Array(18)),
);
const ANSWER = joined(
  message("1", text("")),
  COLUMNS,
  message("2", text("")),
  message("D", new Uint8Array(1000)),
  message("C", text("SELECT 1\0")),
  message("N", text("SNOTICE\0\0")),
  READY,
);

Deno.test("ServerMessages accepts a valid session, in chunks of any size", () => {
  const session = joined(
    LOGIN,
    ANSWER,
    message("G", new Uint8Array(3)),
    message("E", text("SERROR\0\0")),
    READY,
  );
  for (let size = 1; size < session.length; size++) {
    const messages = new ServerMessages();
    for (let at = 0; at < session.length; at += size) {
      assertEquals(
        messages.look(session.slice(at, at + size), nothing),
        undefined,
        `at ${at} of ${size}`,
      );
    }
  }
});

const BAD: readonly [name: string, bytes: Uint8Array, problem: string][] = [
  [
    "2 GB before the login",
    message("R", text("\0\0\0\0"), 2 ** 31),
    "a message of 2147483648 bytes before the login",
  ],
  ["2 GB of an error before the login", message("E", text("S"), 2 ** 31 + 4), "2147483652 bytes"],
  [
    "2 GB after the login",
    joined(LOGIN, message("D", text(""), 2 ** 31)),
    "a message of 2147483648 bytes; from 4",
  ],
  ["a length below its own", joined(LOGIN, message("D", text(""), 3)), "a message of 3 bytes"],
  ["a row before the login", message("D", new Uint8Array(10)), "of type 68"],
  ["HTTP", text("HTTP/1.1 400 Bad Request\r\n\r\n"), "of type 72"],
  ["unsolicited data", joined(LOGIN, message("d", text("x"))), "of type 100"],
  ["a second login", joined(LOGIN, login(3)), "of type 82"],
  ["a login by Kerberos", login(7), "a login of kind 7, which nfscribe does not know"],
  ["a login of no kind", message("R", text("xy")), "a login of kind -1"],
  [
    "a password to be hashed for hours",
    login(11, "r=abc,s=c2FsdA==,i=2147483647"),
    "hashed 2147483647 times",
  ],
  [
    "a password to be hashed twice",
    joined(login(11, "r=a,s=YQ==,i=1"), login(11, "r=a,s=YQ==,i=1")),
    "is invalid",
  ],
  ["SCRAM without a salt", login(11, "r=abc"), "is invalid"],
  [
    "columns without an end",
    joined(LOGIN, message("T", joined(Uint8Array.of(0, 1), text("abc")))),
    "description of columns",
  ],
  [
    "more columns than there are",
    joined(LOGIN, message("T", Uint8Array.of(0xff, 0xff))),
    "description of columns",
  ],
  ["no number of columns", joined(LOGIN, message("T", text(""))), "description of columns"],
];

Deno.test("ServerMessages refuses what no PostgreSQL sends", () => {
  for (const [name, bytes, problem] of BAD) {
    assertStringIncludes(new ServerMessages().look(bytes, nothing) ?? "", problem, name);
    const messages = new ServerMessages();
    const found = Array.from(bytes, (byte) => messages.look(Uint8Array.of(byte), nothing)).find(
      Boolean,
    );
    assertStringIncludes(found ?? "", problem, `${name}, byte by byte`);
  }
});

Deno.test("ServerMessages limits an answer, and the kept settings", () => {
  const endless = (chunk: Uint8Array) => {
    const messages = new ServerMessages();
    messages.look(LOGIN, nothing);
    let bytes = 0;
    while (messages.look(chunk, nothing) === undefined && bytes < 100e6) bytes += chunk.length;
    return bytes;
  };
  const row = message("D", new Uint8Array(10_000));
  assertEquals(endless(row) < 17e6, true, "rows without an end");
  assertEquals(endless(joined(message("S", new Uint8Array(1000)), READY)) < 2e6, true, "settings");
  assertEquals(endless(joined(row, row, READY)) >= 100e6, true, "many answers are no endless one");
});

Deno.test("ServerMessages leaves out notices, however many and long, and cuts long errors", () => {
  const error = text(`SERROR\0C53100\0M${"x".repeat(200_000)}\0\0`);
  const notice = message("N", text(`SNOTICE\0M${"y".repeat(2_000_000)}\0\0`));
  const session = joined(LOGIN, notice, message("E", error), message("N", text("")), READY);
  const expected = joined(
    LOGIN,
    message("E", joined(error.slice(0, 64 * 1024), Uint8Array.of(0, 0))),
    READY,
  );
  for (const size of [1000, 4097, session.length]) {
    const messages = new ServerMessages();
    const passed: Uint8Array[] = [];
    for (let at = 0; at < session.length; at += size) {
      const part = session.slice(at, at + size);
      assertEquals(messages.look(part, (bytes) => passed.push(bytes.slice())), undefined);
    }
    assertEquals(joined(...passed), expected);
  }
  const messages = new ServerMessages();
  let passedBytes = 0;
  const pass = (part: Uint8Array) => void (passedBytes += part.length);
  messages.look(LOGIN, pass);
  for (let round = 0; round < 50; round++) assertEquals(messages.look(notice, pass), undefined);
  assertEquals(passedBytes, LOGIN.length, "100 MB of notices");
});

Deno.test("ServerMessages takes any bytes", () => {
  let seed = 7;
  const random = () => (seed = (seed * 1103515245 + 12345) % 2 ** 31) / 2 ** 31;
  for (let round = 0; round < 5000; round++) {
    const bytes = joined(LOGIN, ANSWER);
    for (let i = 0; i < 3; i++) bytes[Math.floor(random() * bytes.length)] = random() * 256;
    new ServerMessages().look(bytes, nothing);
  }
});
