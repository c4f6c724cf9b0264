import { assertEquals } from "@std/assert";
import { lossSection } from "../../../src/pcap/write/block.ts";
import { pcapEncoder } from "../../../src/output/pcap/encoder.ts";
import { pcapngHeader, unnamedInterface } from "../../../src/output/pcap/pcapng_file.ts";
import { SectionJoiner } from "../../../src/pcap/write/sections.ts";
import { InterfaceTable } from "../../../src/packet/interface.ts";
import { Random } from "../../fuzz/random.ts";
import { concat, hex, ipv4, rawPacket, udp } from "../../packet/sample.ts";
import { readBlocks } from "./blocks.ts";

const INTERFACES = new InterfaceTable().with([[1, "lo"], [2, "eth0"], [3, "eth1"], [4, "wg0"]]);
const NAMES = [undefined, "lo", "eth0", "eth1", "wg0"];

/** Returns the encoder of one sandbox. */
function sandbox() {
  const encoder = pcapEncoder({ format: "pcapng", linkType: "raw" });
  const out = new Uint8Array(64 * 1024);
  return (...devices: number[]) => {
    let at = 0;
    for (const inDev of devices) {
      const packet = rawPacket(ipv4(17, udp()), { interfaces: INTERFACES, inDev: inDev || -1 });
      at += encoder.encode(packet, out, at);
    }
    return out.slice(0, at);
  };
}

/** Returns the contents of a file after areas were joined to its header. */
function fileOf(...areas: Uint8Array[]) {
  const joiner = new SectionJoiner([unnamedInterface("raw")]);
  const parts = areas.map((area) => joiner.join(area).slice());
  return readBlocks(concat(pcapngHeader("raw"), ...parts));
}

Deno.test("Areas of two encoders become one section, in which every packet has its interface", () => {
  const [one, two] = [sandbox(), sandbox()];
  const file = fileOf(one(2, 3), two(3, 1), one(1, 2), two(2), two(3, 0), one(0, 4));
  assertEquals(file.sections, 1);
  assertEquals(file.names, [undefined, "eth0", "eth1", "lo", "wg0"]);
  assertEquals(
    file.packets.map(({ name }) => name),
    ["eth0", "eth1", "eth1", "lo", "lo", "eth0", "eth0", "eth1", undefined, undefined, "wg0"],
  );
});

Deno.test("Any encoders in any order, several areas at a time: every packet has its interface", () => {
  const random = new Random(3);
  const sandboxes = [sandbox(), sandbox(), sandbox()];
  const joiner = new SectionJoiner([unnamedInterface("raw")]);
  const parts: Uint8Array[] = [pcapngHeader("raw")];
  const expected: (string | undefined)[] = [];
  for (let n = 0; n < 300; n++) {
    const areas = Array.from({ length: 1 + random.below(3) }, () => {
      const devices = Array.from({ length: 1 + random.below(5) }, () => random.below(5));
      expected.push(...devices.map((device) => NAMES[device]));
      return random.pick(sandboxes)(...devices);
    });
    parts.push(joiner.join(concat(...areas)).slice());
  }
  const file = readBlocks(concat(...parts));
  assertEquals([file.sections, file.names.length], [1, 5]);
  assertEquals(file.packets.map(({ name }) => name), expected);
});

Deno.test("An interface that was not written is described again", () => {
  const area = sandbox();
  const joiner = new SectionJoiner([unnamedInterface("raw")]);
  const first = joiner.join(area(2)).slice();
  joiner.join(area(2, 3));
  joiner.undo();
  const again = joiner.join(area(3, 2)).slice();
  const file = readBlocks(concat(pcapngHeader("raw"), first, again));
  assertEquals(file.names, [undefined, "eth0", "eth1"]);
  assertEquals(file.packets.map(({ name }) => name), ["eth0", "eth1", "eth0"]);
});

Deno.test("After a section that cannot be continued a new one begins", () => {
  const area = sandbox();
  const joiner = new SectionJoiner(undefined);
  const file = readBlocks(
    concat(pcapngHeader("raw"), joiner.join(area(2)).slice(), joiner.join(area(2)).slice()),
  );
  assertEquals([file.sections, file.names], [2, [undefined, "eth0"]]);
  // The same if the first write failed.
  const other = new SectionJoiner(undefined);
  other.join(area(2));
  other.undo();
  assertEquals(readBlocks(other.join(area(2))).sections, 1);
});

Deno.test("Losses name their source, in the same section", () => {
  const area = sandbox();
  const file = fileOf(
    lossSection("raw", "", 7, 1_700_000_000, 0),
    area(2),
    lossSection("raw", "blue", 2 ** 40, 1_700_000_000, 0),
    area(2),
  );
  assertEquals(file.sections, 1);
  assertEquals(file.losses, [
    { comment: "lost=7", dropped: 7n },
    { comment: `lost=${2 ** 40} source=blue`, dropped: 2n ** 40n, description: "source blue" },
  ]);
  assertEquals(file.packets.length, 2);
});

Deno.test("A new section begins before there are too many interfaces", () => {
  const joiner = new SectionJoiner([]);
  const encoder = pcapEncoder({ format: "pcapng", linkType: "raw" });
  const out = new Uint8Array(1024 * 1024);
  let sections = 0;
  for (let n = 0; n < 200; n++) {
    let at = 0;
    for (let i = 0; i < 100; i++) {
      const index = n * 100 + i;
      const interfaces = new InterfaceTable().with([[index, `veth${index}`]]);
      at += encoder.encode(rawPacket(ipv4(17, udp()), { interfaces, inDev: index }), out, at);
    }
    const joined = joiner.join(out.subarray(0, at));
    for (
      let at = 0;
      at < joined.length;
      at += new DataView(joined.buffer).getUint32(at + 4, true)
    ) {
      if (joined[at] === 0x0a) sections++;
    }
  }
  assertEquals(sections, 1);
});

Deno.test("Bytes that no encoder makes are copied unchanged, without an endless loop", () => {
  const random = new Random(4);
  const joiner = new SectionJoiner([]);
  assertEquals(joiner.join(hex("06000000 ff0000ff 00")), hex("06000000 ff0000ff 00"));
  assertEquals(joiner.join(hex("06000000 0c000000 00000000")), hex("06000000 0c000000 00000000"));
  assertEquals(joiner.join(new Uint8Array(0)), new Uint8Array(0));
  for (let n = 0; n < 2000; n++) {
    const bytes = concat(sandbox()(1, 2), random.bytes(random.below(200)));
    bytes[random.below(bytes.length)] = random.below(256);
    assertEquals(joiner.join(bytes).length <= bytes.length, true);
  }
});
