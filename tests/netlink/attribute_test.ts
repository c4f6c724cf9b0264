import { assertEquals, assertThrows } from "@std/assert";
import { be16, be32, encodeAttributes, readAttributes } from "../../src/netlink/attribute.ts";
import { concat, hex } from "../packet/sample.ts";

Deno.test("encodeAttributes() counts the header in the length, and pads each attribute to 4", () => {
  assertEquals(
    encodeAttributes([
      { type: 1, value: hex("01") },
      { type: 6, value: hex("0003") },
      { type: 2, value: hex("00000064 02 00") },
      { type: 3, value: hex("") },
    ]),
    hex(`
      0500 0100 01 000000            # nla_len, nla_type, u8, padding
      0600 0600 0003 0000
      0a00 0200 00000064 02 00 0000
      0400 0300`),
  );
});

Deno.test("readAttributes() reads back what encodeAttributes() wrote", () => {
  const attributes = [0, 1, 2, 3, 4, 5, 127, 128].map((size, type) => ({
    type,
    value: new Uint8Array(size).fill(type),
  }));
  assertEquals([...readAttributes(encodeAttributes(attributes))], attributes);
});

Deno.test("readAttributes() takes the flags off the type", () => {
  const nested = hex("0400 1480"); // 20 | NLA_F_NESTED
  const networkOrder = hex("0400 1440"); // 20 | NLA_F_NET_BYTEORDER
  const types = [...readAttributes(concat(nested, networkOrder))].map(({ type }) => type);
  assertEquals(types, [20, 20]);
});

Deno.test("readAttributes() takes a last attribute without its padding", () => {
  assertEquals([...readAttributes(hex("0500 0100 aa"))], [{ type: 1, value: hex("aa") }]);
});

Deno.test("readAttributes() stops at an attribute whose length lies", () => {
  const good = hex("0800 0100 00000001");
  for (const length of ["0000", "0300", "0900", "ffff"]) {
    const bad = hex(`${length} 0200 00000002`);
    assertEquals([...readAttributes(concat(good, bad))].length, 1, `length ${length}`);
  }
});

Deno.test("readAttributes() returns nothing for fewer bytes than a header", () => {
  for (let length = 0; length < 4; length++) {
    assertEquals([...readAttributes(hex("0400 0100").subarray(0, length))], []);
  }
});

Deno.test("be16() and be32() put the highest byte first", () => {
  assertEquals(be16(0x0102), hex("0102"));
  assertEquals(be16(0xffff), hex("ffff"));
  assertEquals(be32(0x01020304), hex("01020304"));
  assertEquals(be32(0xffffffff), hex("ffffffff"));
});

Deno.test("encodeAttributes() accepts the longest value that a length can express, and no longer one", () => {
  assertEquals(encodeAttributes([{ type: 1, value: new Uint8Array(65531) }]).length, 65536);
  assertThrows(
    () => encodeAttributes([{ type: 1, value: new Uint8Array(65532) }]),
    RangeError,
    "attribute 1",
  );
});
