import { assertEquals } from "@std/assert";
import { Memory, readBe16, readBe32 } from "../../src/bytes/memory.ts";
import { hex } from "../packet/sample.ts";

Deno.test("Memory shows one buffer as bytes, halves and words", () => {
  const { bytes, halves, words } = new Memory(new ArrayBuffer(8));
  bytes.set(hex("01020304 fffefdfc"));
  assertEquals([...halves], [0x0201, 0x0403, 0xfeff, 0xfcfd]);
  assertEquals([...words], [0x04030201, 0xfcfdfeff]);
});

Deno.test("readBe16() and readBe32() read the highest byte first, at any offset", () => {
  const bytes = hex("00 01 02 03 04 05");
  assertEquals(readBe16(bytes, 1), 0x0102);
  assertEquals(readBe32(bytes, 1), 0x01020304);
});

Deno.test("readBe32() is never negative", () => {
  assertEquals(readBe32(hex("ffffffff"), 0), 0xffffffff);
  assertEquals(readBe32(hex("80000000"), 0), 0x80000000);
});
