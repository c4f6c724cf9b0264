/**
 * Texts that would forge a record or act on a terminal, in every field of a record that has text.
 *
 * @module
 */

import { assert, assertEquals, assertGreater } from "@std/assert";
import type { Options } from "../../src/definition.ts";
import { InterfaceTable } from "../../src/packet/interface.ts";
import { isUtf8 } from "../../src/output/json/ulogd2_text.ts";
import type { RawFlow } from "../../src/flow/raw_flow.ts";
import type { RawPacket } from "../../src/packet/raw_packet.ts";
import type { RawRecord } from "../../src/record/kind.ts";
import type { Encoder } from "../../src/record/encoder.ts";
import { utf8Length } from "../../src/text/utf8.ts";
import { concat } from "../packet/sample.ts";
import { numberedFlow } from "./flows.ts";
import type { Shown } from "./outputs/fixture.ts";
import { numbered } from "./packets.ts";

/** The longest prefix that a rule of nft has (`NF_LOG_PREFIXLEN` in linux/netfilter/nf_log.h), without NUL. */
const PREFIX_MAX = 127;
/** C0 without the tab, which lines may have, and DEL. */
const CONTROLS = Uint8Array.from({ length: 128 }, (_, byte) => byte)
  .filter((byte) => (byte < 0x20 || byte === 0x7f) && byte !== 0x09);
const encoder = new TextEncoder();

/** Bytes of prefixes; names of interfaces are the same as text. */
const TEXTS: readonly (readonly [name: string, bytes: Uint8Array])[] = [
  ["control characters", CONTROLS],
  ["an escape sequence and a line", encoder.encode("\x1b]0;title\x07\x1b[2J\r\nfw kernel: forged")],
  ["quotes, brackets and separators", encoder.encode("\"'\\/`<>&;=,:[]{}#% ")],
  ["C1", encoder.encode("\u0080\u0085\u009b31m\u009d0;title\u009c")],
  [
    "line separators and marks of direction",
    encoder.encode("\u2028\u2029\u061c\u200e\u202e\u2066"),
  ],
  [
    "what is not UTF-8",
    Uint8Array.from([0xff, 0x80, 0x9b, 0xc2, 0xe2, 0x80, 0xf4, 0x90, 0xed, 0xa0]),
  ],
  ...["p", '"', "\n", "\x1b", "é", "☃"].map((character) =>
    [
      `${PREFIX_MAX} bytes of ${JSON.stringify(character)}`,
      encoder.encode(character.repeat(PREFIX_MAX)).subarray(0, PREFIX_MAX),
    ] as const
  ),
  [`${PREFIX_MAX} bytes of 0x9b`, new Uint8Array(PREFIX_MAX).fill(0x9b)],
];

/** Characters that no record has but at the ends of its lines: C0, DEL, C1 and others. */
const STEERING = /[^\P{Cc}\t]|[\p{Bidi_Control}\u2028\u2029]/u;

/** Returns records of a kind with a text in each of their fields, one after the other. */
export type Hostile<Raw> = (bytes: Uint8Array) => Raw[];

/** Returns packets with a text as their prefix, and as the name of each interface. */
export const hostilePackets: Hostile<RawPacket> = (bytes) => [
  packetWith(bytes, "eth0"),
  packetWith(encoder.encode("p"), new TextDecoder().decode(bytes)),
];

/** Returns flows with a text as their helper's name, and as their security context. */
export const hostileFlows: Hostile<RawFlow> = (bytes) => [
  flowWith(bytes, encoder.encode("p")),
  flowWith(encoder.encode("p"), bytes),
];

/** Reader of records, as far as the tests need it. */
interface Readable {
  read(bytes: Uint8Array, options: Options): Shown[];
}

