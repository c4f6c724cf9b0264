import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { pcapEncoder } from "../../../src/output/pcap/encoder.ts";
import { fileHeader } from "../../../src/pcap/write/pcap.ts";
import { endOfBlocks, pcapngHeader } from "../../../src/output/pcap/pcapng_file.ts";
import type { LinkType } from "../../../src/pcap/link/framing.ts";
import { Random } from "../../fuzz/random.ts";
import { concat, hex, ipv4, rawPacket, udp } from "../../packet/sample.ts";

const HEADER = pcapngHeader("raw");
/** Returns an area of one packet with so many bytes of data. */
function area(size = 4): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(300_000);
  const packet = rawPacket(ipv4(17, udp(9, new Uint8Array(size).fill(0x5a))), { seconds: 1 });
  return out.slice(0, pcapEncoder({ format: "pcapng", linkType: "raw" }).encode(packet, out, 0));
}

function look(bytes: Uint8Array, linkType: LinkType = "raw", most = Infinity) {
  return endOfBlocks(
    (offset, buffer) => {
      const part = bytes.subarray(offset, offset + Math.min(buffer.length, most));
      buffer.set(part);
      return part.length;
    },
    bytes.length,
    linkType,
  );
}

Deno.test("pcapngHeader() is a section and an interface without a name", () => {
  assertEquals(
    pcapngHeader("nflog"),
    hex(`
      0a0d0d0a 34000000                    # Section Header Block, 52 bytes
      4d3c2b1a 0100 0000 ffffffffffffffff  # byte order, version 1.0, length unspecified
      0400 0e00 6e6673637269626520302e312e30 0000  # shb_userappl: nfscribe 0.1.0
      0000 0000 34000000
      01000000 20000000                    # Interface Description Block, 32 bytes
      ef00 0000 00000400                   # NFLOG, snapshot length 262144
      0900 0100 09 000000                  # if_tsresol: 10^-9
      0000 0000 20000000`),
  );
});

Deno.test("endOfBlocks() of whole blocks is the file's size, with the interfaces to continue with", () => {
  assertEquals(look(HEADER), { end: HEADER.length, described: [HEADER.slice(52)] });
  const two = concat(HEADER, area(), area(100));
  assertEquals(look(two), { end: two.length, described: [HEADER.slice(52)] });
});

Deno.test("endOfBlocks() of a header that a crash cut is 0: the file is written anew", () => {
  for (let size = 1; size < HEADER.length; size++) {
    assertEquals(look(HEADER.subarray(0, size)).end, 0);
  }
});

Deno.test("endOfBlocks() returns the start of a torn block", () => {
  const packet = area().slice(HEADER.length);
  const whole = concat(HEADER, packet);
  for (let size = 1; size < packet.length; size++) {
    assertEquals(look(concat(whole, packet.subarray(0, size))).end, whole.length, `${size}`);
  }
});

Deno.test("endOfBlocks() takes zeros at the end for torn, from wherever in a block they begin", () => {
  const packet = area().slice(HEADER.length);
  const whole = concat(HEADER, packet);
  for (const size of [1, 4, 11, 12, 16, 100, 4096, 2_000_000]) {
    assertEquals(look(concat(whole, new Uint8Array(size))).end, whole.length, `${size}`);
  }
  for (let kept = 8; kept <= packet.length - 4; kept++) {
    const torn = concat(
      whole,
      packet.subarray(0, kept),
      new Uint8Array(packet.length - kept + 500),
    );
    assertEquals(look(torn).end, whole.length, `${kept}`);
  }
});

Deno.test("endOfBlocks() follows blocks across its window of 1 MiB, whatever is given at a time", () => {
  const blocks = Array.from({ length: 40 }, (_, n) => area(60_000 + n).slice(HEADER.length));
  const whole = concat(HEADER, ...blocks);
  for (const most of [Infinity, 100_000, 4096]) {
    assertEquals(look(whole, "raw", most).end, whole.length);
    assertEquals(
      look(whole.subarray(0, -1), "raw", most).end,
      whole.length - blocks.at(-1)!.length,
    );
  }
});

