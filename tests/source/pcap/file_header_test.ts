import { assertEquals, assertThrows } from "@std/assert";
import { readFileHeader } from "../../../src/pcap/read/file_header.ts";
import { hex } from "../../packet/sample.ts";
import { fileHeader } from "./sample.ts";

Deno.test("A header is read byte by byte", () => {
  const bytes = hex(`
    a1b23c4d 0002 0004    # nanoseconds, big-endian, version 2.4
    00000000 00000000     # UTC, no accuracy
    00040000 000000ef     # 262144 bytes at the most, NFLOG`);
  assertEquals(readFileHeader(bytes), {
    littleEndian: false,
    perSecond: 1_000_000_000,
    linkType: 239,
    lengthOrder: "captured first",
    isModified: false,
  });
});

Deno.test("Both byte orders, both units and every known link type are read", () => {
  for (const littleEndian of [true, false]) {
    for (const [magic, perSecond] of [[0xa1b2c3d4, 1e6], [0xa1b23c4d, 1e9]] as const) {
      for (
        const linkType of [0, 1, 9, 12, 14, 50, 51, 101, 104, 108, 113, 219, 228, 229, 239, 276]
      ) {
        const header = readFileHeader(fileHeader({ littleEndian, magic, linkType }));
        assertEquals(
          [header.littleEndian, header.perSecond, header.linkType],
          [littleEndian, perSecond, linkType],
        );
      }
    }
  }
});

Deno.test("The version determines the order of a record's lengths, as in libpcap", () => {
  const orderOf = (major: number, minor: number) =>
    readFileHeader(fileHeader({ version: [major, minor] })).lengthOrder;
  for (const minor of [0, 1, 2]) assertEquals(orderOf(2, minor), "original first");
  assertEquals([orderOf(2, 3), orderOf(2, 4)], ["either", "captured first"]);
  assertEquals(orderOf(543, 0), "original first"); // DG/UX
  assertEquals(readFileHeader(fileHeader({ magic: 0xa1b2cd34 })).isModified, true);
});

Deno.test("The length of frame check sequences is not part of the link type", () => {
  assertEquals(readFileHeader(fileHeader({ linkType: 0x3400_0001 })).linkType, 1);
});

Deno.test("A file of another kind is refused with what to do", () => {
  const refused = (bytes: Uint8Array, message: string) =>
    assertThrows(() => readFileHeader(bytes), Error, message);
  refused(new Uint8Array(0), "it is empty; choose another file");
  for (const version of [[1, 0], [2, 5], [3, 0], [543, 1]] as const) {
    refused(
      fileHeader({ version }),
      `version ${version.join(".")} of the pcap format, and nfscribe reads 2.0 to 2.4; convert it`,
    );
  }
  refused(hex("a1b2"), "not a capture file");
  refused(
    new TextEncoder().encode("#!/bin/sh"),
    "it is not a capture file in pcap or pcapng format",
  );
  refused(fileHeader().subarray(0, 23), "ends within its header, after 23 of 24 bytes");
});

Deno.test("An unknown link type is refused with a list of the known ones", () => {
  const refused = (linkType: number, message: string) =>
    assertThrows(() => readFileHeader(fileHeader({ linkType })), Error, message);
  refused(
    127,
    "its link type is 127, and nfscribe reads 0 (BSD loopback), 1 (Ethernet), 9 (PPP), " +
      "50 (PPP in HDLC), 51 (PPPoE), 101 (raw IP), 104 (Cisco HDLC), 108 (OpenBSD loopback), " +
      "113 (Linux cooked), 219 (MPLS), 228 (IPv4), 229 (IPv6), 239 (NFLOG), " +
      "276 (Linux cooked 2); choose another file",
  );
});
