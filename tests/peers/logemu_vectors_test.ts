import { assert, assertEquals } from "@std/assert";
import { LogemuEncoder } from "../../src/output/logemu/encoder.ts";
import { UNFIT } from "../../src/record/encoder.ts";
import { InterfaceTable } from "../../src/packet/interface.ts";
import type { RawPacket } from "../../src/packet/raw_packet.ts";
import { concat, hex, rawPacket } from "../packet/sample.ts";

/** Inputs, and the lines of ulogd's development branch. */
const VECTORS = new URL("../../../shared/logemu/", import.meta.url);
const HAS_VECTORS = (() => {
  try {
    return Deno.statSync(VECTORS).isDirectory;
  } catch {
    return false;
  }
})();

const NO_LINE = "(stack stops: IP2STR returned -1, no line)";
const ARP_FAMILY = "2.0.8 prints nothing behind the link header for the ARP family";

/** Differences of 2.0.8, which nfscribe follows, from the development branch. */
const DIFFERENT: ReadonlyMap<string, { line: string; reason: string }> = new Map(
  ["arp req", "arp reply", "arp nak", "arp rarp req", "arp short"].map((name) =>
    [name, { line: "P: IN=eth0 OUT= MAC= MARK=0x0 $", reason: ARP_FAMILY }] as const
  ),
);

interface Vector {
  name: string;
  packet: RawPacket;
  line: string;
}

function read(): Vector[] {
  const rows = (file: string) =>
    Deno.readTextFileSync(new URL(file, VECTORS)).split("\n").filter((row) => row !== "");
  const inputs = rows("inputs.txt");
  const lines = rows("lines.txt");
  assertEquals(lines.length, inputs.length, "as many lines as inputs");
  // After names of one width.
  const width = lines.at(-1)!.indexOf(NO_LINE);
  return inputs.map((input, n) => {
    const name = input.split("|")[0]!;
    assertEquals(lines[n]!.slice(0, width).trimEnd(), name);
    return { name, packet: packetOf(input), line: lines[n]!.slice(width) };
  });
}

function packetOf(input: string): RawPacket {
  const [, family, hwProtocol, prefix, inDev, outDev, hwHeader, uid, gid, mark, payload] = input
    .split("|");
  const optional = (value: string | undefined) => value === "-" ? {} : { value: Number(value) };
  const parts = [
    new TextEncoder().encode(prefix === "-" ? "" : prefix),
    hex(hwHeader!),
    hex(payload!),
  ] as const;
  const [before, header, bytes] = parts;
  const names = new InterfaceTable().with([[1, inDev!], [2, outDev!]]);
  return rawPacket(concat(...parts), {
    family: Number(family),
    hwProtocol: Number(hwProtocol),
    interfaces: names,
    ...(inDev !== "" && { inDev: 1 }),
    ...(outDev !== "" && { outDev: 2 }),
    ...(prefix !== "-" && { prefixOffset: 0, prefixLength: before.length }),
    ...(header.length > 0 && { hwHeaderOffset: before.length, hwHeaderLength: header.length }),
    uid: optional(uid).value ?? -1,
    gid: optional(gid).value ?? -1,
    mark: Number(mark),
    payloadOffset: before.length + header.length,
    payloadLength: bytes.length,
  });
}

function lineOf(packet: RawPacket): string {
  const encoder = new LogemuEncoder({
    dialect: "ulogd2",
    logOptions: [],
    timeFormat: "syslog",
    hostname: "gate",
  });
  const out = new Uint8Array(4096);
  const length = encoder.encode(packet, out, 0);
  if (length === UNFIT) return NO_LINE;
  const text = new TextDecoder().decode(out.subarray(0, length));
  const host = " gate ";
  return text.slice(text.indexOf(host) + host.length).replace(/\n$/, "$");
}

Deno.test({
  name:
    "The lines of ulogd for 75 inputs are those of nfscribe, but for what 2.0.8 does otherwise" +
    (HAS_VECTORS ? "" : " (needs ../shared/logemu)"),
  ignore: !HAS_VECTORS,
  fn() {
    const vectors = read();
    assertEquals(vectors.length, 75);
    const wrong = vectors.flatMap(({ name, packet, line }) => {
      const expected = DIFFERENT.get(name)?.line ?? line;
      const actual = lineOf(packet);
      return actual === expected ? [] : [`${name}\n  ulogd    ${expected}\n  nfscribe ${actual}`];
    });
    assert(wrong.length === 0, wrong.join("\n"));
  },
});

Deno.test({
  name: "Every listed difference between ulogd's versions is real, and occurs in the inputs" +
    (HAS_VECTORS ? "" : " (needs ../shared/logemu)"),
  ignore: !HAS_VECTORS,
  fn() {
    const lines = new Map(read().map(({ name, line }) => [name, line]));
    for (const [name, { line, reason }] of DIFFERENT) {
      assert(lines.has(name) && lines.get(name) !== line, `${name} is no difference: ${reason}`);
    }
  },
});
