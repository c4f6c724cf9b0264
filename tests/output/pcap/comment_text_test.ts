import { assertEquals } from "@std/assert";
import { writeEscaped } from "../../../src/pcap/write/comment_text.ts";
import { Random } from "../../fuzz/random.ts";
import { concat } from "../../packet/sample.ts";

function escaped(...bytes: number[]): string {
  const out = new Uint8Array(bytes.length * 4);
  return new TextDecoder("utf-8", { fatal: true })
    .decode(out.subarray(0, writeEscaped(out, 0, Uint8Array.from(bytes), 0, bytes.length)));
}

Deno.test("Visible text of any language stays", () => {
  for (const text of ["drop ", "Größe", "漢字", "🔥 wall", ""]) {
    assertEquals(escaped(...new TextEncoder().encode(text)), text);
  }
});

Deno.test("Quotes and backslashes are escaped", () => {
  assertEquals(escaped(0x61, 0x22, 0x62, 0x5c, 0x63), 'a\\"b\\\\c');
});

Deno.test("Control characters and malformed UTF-8 are escaped in hexadecimal", () => {
  assertEquals(escaped(0x0a, 0x1b, 0x7f), "\\x0a\\x1b\\x7f");
  assertEquals(escaped(0xc2, 0x85), "\\xc2\\x85"); // U+0085, a control character
  assertEquals(escaped(0xc0, 0x80), "\\xc0\\x80"); // longer than need be
  assertEquals(escaped(0xed, 0xa0, 0x80), "\\xed\\xa0\\x80"); // a surrogate
  assertEquals(escaped(0xf4, 0x90, 0x80, 0x80), "\\xf4\\x90\\x80\\x80"); // past U+10FFFF
  assertEquals(escaped(0xe6, 0xbc), "\\xe6\\xbc"); // cut
  assertEquals(escaped(0xff, 0x61), "\\xffa");
  assertEquals(escaped(0xe2, 0x80, 0xae, 0x61), "\\xe2\\x80\\xaea"); // U+202E reverses text
});

Deno.test("The text of any bytes is valid, and valid text stays the same", () => {
  const random = new Random(1);
  for (let n = 0; n < 5000; n++) {
    const bytes = concat(
      random.bytes(random.below(9)),
      Uint8Array.of(random.pick([0xc2, 0xe0, 0xed, 0xf0, 0xf4])),
      random.bytes(3),
    );
    const text = escaped(...bytes);
    let plain: string | undefined;
    try {
      plain = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
      continue;
    }
    // deno-lint-ignore no-control-regex
    if (!/[\u0000-\u001f\u007f-\u009f"\\\u2028\u2029\p{Bidi_Control}]/u.test(plain)) {
      assertEquals(text, plain);
    }
  }
});