/** Defines the tests of an encoder of text. */
export function testHostileTexts<Raw extends RawRecord>(
  title: string,
  { read, hostile }: Readable & { hostile: Hostile<Raw> },
  options: Options,
  make: () => Encoder<Raw>,
): void {
  const plain = recordOf(make(), hostile(encoder.encode("p"))[0]!);
  const lines = count(plain);
  for (const [name, bytes] of TEXTS) {
    Deno.test(`${title}: ${name} in a prefix or a name is one record that acts on no terminal`, () => {
      const device = new TextDecoder().decode(bytes);
      for (const packet of hostile(bytes)) {
        const record = recordOf(make(), packet);
        assertEquals(count(record), lines, "lines");
        const text = decoded(record);
        for (const line of text.split("\n")) {
          assert(!STEERING.test(line), JSON.stringify(line));
        }
        // Prefixes of LOGEMU's lines keep letters that are not UTF-8.
        if (!isUtf8(record, 0, record.length)) continue;
        const [shown, ...others] = read(record, options);
        assertEquals(others, []);
        const [usual] = read(plain, options);
        // The kernel's dialect cuts long lines where the kernel does.
        const isCut = options.dialect === "kernel" && shown?.length === undefined;
        if (!isCut) assertEquals(withoutTexts(shown), withoutTexts(usual));
      }
      const expected = eventOf(make(), "note", "p");
      if (expected === undefined) return;
      for (const [name, value] of [["note", device], [device, "note"]] as const) {
        const event = eventOf(make(), name, value)!;
        assertEquals(count(event), count(expected), "lines");
        for (const line of decoded(event).split("\n")) {
          assert(!STEERING.test(line), JSON.stringify(line));
        }
      }
    });
  }
}

/** Returns a packet with a prefix and four interfaces of a name. */
function packetWith(prefix: Uint8Array, name: string): RawPacket {
  const packet = numbered(7);
  packet.prefixOffset = packet.bytes.length;
  packet.prefixLength = prefix.length;
  packet.bytes = concat(packet.bytes, prefix);
  packet.end = packet.bytes.length;
  packet.interfaces = new InterfaceTable().with([11, 12, 13, 14].map((index) => [index, name]));
  [packet.inDev, packet.outDev, packet.physInDev, packet.physOutDev] = [11, 12, 13, 14];
  return packet;
}

/** Returns a flow with the name of a helper and a security context. */
function flowWith(helper: Uint8Array, context: Uint8Array): RawFlow {
  const flow = numberedFlow(7);
  flow.helperOffset = flow.bytes.length;
  flow.helperLength = helper.length;
  flow.secctxOffset = flow.helperOffset + helper.length;
  flow.secctxLength = context.length;
  flow.bytes = concat(flow.bytes, helper, context);
  flow.end = flow.bytes.length;
  return flow;
}

function recordOf<Raw>(encoder: Encoder<Raw>, packet: Raw): Uint8Array {
  const out = new Uint8Array(64 * 1024);
  const length = encoder.encode(packet, out, 0);
  assertGreater(length, 0);
  assertEquals(out[length - 1], 0x0a, "the record has no end");
  return out.subarray(0, length);
}

/** Returns the record that a filter script makes; undefined where the format has none. */
function eventOf(encoder: Encoder<never>, name: string, value: string): Uint8Array | undefined {
  const out = new Uint8Array(64 * 1024);
  const event = { seconds: 1_700_000_000, nanoseconds: 0, fields: [[name, value]] } as const;
  const length = encoder.encodeEvent?.(event, out, 0);
  return length === undefined ? undefined : out.subarray(0, length);
}

function count(record: Uint8Array): number {
  return record.filter((byte) => byte === 0x0a).length;
}

/** Decodes a record; bytes of C1 outside of UTF-8, on which a terminal of Latin-1 acts, stay. */
function decoded(record: Uint8Array): string {
  let text = "";
  for (let at = 0; at < record.length;) {
    const size = utf8Length(record, at, record.length);
    text += size === 0
      ? String.fromCharCode(record[at]!)
      : new TextDecoder("utf-8", { ignoreBOM: true }).decode(record.subarray(at, at + size));
    at += Math.max(1, size);
  }
  return text;
}

/** Returns the fields of a record that are no text. */
function withoutTexts(shown: Shown | undefined): Shown {
  const { prefix: _, in: _in, out: _out, ...rest } = shown ?? {};
  return rest;
}
