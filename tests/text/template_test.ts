import { assertEquals, assertThrows } from "@std/assert";
import { LineWriter, Word } from "../../src/text/line.ts";
import {
  above,
  choice,
  ipv4,
  mac,
  type Template,
  template,
  u16,
  u32,
  u8,
} from "../../src/text/template.ts";
import { Random } from "../fuzz/random.ts";
import { hex } from "../packet/sample.ts";

function written(template: Template, source: Uint8Array, first = 0, second = 0): string {
  const line = new LineWriter();
  line.out = new Uint8Array(1000);
  line.at = 7;
  template.write(line, source, first, second);
  return new TextDecoder().decode(line.out.subarray(7, line.at));
}

Deno.test("A template is its text with the fields of a header", () => {
  const all = template`{"a":${u8(0)},"b":${u16(1)},"c":${u32(3)},"d":"${ipv4(7)}","e":"${mac(7)}"}`;
  const header = hex("ff 0100 0000ffff c0000201 02ff");
  assertEquals(
    written(all, header),
    '{"a":255,"b":256,"c":65535,"d":"192.0.2.1","e":"c0:00:02:01:02:ff"}',
  );
});

Deno.test("Texts have any length up to 255 bytes, before, between and behind fields", () => {
  for (let length = 0; length <= 255; length++) {
    const text = "é".repeat(length >> 1) + "x".repeat(length & 1);
    const all = template([text, text, text], u8(0), u8(1));
    assertEquals(written(all, hex("09 0a")), `${text}9${text}10${text}`);
  }
  assertThrows(() => template(["x".repeat(256)]), RangeError, "text of 256");
});

Deno.test("Templates are parts of templates", () => {
  const pair = template`${u8(0)},${u8(1)}`;
  assertEquals(written(template`${pair}`, hex("01 02")), "1,2");
  assertEquals(written(template`<${pair}><${pair}>${u8(1)}`, hex("01 02")), "<1,2><1,2>2");
  assertEquals(written(template`<${17}>${pair}${6}`, hex("01 02")), "<17>1,26");
});

Deno.test("Fields of a second header are read from its place", () => {
  const both = template`${u8(0)} ${above(u16(0))} ${above(u16(2))}`;
  assertEquals(written(both, hex("05 ee 01bb 9c40"), 0, 2), "5 443 40000");
  const header = template`${u8(0)},${u8(1)}`;
  assertEquals(written(template`${header} ${header.above()}`, hex("01 02 03 04"), 0, 2), "1,2 3,4");
});

Deno.test("Some bits of a byte choose a text", () => {
  const words = ["", "one", "y".repeat(40), "three"].map((text) => new Word(text));
  for (let value = 0; value < 4; value++) {
    const bytes = Uint8Array.of(value << 3 | 0xe7);
    assertEquals(
      written(template`<${choice(0, 0x18, words)}>`, bytes),
      `<${["", "one", "y".repeat(40), "three"][value]}>`,
    );
  }
});

Deno.test("Numbers have the digits that they take, wherever these change", () => {
  const number = template`${u32(0)}`;
  const numbers = [0, 65_535, 65_536, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 3_000_000_007];
  for (let power = 1; power < 2 ** 32; power *= 10) numbers.push(power - 1, power, power + 1);
  const random = new Random(32);
  for (let n = 0; n < 20_000; n++) numbers.push(random.bits() >>> random.below(32));
  const bytes = new Uint8Array(4);
  for (const value of numbers) {
    new DataView(bytes.buffer).setUint32(0, value);
    assertEquals(written(number, bytes), String(value));
  }
  const half = template`${u16(0)}`;
  for (let value = 0; value < 65_536; value++) {
    new DataView(bytes.buffer).setUint16(0, value);
    assertEquals(written(half, bytes), String(value));
  }
});

Deno.test("Where there may be no room nothing is written, and the position is past the end", () => {
  const line = new LineWriter();
  const text = template`${u8(0)},"length":${u16(0)}`;
  for (let size = 0; size < 60; size++) {
    line.out = new Uint8Array(size);
    line.at = 0;
    text.write(line, hex("0102"), 0);
    if (line.at > size) assertEquals(line.out, new Uint8Array(size));
    else assertEquals(new TextDecoder().decode(line.out.subarray(0, line.at)), '1,"length":258');
  }
  assertEquals(line.at, 14);
});
