import { assertEquals } from "@std/assert";
import { escaped } from "../../src/text/escape.ts";
import { escapeByte, utf8Length, visibleLength } from "../../src/text/utf8.ts";

const STRICT = new TextDecoder("utf-8", { fatal: true });

/** Returns the length that the platform's own decoder gives a character's first bytes. */
function lengthByDecoder(bytes: Uint8Array): number {
  for (let length = 1; length <= Math.min(4, bytes.length); length++) {
    try {
      if (STRICT.decode(bytes.subarray(0, length)).length > 0) return length;
    } catch {
      // It is no character, or not yet.
    }
  }
  return 0;
}

Deno.test("utf8Length() agrees with the platform's decoder about all bytes that may begin a character", () => {
  // The decoder takes a byte order mark off.
  const tails = [[], [0xbf], [0x80, 0x80], [0x80, 0x41]];
  for (let first = 0x7f; first < 256; first++) {
    for (let second = 0x7f; second < 0xc1; second++) {
      for (const tail of tails) {
        const bytes = Uint8Array.of(first, second, ...tail);
        if (first === 0xef && second === 0xbb && bytes[2] === 0xbf) continue;
        assertEquals(utf8Length(bytes, 0, bytes.length), lengthByDecoder(bytes), `${bytes}`);
      }
    }
  }
});

Deno.test("utf8Length() looks at nothing behind the end", () => {
  const bytes = new TextEncoder().encode("é☃😀");
  const starts = [[0, 2], [2, 3], [5, 4]] as const;
  for (const [at, length] of starts) {
    for (let end = at + 1; end < at + length; end++) assertEquals(utf8Length(bytes, at, end), 0);
    assertEquals(utf8Length(bytes, at, at + length), length);
  }
});

Deno.test("visibleLength() refuses just what escaped() escapes, of all characters of the first planes", () => {
  for (let code = 0; code < 0x11000; code++) {
    if (code >= 0xd800 && code < 0xe000) continue;
    const text = String.fromCodePoint(code);
    const bytes = new TextEncoder().encode(text);
    const isVisible = visibleLength(bytes, 0, bytes.length) === bytes.length;
    assertEquals(isVisible, escaped(text) === text, `U+${code.toString(16)}`);
  }
});

Deno.test("escapeByte() writes four visible bytes", () => {
  const out = new Uint8Array(6);
  assertEquals(escapeByte(out, 1, 0x1b), 5);
  assertEquals([out[0], new TextDecoder().decode(out.subarray(1, 5)), out[5]], [0, "\\x1b", 0]);
});
