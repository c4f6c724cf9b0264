import { assertEquals, assertThrows } from "@std/assert";
import { attached } from "../../src/sandbox/attach.ts";

const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

Deno.test("attached() writes fields as JSON, and later ones beside earlier ones", () => {
  const first = attached(undefined, { country: "DE", score: 7 });
  assertEquals(textOf(first), '{"country":"DE","score":7}');
  const second = attached(first, { score: 8, list: [null, true] });
  assertEquals(textOf(second), '{"country":"DE","score":8,"list":[null,true]}');
});

Deno.test("attached() preserves every digit of a bigint", () => {
  assertEquals(textOf(attached(undefined, { n: 2n ** 64n })), '{"n":18446744073709551616}');
});

Deno.test("attached() replaces characters that jsonb rejects, and no others", () => {
  const fields = { "a\0": "\0x", half: "\ud800y", pair: "😀", text: "\\u0000", tab: "\t" };
  assertEquals(
    textOf(attached(undefined, fields)),
    '{"a\\ufffd":"\\ufffdx","half":"\\ufffdy","pair":"😀","text":"\\\\u0000","tab":"\\t"}',
  );
});

Deno.test("attached() rejects values other than objects, and too many bytes", () => {
  for (const wrong of [null, "text", [1]]) {
    assertThrows(() => attached(undefined, wrong as never), TypeError, "as an object");
  }
  const large = { text: "x".repeat(70_000) };
  assertThrows(() => attached(undefined, large), TypeError, "more than 65536");
});
