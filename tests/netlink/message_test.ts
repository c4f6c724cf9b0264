import { assertEquals } from "@std/assert";
import { wordAlign } from "../../src/bytes/write.ts";
import {
  encodeMessage,
  NLM_F_ACK,
  NLM_F_REQUEST,
  NLMSG_DONE,
  NLMSG_ERROR,
  readAcknowledgement,
  readMessages,
} from "../../src/netlink/message.ts";
import { concat, hex } from "../packet/sample.ts";

/**
 * Returns a reply of the kernel: `struct nlmsgerr`, the negative error number and the request's
 * header.
 */
function reply(errno: number, sequence: number): Uint8Array<ArrayBuffer> {
  const payload = new Uint8Array(20);
  new DataView(payload.buffer).setInt32(0, -errno, true);
  return encodeMessage({ type: NLMSG_ERROR, flags: 0, sequence, payload });
}

Deno.test("encodeMessage() writes the header in the host's byte order, port id 0, and pads to 4", () => {
  const bytes = encodeMessage({
    type: 0x0401,
    flags: NLM_F_REQUEST | NLM_F_ACK,
    sequence: 0x01020304,
    payload: hex("aa bb cc dd ee"),
  });
  assertEquals(
    bytes,
    hex(`
      15000000       # nlmsg_len: 16 + 5, without padding
      0104           # nlmsg_type
      0500           # nlmsg_flags
      04030201       # nlmsg_seq
      00000000       # nlmsg_pid
      aabbccddee     # payload
      000000         # padding`),
  );
});

Deno.test("readMessages() reads back what encodeMessage() wrote", () => {
  const messages = [
    { type: 1, flags: 2, sequence: 3, payload: hex("") },
    { type: 0xffff, flags: 0xffff, sequence: 0xffffffff, payload: hex("0102030405") },
    { type: 18, flags: 1, sequence: 7, payload: hex("01020304") },
  ];
  const datagram = concat(...messages.map(encodeMessage));
  assertEquals([...readMessages(datagram)], messages);
});

Deno.test("readMessages() finds messages at an offset of a larger buffer", () => {
  const message = { type: 1, flags: 0, sequence: 9, payload: hex("01 02 03 04") };
  const larger = concat(hex("ff ff ff"), encodeMessage(message), hex("ff"));
  assertEquals([...readMessages(larger.subarray(3, 23))], [message]);
});

Deno.test("readMessages() takes a last message without its padding", () => {
  const payload = hex("01 02 03 04 05");
  const bytes = encodeMessage({ type: 1, flags: 0, sequence: 0, payload });
  assertEquals([...readMessages(bytes.subarray(0, 21))].map((message) => message.payload), [
    payload,
  ]);
});

Deno.test("readMessages() stops at a message whose length lies", () => {
  const good = encodeMessage({ type: 1, flags: 0, sequence: 0, payload: hex("01020304") });
  for (const length of [0, 15, 21, 0x7fffffff, 0xfffffffd, 0xffffffff]) {
    const bad = good.slice();
    new DataView(bad.buffer).setUint32(0, length, true);
    assertEquals([...readMessages(concat(good, bad))].length, 1, `length ${length}`);
  }
});

Deno.test("readMessages() returns nothing for fewer bytes than a header", () => {
  const header = encodeMessage({ type: 1, flags: 0, sequence: 0, payload: hex("") });
  for (let length = 0; length < 16; length++) {
    assertEquals([...readMessages(header.subarray(0, length))], []);
  }
  assertEquals([...readMessages(header)].length, 1);
});

Deno.test("wordAlign() rounds up to the next multiple of 4", () => {
  assertEquals([0, 1, 3, 4, 5, 16, 17].map(wordAlign), [0, 4, 4, 4, 8, 16, 20]);
});

Deno.test("readAcknowledgement() is 0, and not minus 0, where the kernel acknowledged", () => {
  const errno = readAcknowledgement(reply(0, 5), 5);
  assertEquals(Object.is(errno, 0), true);
});

Deno.test("readAcknowledgement() makes the kernel's negative error number positive", () => {
  assertEquals(readAcknowledgement(reply(1, 5), 5), 1);
  assertEquals(readAcknowledgement(reply(524, 5), 5), 524);
});

Deno.test("readAcknowledgement() passes over answers to other requests", () => {
  assertEquals(readAcknowledgement(reply(1, 4), 5), undefined);
  assertEquals(readAcknowledgement(concat(reply(1, 4), reply(16, 5)), 5), 16);
});

Deno.test("readAcknowledgement() passes over messages that are no answers", () => {
  const packet = encodeMessage({ type: 0x0400, flags: 0, sequence: 5, payload: new Uint8Array(8) });
  const end = encodeMessage({
    type: NLMSG_DONE,
    flags: 0,
    sequence: 5,
    payload: new Uint8Array(4),
  });
  assertEquals(readAcknowledgement(concat(packet, end), 5), undefined);
  assertEquals(readAcknowledgement(concat(packet, reply(16, 5)), 5), 16);
});

Deno.test("readAcknowledgement() finds no answer in one that is too short for its number", () => {
  for (let length = 0; length < 4; length++) {
    const payload = new Uint8Array(length);
    const short = encodeMessage({ type: NLMSG_ERROR, flags: 0, sequence: 5, payload });
    assertEquals(readAcknowledgement(short.subarray(0, 16 + length), 5), undefined);
  }
  assertEquals(readAcknowledgement(new Uint8Array(0), 5), undefined);
});
