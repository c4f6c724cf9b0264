import { assertEquals } from "@std/assert";
import { PcapngParser } from "../../../src/pcap/read/pcapng.ts";
import { type FileRecord, newRecord, Step } from "../../../src/pcap/read/record.ts";
import { Window } from "../../../src/pcap/read/window.ts";
import { concat, hex } from "../../packet/sample.ts";
import { Blocks } from "./pcapng_sample.ts";

const [DATA, OTHER] = [hex("45 00 01 02 03"), hex("60 07")];
const blocks = new Blocks();

interface Found {
  records: (Pick<FileRecord, "seconds" | "nanoseconds" | "kind" | "captured" | "original"> & {
    name: string | undefined;
    data: Uint8Array;
  })[];
  /** The damage and its position. */
  damage: string | undefined;
  parser: PcapngParser;
}

/** Parses a file that comes in pieces of so many bytes. */
function parse(file: Uint8Array, chunk = file.length): Found {
  const [window, parser, record] = [new Window(), new PcapngParser(), newRecord()];
  const records: Found["records"] = [];
  for (let at = 0;;) {
    const step = parser.next(window, record);
    if (step === Step.RECORD) {
      const { seconds, nanoseconds, kind, captured, original, data } = record;
      const bytes = window.bytes.slice(data, data + captured);
      const { name } = parser.interfaces.get(record.interface);
      records.push({ seconds, nanoseconds, kind, captured, original, name, data: bytes });
      window.skip(record.size);
    } else if (step === Step.DAMAGED) {
      return { records, damage: `${window.offset}: ${parser.damage}`, parser };
    } else if (at === file.length) {
      const cut = parser.cut(window);
      return { records, damage: cut && `${window.offset}: ${cut}`, parser };
    } else {
      const part = file.subarray(at, at + Math.min(chunk, window.room().length));
      window.room().set(part);
      window.add(part.length);
      at += part.length;
    }
  }
}

/** Returns the time of one packet with this timestamp. */
function timeOf(options: Uint8Array[], upper: number, lower: number): [number, number] {
  const file = [
    blocks.section(),
    blocks.interface(1, options),
    blocks.packet(DATA, { upper, lower }),
  ];
  const [record] = parse(concat(...file)).records;
  return [record!.seconds, record!.nanoseconds];
}

Deno.test("Sections of either byte order, with several interfaces, follow each other in one file", () => {
  const [little, big] = [new Blocks(true), new Blocks(false)];
  const file = concat(
    little.section(),
    little.interface(1, [little.name("eth0")]),
    little.interface(101, [little.name("tun0")]),
    little.packet(DATA, { id: 1, lower: 1_500_000 }),
    little.packet(OTHER, { id: 0 }),
    big.section(),
    big.interface(113, [big.name("eth0")]),
    big.packet(DATA, { id: 0, lower: 2_000_001 }),
  );
  const { records, damage, parser } = parse(file);
  assertEquals(damage, undefined);
  assertEquals(records, [
    {
      seconds: 1,
      nanoseconds: 500_000_000,
      kind: 101,
      captured: 5,
      original: 105,
      name: "tun0",
      data: DATA,
    },
    { seconds: 0, nanoseconds: 0, kind: 1, captured: 2, original: 102, name: "eth0", data: OTHER },
    {
      seconds: 2,
      nanoseconds: 1000,
      kind: 0x1_0071,
      captured: 5,
      original: 105,
      name: "eth0",
      data: DATA,
    },
  ]);
  // The same name is the same interface.
  assertEquals(parser.interfaces.names(), [[0x4000_0000, "eth0"], [0x4000_0001, "tun0"]]);
  for (const chunk of [1, 3, 7, 100]) assertEquals(parse(file, chunk).records, records);
});

Deno.test("Clocks count in powers of ten and of two, from any second on, to the nanosecond", () => {
  const resolution = (byte: number) => blocks.option(9, Uint8Array.of(byte));
  const offset = (seconds: bigint) => {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setBigInt64(0, seconds, true);
    return blocks.option(14, bytes);
  };
  // 1700000000.123456789 s in nanoseconds
  const count = 1_700_000_000_123_456_789n;
  const words = [Number(count >> 32n), Number(count & 0xffff_ffffn)] as const;
  assertEquals(timeOf([resolution(9)], ...words), [1_700_000_000, 123_456_789]);
  assertEquals(timeOf([], 0x5f5e1, 0), [1_677_721_600, 0]);
  assertEquals(timeOf([resolution(0)], 0, 7), [7, 0]);
  assertEquals(timeOf([resolution(0x80 | 10)], 0, 1536), [1, 500_000_000]);
  assertEquals(timeOf([resolution(6), offset(100n)], 0, 1_000_000), [101, 0]);
  assertEquals(timeOf([offset(-5n)], 0, 7_000_001), [2, 1000]);
  assertEquals(timeOf([offset(-5n)], 0, 1_000_000), [0, 0]);
});

