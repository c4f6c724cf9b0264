import { assertEquals, assertThrows } from "@std/assert";
import {
  headersOf,
  MessageError,
  type MessageHead,
  parseHeaders,
} from "../../src/nats/format/message.ts";

const HEAD: MessageHead = {
  host: "fw1.exämple",
  capture: 'a "b" \u{1f525}',
  session: "8c1f0c1e-5d0c-4a6e-9d6c-0d2f6b9a7e11",
  from: 48,
  to: 1072,
  part: 1,
  parts: 2,
  records: 5,
  first: 12,
  lost: 3,
  interfaces: new Map([[2, "eth0"], [7, "wg é"]]),
  encoding: "zstd",
  contentType: "application/x-pcapng",
};

const parse = (headers: Iterable<readonly [string, string]>) => {
  const map = new Map(headers);
  return parseHeaders((name) => map.get(name));
};
const changed = (name: string, value: string | undefined) => {
  const map = new Map(headersOf(HEAD));
  if (value === undefined) map.delete(name);
  else map.set(name, value);
  return () => parse(map);
};

Deno.test("headers of a message become the same head", () => {
  assertEquals(parse(headersOf(HEAD)), HEAD);
  const plain: MessageHead = {
    ...HEAD,
    first: undefined,
    lost: 0,
    interfaces: new Map(),
    encoding: undefined,
  };
  assertEquals(parse(headersOf(plain)), plain);
  assertEquals(headersOf(plain).length, headersOf(HEAD).length - 4);
});

Deno.test("values of headers are printable ASCII", () => {
  for (const [, value] of headersOf(HEAD)) assertEquals(/^[ -~]+$/.test(value), true, value);
  assertEquals(new Map(headersOf(HEAD)).get("Nfscribe-Host"), '"fw1.ex\\u00e4mple"');
});

Deno.test("an identifier ends with a mark of its sender, of whatever form", () => {
  const marked = headersOf(HEAD, "x7-_");
  assertEquals(marked[0], ["Nats-Msg-Id", `${HEAD.session}:48:1:x7-_`]);
  assertEquals(parse(marked), HEAD);
});

Deno.test("a message of a newer format is refused as such", () => {
  assertThrows(changed("Nfscribe-Version", "2"), MessageError, "a newer nfscribe sent it");
  assertThrows(changed("Nfscribe-Version", undefined), MessageError, "no header Nfscribe-Version");
  assertThrows(changed("Nfscribe-Version", "0"), MessageError, "is missing or wrong");
});

for (
  const [name, ...values] of [
    ["Nfscribe-Host", undefined, "fw1", "3", '"a\\nb"', `"${"x".repeat(256)}"`],
    ["Nfscribe-Capture", undefined, "null"],
    ["Nfscribe-Session", undefined, "8c1f0c1e", "8C1F0C1E-5d0c-4a6e-9d6c-0d2f6b9a7e11"],
    ["Nfscribe-From", undefined, "-1", "1e3", " 48", "048", "99999999999999999"],
    ["Nfscribe-To", "48", "0"],
    ["Nfscribe-Part", "2", "x"],
    ["Nfscribe-Parts", undefined, "9999999999"],
    ["Nfscribe-Records", undefined, "-5", "9007199254740993", "4294967297"],
    ["Nfscribe-First", "x", "9007199254740991", "281474976710657"],
    ["Nfscribe-Lost", "1.5", "9007199254740991", "4294967297"],
    ["Nfscribe-Interfaces", "[]", "null", '{"x":"a"}', '{"4294967296":"a"}', '{"1":2}', "{"],
    ["Nfscribe-Encoding", "br"],
    ["Content-Type", undefined, "text/plain"],
    ["Nats-Msg-Id", undefined, `${HEAD.session}:48:0`, `${HEAD.session}:48:10`, "x"],
  ] as const
) {
  Deno.test(`a message with a wrong ${name} is refused`, () => {
    for (const value of values) assertThrows(changed(name!, value), MessageError, name);
  });
}
