import { assert, AssertionError } from "@std/assert";
import { LogemuEncoder } from "../../../src/output/logemu/encoder.ts";
import { type Dialect, LOG_OPTIONS, type LogOption } from "../../../src/output/lines/options.ts";
import { NO_ROOM, UNFIT } from "../../../src/record/encoder.ts";
import { RawPacket } from "../../../src/packet/raw_packet.ts";
import { Random } from "../../fuzz/random.ts";
import { INTERFACES, metadata, partsOf, place } from "../hostile_packets.ts";

const PACKETS = 200_000;
/** Offset of lines in the output: not 0, to detect writes before them. */
const START = 7;
const NEWLINE = 0x0a;
const UNTOUCHED = 0xee;

function fail(message: string): never {
  throw new AssertionError(message);
}

function count(bytes: Uint8Array, wanted: number): number {
  let found = 0;
  for (const byte of bytes) if (byte === wanted) found++;
  return found;
}

/** Interface 3 has a name that no kernel gives, as a capture file may have it. */
const NAMES = INTERFACES.with([[3, "e\nSRC=6.6.6.6\u001b[2J\u0085\u2028\u202e"]]);
/** C0 but for the tab, DEL, C1, marks of bidirectional text and line separators. */
const STEERING =
  // deno-lint-ignore no-control-regex
  /[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\u200e\u200f\u061c]/;
const UTF8 = new TextDecoder();

const KINDS: readonly (readonly [Dialect, readonly LogOption[]])[] = [
  ["ulogd2", []],
  ["ulogd1", []],
  ["kernel", []],
  ["kernel", LOG_OPTIONS],
];

for (const [dialect, logOptions] of KINDS) {
  Deno.test(`${PACKETS} hostile packets become whole lines of ${dialect} with ${logOptions.length} options, whatever lies around them`, () => {
    const random = new Random(PACKETS + dialect.length);
    const options = { path: "-", sync: true, dialect, logOptions, hostname: "gate" };
    const encoders = (["syslog", "rfc3339"] as const).map((timeFormat) =>
      new LogemuEncoder({ ...options, timeFormat })
    );
    const packet = new RawPacket(NAMES);
    const tight = new Uint8Array(1024);
    const surroundings = random.bytes(1024);
    const loose = new Uint8Array(1024);
    const [first, second] = [new Uint8Array(4096), new Uint8Array(4096)];
    let lines = 0;

    for (let n = 0; n < PACKETS; n++) {
      const encoder = encoders[n & 1]!;
      const parts = partsOf(random);
      packet.reset(tight, 0, 0);
      metadata(random, packet);
      // The message is built only on failure, because there are many packets.
      const check = (ok: boolean, wrong: string) => {
        if (!ok) fail(`packet ${n} ${wrong}: ${JSON.stringify({ ...packet, bytes: [...tight] })}`);
      };

      place(packet, parts, tight, 0);
      first.fill(UNTOUCHED, 0, START);
      const length = encoder.encode(packet, first, START);
      if (length === UNFIT) {
        check(dialect !== "kernel", "has no line");
        continue;
      }
      lines++;
      check(length > 0 && START + length <= first.length, "does not fit");
      check(count(first.subarray(0, START), UNTOUCHED) === START, "is written before its place");
      const line = first.subarray(START, START + length);
      check(count(line, NEWLINE) === 1 && line.at(-1) === NEWLINE, "is not one line");
      check(!STEERING.test(UTF8.decode(line.subarray(0, -1))), "has what steers a terminal");

      // Two memories that differ in everything but the packet's bytes give the same line.
      loose.set(surroundings);
      place(packet, parts, loose, 60);
      check(encoder.encode(packet, second, 0) === length, "is of another length elsewhere");
      for (let i = 0; i < length; i++) check(line[i] === second[i], "is another line elsewhere");

      // Without room for the line, nothing is written.
      const small = second.subarray(0, length - 1);
      small.fill(UNTOUCHED);
      check(encoder.encode(packet, small, 0) === NO_ROOM, "is written without room");
      check(count(small, UNTOUCHED) === small.length, "leaves something behind");
    }
    assert(lines > PACKETS / 2, `only ${lines} lines`);
  });
}