Deno.test("Obsolete and simple packet blocks are read; unknown blocks are skipped", () => {
  const file = concat(
    blocks.section(),
    blocks.block(0x0bad, new Uint8Array(900_000)),
    blocks.interface(101, [], 4),
    blocks.oldPacket(OTHER, 0),
    blocks.simplePacket(DATA.subarray(0, 4), 5),
    blocks.block(5, new Uint8Array(12)),
    blocks.packet(DATA),
  );
  for (const chunk of [file.length, 50_000]) {
    const { records, damage } = parse(file, chunk);
    assertEquals(damage, undefined);
    assertEquals(records.map(({ captured, original, seconds }) => [captured, original, seconds]), [
      [2, 2, 5],
      [4, 5, 0],
      [5, 105, 0],
    ]);
  }
});

Deno.test("The direction in a packet's flags is reported", () => {
  const flags = (value: number) => [blocks.option(1, DATA), blocks.option(2, blocks.words(value))];
  const file = [1, 2, 0].map((value) => blocks.packet(DATA, { options: flags(value) }));
  const { records } = parse(concat(blocks.section(), blocks.interface(1), ...file));
  assertEquals(records.map(({ kind }) => kind), [1, 0x2_0001, 1]);
});

Deno.test("Packets of an unsupported link type are skipped and counted", () => {
  const { records, parser } = parse(concat(
    blocks.section(),
    blocks.interface(127),
    blocks.interface(1),
    blocks.packet(DATA, { id: 0 }),
    blocks.packet(DATA, { id: 1 }),
    blocks.packet(DATA, { id: 0 }),
  ));
  assertEquals(records.length, 1);
  assertEquals([...parser.passedOver], [[127, 2]]);
});

Deno.test("Damage is reported with its offset, after all packets before it", () => {
  const head = concat(blocks.section(), blocks.interface(1), blocks.packet(DATA));
  const damaged = (bytes: Uint8Array, message: string) => {
    const { records, damage } = parse(concat(head, bytes));
    assertEquals([records.length, damage], [1, `${head.length}: ${message}`]);
  };
  const packet = blocks.packet(DATA);
  damaged(packet.subarray(0, 11), "11 of the 12 bytes that a block has at the least");
  damaged(packet.subarray(0, 39), "39 of the 40 bytes of a block");
  damaged(concat(blocks.words(6, 41), packet), "a block of 41 bytes");
  damaged(concat(blocks.words(6, 8), packet), "a block of 8 bytes");
  damaged(concat(blocks.words(6, 0x7fff_fffc), packet), "a block of 2147483644 bytes");
  damaged(
    concat(packet.subarray(0, 36), blocks.words(44)),
    "a block of 40 bytes ends as one of 44",
  );
  damaged(blocks.packet(DATA, { id: 3 }), "a packet of interface 3, which is not there");
  damaged(blocks.packet(DATA, { captured: 9 }), "a packet of 9 bytes in a block of 40");
  damaged(blocks.block(6, DATA), "a packet's block of 20 bytes");
  damaged(blocks.block(3, new Uint8Array(0)), "a packet's block of 12 bytes");
  damaged(blocks.block(1, DATA.subarray(0, 4)), "an interface's block of 16 bytes");
  damaged(
    blocks.interface(1, [blocks.option(9, Uint8Array.of(40))]),
    `an interface whose clock counts 1/1${"0".repeat(40)} seconds`,
  );
  damaged(
    concat(blocks.words(0x0a0d0d0a, 28, 7), new Uint8Array(16)),
    "a section without its byte order",
  );
  damaged(
    blocks.block(0x0a0d0d0a, concat(blocks.words(0x1a2b3c4d), blocks.halves(2, 0), DATA, DATA)),
    "a section of version 2",
  );
});

Deno.test("A file that ends within a skipped block is cut", () => {
  const head = concat(blocks.section(), blocks.interface(1));
  const long = blocks.block(0x0bad, new Uint8Array(900_000));
  const { damage } = parse(concat(head, long.subarray(0, 600_000)), 50_000);
  assertEquals(damage?.replace(/^\d+: /, ""), "a block that is 300012 bytes longer");
});