Deno.test("endOfBlocks() passes over blocks that it does not know", () => {
  const unknown = hex("ad0b0000 14000000 01020304 05060708 14000000");
  const whole = concat(HEADER, unknown, area());
  assertEquals(look(whole).end, whole.length);
});

Deno.test("endOfBlocks() reports a section that cannot be continued", () => {
  const known = concat(HEADER);
  known.set(hex("2000000000000000"), 16);
  assertEquals(look(known).described, undefined);
});

Deno.test("endOfBlocks() reports where a file is damaged", () => {
  const packet = area().slice(HEADER.length);
  const at = HEADER.length;
  const short = concat(HEADER, hex("06000000 08000000 08000000"));
  assertThrows(
    () => look(short),
    Error,
    `it is damaged at byte ${at}: a block of 8 bytes; choose another file`,
  );
  const huge = concat(HEADER, hex("06000000 ffffff7f 08000000"));
  assertThrows(() => look(huge), Error, "a block of 2147483647 bytes");
  const ends = concat(HEADER, packet, packet);
  ends[at + packet.length - 4] = 13;
  assertThrows(() => look(ends), Error, `ends as one of 13; choose another file`);
});

Deno.test("endOfBlocks() throws if the file shrinks meanwhile", () => {
  const shrunk = () => 0;
  assertThrows(() => endOfBlocks(shrunk, 4000, "raw"), Error, "it shrinks while it is read");
});

/** Other files, and the errors. */
const OTHERS: readonly (readonly [what: string, bytes: Uint8Array, message: string])[] = [
  ["text", hex("68656c6c6f"), "it is not a pcapng file; choose another file"],
  ["a letter", hex("68"), "it is not a pcapng file; choose another file"],
  ["zeros", new Uint8Array(100), "it is not a pcapng file; choose another file"],
  [
    "pcap",
    fileHeader("raw"),
    'it is a pcap file, not pcapng; choose another file, or the format "pcap"',
  ],
  [
    "Ethernet",
    pcapngHeader("ethernet"),
    'its link type is 1, not 101 (raw IP); choose another file, or the link type "ethernet"',
  ],
  [
    "the other byte order",
    hex("0a0d0d0a 0000001c 1a2b3c4d 0001 0000 ffffffffffffffff 0000001c"),
    "it is a pcapng file of the other byte order; choose another file",
  ],
  [
    "version 2.0",
    hex("0a0d0d0a 1c000000 4d3c2b1a 0200 0000 ffffffffffffffff 1c000000"),
    "it is a pcapng file of version 2.0, not 1.0; choose another file",
  ],
  [
    "another snapshot length",
    concat(HEADER.subarray(0, 52), hex("01000000 14000000 6500 0000 ffff0000 14000000")),
    "its snapshot length is 65535, not 262144, and tcpdump reads no file with both; choose another file",
  ],
];

for (const [what, bytes, message] of OTHERS) {
  Deno.test(`endOfBlocks() refuses another kind of file and names it: ${what}`, () => {
    assertEquals(assertThrows(() => look(bytes), Error).message, message);
  });
}

Deno.test("endOfBlocks() of any bytes is an end within the file, or one of these errors", () => {
  const random = new Random(8);
  const whole = concat(HEADER, area(), area(30).slice(HEADER.length), area(4));
  for (let n = 0; n < 1000; n++) {
    const bytes = whole.slice(0, 1 + random.below(whole.length));
    for (let i = random.below(4); i > 0; i--) bytes[random.below(bytes.length)] = random.below(256);
    try {
      const { end } = look(bytes);
      assertEquals(end >= 0 && end <= bytes.length, true);
    } catch (error) {
      assertMatch((error as Error).message, /; choose another file/);
    }
  }
});
