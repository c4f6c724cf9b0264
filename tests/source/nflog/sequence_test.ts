import { assertEquals } from "@std/assert";
import { be32 } from "../../../src/netlink/attribute.ts";
import * as c from "../../../src/netlink/nflog/constants.ts";
import { NflogDecoder } from "../../../src/source/nflog/decoder.ts";
import { concat, hex } from "../../packet/sample.ts";
import { decodeAll, logged, numbered } from "./sample.ts";

/** Returns the counters after packets with these numbers; `damaged` is a malformed one. */
function countsAfter(...numbers: (number | "damaged" | "unnumbered")[]) {
  const decoder = new NflogDecoder();
  for (const number of numbers) decodeAll(messageOf(number), { decoder });
  const { received, lost, malformed } = decoder;
  return { received, lost, malformed };
}

function messageOf(number: number | "damaged" | "unnumbered"): Uint8Array {
  if (number === "unnumbered") return logged([]);
  if (number !== "damaged") return numbered(number);
  return logged([{ type: c.NFULA_MARK, value: hex("00") }, { type: c.NFULA_SEQ, value: be32(99) }]);
}

Deno.test("Packets that follow each other from 0 on lose nothing", () => {
  assertEquals(countsAfter(0, 1, 2), { received: 3, lost: 0, malformed: 0 });
});

Deno.test("A first packet above 0 counts the packets lost before it", () => {
  assertEquals(countsAfter(5), { received: 1, lost: 5, malformed: 0 });
});

Deno.test("A gap in the middle is that many lost packets", () => {
  assertEquals(countsAfter(0, 1, 5, 6, 8), { received: 5, lost: 4, malformed: 0 });
});

Deno.test("A gap within a datagram is counted like one between two", () => {
  const decoder = new NflogDecoder();
  decodeAll(concat(numbered(0), numbered(3), numbered(4)), { decoder });
  assertEquals([decoder.received, decoder.lost], [3, 2]);
});

Deno.test("The number after 2^32 - 1 is 0", () => {
  const [near, last] = [0x7fffffff, 0xffffffff];
  const lostBefore = near + (last - near - 1);
  assertEquals(countsAfter(near, last, 0, 1).lost, lostBefore);
  assertEquals(countsAfter(near, last, 2).lost, lostBefore + 2);
});

Deno.test("A step backwards is no loss, and counting goes on from there", () => {
  assertEquals(countsAfter(0, 1, 2, 1).lost, 0);
  assertEquals(countsAfter(0, 1, 2, 0, 1, 2).lost, 0);
  assertEquals(countsAfter(0, 1, 2, 0, 3).lost, 2);
});

Deno.test("A gap is a loss up to half of the circle, and a step backwards from there", () => {
  assertEquals(countsAfter(0x7fffffff).lost, 0x7fffffff);
  assertEquals(countsAfter(0x80000000).lost, 0);
});

Deno.test("A packet that comes twice is no loss", () => {
  assertEquals(countsAfter(0, 1, 1, 2), { received: 4, lost: 0, malformed: 0 });
});

Deno.test("A malformed packet counts once and is not lost as well", () => {
  assertEquals(countsAfter(0, "damaged", 2), { received: 3, lost: 0, malformed: 1 });
  assertEquals(countsAfter("damaged", 1), { received: 2, lost: 0, malformed: 1 });
  assertEquals(countsAfter("damaged", "damaged", 2), { received: 3, lost: 0, malformed: 2 });
});

Deno.test("Losses around a malformed packet are counted with the next number", () => {
  assertEquals(countsAfter(0, "damaged", 5), { received: 3, lost: 3, malformed: 1 });
});

Deno.test("Packets without sequence numbers are received, and no loss is counted", () => {
  assertEquals(countsAfter("unnumbered", "unnumbered"), { received: 2, lost: 0, malformed: 0 });
});

Deno.test("Received and lost packets together are those that the kernel logged", () => {
  const logged = 1000;
  const numbers = Array.from({ length: logged }, (_, n) => n).filter((n) => n % 7 && n % 11);
  const { received, lost } = countsAfter(...numbers);
  assertEquals(received + lost, numbers.at(-1)! + 1);
});
