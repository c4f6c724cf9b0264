import { AssertionError } from "@std/assert";
import { GprintEncoder } from "../../../src/output/gprint/encoder.ts";
import { Ulogd2JsonEncoder } from "../../../src/output/json/ulogd2.ts";
import { OprintEncoder } from "../../../src/output/oprint/encoder.ts";
import { XmlEncoder } from "../../../src/output/xml/encoder.ts";
import { RawPacket } from "../../../src/packet/raw_packet.ts";
import { type Encoder, NO_ROOM, OVERHANG } from "../../../src/record/encoder.ts";
import { Random } from "../../fuzz/random.ts";
import { INTERFACES, metadata, partsOf, place } from "../hostile_packets.ts";
import { KEYS } from "./options.ts";

const PACKETS = 40_000;
/** Offset of records in the output: not 0, to detect writes before them. */
const START = 7;
const UNTOUCHED = 0xee;
const BOUNDARY = "===>PACKET BOUNDARY\n";

/** Interface 3 has a name that no kernel gives. */
const NAMES = INTERFACES.with([[3, '<"\\&\u001b[2J\n\u2028,=']]);
/** Characters that must not reach a terminal: C0 but tab and newline, DEL, C1, bidirectional marks, U+2028. */
// deno-lint-ignore no-control-regex
const STEERING = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\u200e\u200f\u061c]/;

/** A format, and the test of one record's text. */
interface Format {
  name: string;
  encoder: Encoder<RawPacket>;
  isRecord(text: string): boolean;
}

const isOneLine = (text: string) => text.indexOf("\n") === text.length - 1;

const FORMATS: readonly Format[] = [
  {
    name: "JSON",
    encoder: new Ulogd2JsonEncoder({
      ...KEYS,
      timestamp: true,
      eventv1: true,
      device: '"gate"\u001b',
      booleanLabel: true,
    }),
    isRecord(text) {
      const keys = text.match(/(?<=[{ ])"[^"]+"(?=: )/g) ?? [];
      // Every key once: a parser keeps only one of two.
      return isOneLine(text) && Object.keys(JSON.parse(text)).length === keys.length;
    },
  },
  {
    name: "GPRINT",
    encoder: new GprintEncoder({ ...KEYS, timestamp: true }),
    isRecord: (text) => isOneLine(text) && text.startsWith("timestamp=") && !text.endsWith(",\n"),
  },
  {
    name: "OPRINT",
    encoder: new OprintEncoder(KEYS),
    isRecord: (text) =>
      text.startsWith(BOUNDARY) && /^(?:[a-z0-9_.]+=.*\n)+$/.test(text.slice(BOUNDARY.length)),
  },
  {
    name: "XML",
    encoder: new XmlEncoder(),
    isRecord: (text) => isOneLine(text) && isElement(text.slice(0, -1)),
  },
];

/** Returns whether a text is one element: tags in pairs, and nothing in it that is not text. */
function isElement(text: string): boolean {
  const open: string[] = [];
  let depths = 0;
  const rest = text.replaceAll(/<(\/?)([a-z]+)>/g, (_, end, name) => {
    if (end === "") open.push(name);
    else if (open.pop() !== name) open.push("wrong");
    if (open.length === 0) depths++;
    return "";
  });
  return open.length === 0 && depths === 1 && /^(?:[^<>&]|&(?:amp|lt|gt);)*$/.test(rest);
}

for (const { name, encoder, isRecord } of FORMATS) {
  Deno.test(`${PACKETS} hostile packets become whole records of ${name}, whatever lies around them`, () => {
    const random = new Random(PACKETS + name.length);
    const packet = new RawPacket(NAMES);
    const tight = new Uint8Array(1024);
    const surroundings = random.bytes(1024);
    const loose = new Uint8Array(1024);
    const [first, second] = [new Uint8Array(8192), new Uint8Array(8192)];
    const decoder = new TextDecoder();
    for (let n = 0; n < PACKETS; n++) {
      const parts = partsOf(random);
      packet.reset(tight, 0, 0);
      metadata(random, packet);
      const check = (ok: boolean, wrong: string) => {
        if (ok) return;
        throw new AssertionError(
          `packet ${n} ${wrong}: ${JSON.stringify({ ...packet, bytes: [...tight] })}`,
        );
      };
      place(packet, parts, tight, 0);
      first.fill(UNTOUCHED);
      const length = encoder.encode(packet, first, START);
      check(length > 0, "has no record");
      const isOutside = (byte: number) => byte === UNTOUCHED;
      check(first.subarray(0, START).every(isOutside), "is written before its place");
      const behind = first.subarray(START + length + OVERHANG);
      check(behind.every(isOutside), "is written past its place");
      const text = decoder.decode(first.subarray(START, START + length));
      check(isRecord(text), `is not one record: ${text}`);
      check(!STEERING.test(text), `acts on a terminal: ${JSON.stringify(text)}`);

      // Two memories that differ in everything but the packet's bytes give the same record.
      loose.set(surroundings);
      place(packet, parts, loose, 60);
      check(encoder.encode(packet, second, 0) === length, "is of another length elsewhere");
      for (let i = 0; i < length; i++) check(first[START + i] === second[i], "differs elsewhere");

      const small = second.subarray(0, length - 1);
      small.fill(UNTOUCHED);
      check(encoder.encode(packet, small, 0) === NO_ROOM, "is written without room");
      check(small.every(isOutside), "leaves something behind");
    }
  });
}
