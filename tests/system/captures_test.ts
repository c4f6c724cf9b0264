/**
 * Real captures from ../shared/pcaps: compared with tcpdump and capinfos, and written again in
 * every format and link type.
 *
 * @module
 */

import { fromFileUrl } from "../../src/text/file_url.ts";
import { assert, assertEquals } from "@std/assert";
import { pcapFile } from "nfscribe";
import type { Packet } from "../../src/packet/packet.ts";
import { describe } from "../../src/packet/describe.ts";
import { assertFits } from "../packet/structured_schema.ts";
import { read } from "./capture_file.ts";
import { hasProgram, must, run, temporaryFolder } from "./process.ts";

const PCAPS = fromFileUrl(new URL("../../../shared/pcaps/", import.meta.url).href);

const FILES: readonly string[] = filesOf(PCAPS);
const HAS_CAPINFOS = hasProgram("capinfos");
/** Link types by capinfos' names. */
const LINK_TYPES_OF_CAPINFOS: Readonly<Record<string, number>> = { ether: 1 };
const [FORMATS, LINK_TYPES] = [["pcap", "pcapng"], ["raw", "ethernet", "nflog"]] as const;

function filesOf(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].map(({ name }) => name)
      .filter((name) => name.endsWith("cap")).sort();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

function test(name: string, needs: boolean, fn: () => Promise<void>): void {
  const missing = FILES.length === 0
    ? " (needs ../shared/pcaps)"
    : needs
    ? ""
    : " (needs capinfos)";
  Deno.test({ name: name + missing, ignore: missing !== "", fn });
}

/** Returns the link type of a pcap file. */
async function linkTypeOf(path: string): Promise<number> {
  using file = await Deno.open(path);
  const head = new DataView(new ArrayBuffer(24));
  await file.read(new Uint8Array(head.buffer));
  const littleEndian = [0xa1b2c3d4, 0xa1b23c4d].includes(head.getUint32(0, true));
  return head.getUint32(20, littleEndian) & 0xffff;
}

test("Every capture has the records that tcpdump counts", true, async () => {
  assert(FILES.length > 200);
  for (const name of FILES) {
    const path = PCAPS + name;
    const [given, { stdout }] = await Promise.all([
      read(path),
      run(["tcpdump", "-r", path, "--count"]),
    ]);
    const { received, warnings } = given;
    assertEquals([name, `${received} packet${received === 1 ? "" : "s"}`], [name, stdout.trim()]);
    assertEquals(warnings, []);
  }
});

test(
  "Every packet fits the JSON Schema, and its line is that of its structured form",
  true,
  async () => {
    let count = 0;
    for (const name of FILES) {
      for (const packet of (await read(PCAPS + name)).packets) {
        assertFits(packet);
        assertEquals(describe(packet.toJSON()), String(packet));
        count++;
      }
    }
    assert(count > 1000);
  },
);

test(
  "Every capture has the lengths and the link type that capinfos prints",
  HAS_CAPINFOS,
  async () => {
    const paths = FILES.map((name) => PCAPS + name);
    const table = await must(["capinfos", "-T", "-M", "-r", "-c", "-d", "-s", "-E", ...paths]);
    const lines = table.trimEnd().split("\n").map((line) => line.split("\t"));
    assertEquals(lines.length, FILES.length);
    for (const [path, encapsulation, count, size, data] of lines) {
      const { received, original, captured } = await read(path!);
      // After the file's header, each record has one of its own.
      const expected = [path, Number(count), Number(data), Number(size) - 24 - 16 * Number(count)];
      assertEquals([path, received, original, captured], expected);
      assertEquals([path, await linkTypeOf(path!)], [path, LINK_TYPES_OF_CAPINFOS[encapsulation!]]);
    }
  },
);

test(
  "Every packet written again, in every format and link type, reads back equal",
  true,
  async () => {
    await using folder = await temporaryFolder();
    for (const format of FORMATS) {
      for (const linkType of LINK_TYPES) {
        const path = `${folder.path}/${linkType}.${format}`;
        const written: Packet[] = [];
        {
          await using file = await pcapFile(path, { format, linkType, sync: false });
          for (const name of FILES) {
            for (const packet of (await read(PCAPS + name)).packets) {
              if (await file.write(packet)) written.push(packet);
            }
          }
        }
        const { packets, warnings } = await read(path);
        assertEquals([path, warnings, packets.length], [path, [], written.length]);
        assert(written.length > 1000);
        packets.forEach((packet, index) => {
          const original = written[index]!;
          assertEquals(seenOf(packet), seenOf(original));
          assertEquals(isStart(packet.payload!, original.payload!), true);
        });
      }
    }
  },
);

/**
 * Returns the fields that all formats and link types keep: time to the microsecond, family,
 * headers.
 */
function seenOf(packet: Packet) {
  return [packet.time, packet.family, packet.source, packet.destination, packet.destinationPort];
}

/** Returns whether bytes are the start of others: attributes of NFLOG hold less than 64 KiB. */
function isStart(start: Uint8Array, whole: Uint8Array): boolean {
  if (start.length !== whole.length && start.length < 65_000) return false;
  return start.every((byte, index) => byte === whole[index]);
}
