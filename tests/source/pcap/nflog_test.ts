import { assertEquals } from "@std/assert";
import { encodeAttributes } from "../../../src/netlink/attribute.ts";
import { PcapDecoder } from "../../../src/source/pcap/decoder.ts";
import { BIG_ENDIAN } from "../../../src/pcap/read/layout.ts";
import { concat, hex, ipv4, udp } from "../../packet/sample.ts";
import { decodeOne, everyAttribute, logged } from "../nflog/sample.ts";
import { observe } from "../../packet/observe.ts";
import { batch, decodeBatch, decodeRecord } from "./sample.ts";

const NFLOG = 239;
/** `struct nfgenmsg`: IPv4, version 0, group 1. */
const HEADER = hex("02 00 0001");

Deno.test("A record of link type NFLOG decodes like the kernel's message", () => {
  const attributes = everyAttribute();
  const packet = decodeRecord(NFLOG, concat(HEADER, encodeAttributes(attributes)));
  const seen = observe(packet);
  const names = decodeOne(logged(attributes));
  // The format names no interfaces.
  const other = observe(names).map((value) => value === "eth0" ? undefined : value);
  assertEquals(seen.slice(1), other.slice(1));
  assertEquals(packet.timestamp, 1_600_000_001_123_456);
  assertEquals(packet.seq, 0);
});

Deno.test("Without a stamp of the kernel's the record's holds", () => {
  const payload = encodeAttributes([{ type: 9, value: ipv4(17, udp()) }]);
  const packet = decodeRecord(NFLOG, concat(HEADER, payload));
  assertEquals([packet.timestamp, packet.time], [1_700_000_000_123_456, 1_700_000_000_123_456]);
});

Deno.test("A big-endian machine's attributes are turned around, byte by byte", () => {
  const packet = decodeRecord(
    NFLOG,
    hex(`
      02 00 0001                      # IPv4, version 0, group 1
      0008 0001 0800 0300             # NFULA_PACKET_HDR: IPv4, output
      0009 000a 64726f7020 000000     # NFULA_PREFIX "drop ", padded
      0014 8014                       # NFULA_VLAN, nested
        0006 0001 8100 0000           # NFULA_VLAN_PROTO
        0006 0002 0064 0000           # NFULA_VLAN_TCI
      0020 0009                       # NFULA_PAYLOAD
        45 00 001c 0001 4000 40 11 0000 c0000201 c0000202 9c40 0035 0008 0000`),
    BIG_ENDIAN,
  );
  assertEquals([packet.family, packet.hook, packet.prefix], [2, 3, "drop "]);
  assertEquals([packet.vlan?.protocol, packet.vlan?.id], [0x8100, 100]);
  assertEquals([packet.destination, packet.destinationPort], ["192.0.2.2", 53]);
  assertEquals(observe(packet.copy()), observe(packet));
});

Deno.test("Attributes that do not fit make a record malformed, in either byte order", () => {
  for (const flags of [0, BIG_ENDIAN]) {
    const lying = flags === 0 ? hex("ff00 0900 45") : hex("00ff 0009 45");
    const decoder = new PcapDecoder();
    decodeBatch(batch(NFLOG, [concat(HEADER, lying), HEADER], flags), decoder);
    assertEquals([decoder.received, decoder.malformed], [2, 1]);
  }
});

Deno.test("The copy range cuts the payload attribute", () => {
  const record = concat(HEADER, encodeAttributes(everyAttribute()));
  const [packet] = decodeBatch(batch(NFLOG, [record]), new PcapDecoder({ copyRange: 24 }));
  assertEquals([packet?.payload?.length, packet?.prefix], [24, "drop "]);
});
