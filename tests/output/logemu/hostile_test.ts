import { assert, AssertionError } from "@std/assert";
import { LogemuEncoder } from "../../../src/output/logemu/encoder.ts";
import { type Dialect, LOG_OPTIONS, type LogOption } from "../../../src/output/logemu/options.ts";
import { NO_ROOM, UNFIT } from "../../../src/record/encoder.ts";
import { InterfaceTable } from "../../../src/packet/interface.ts";
import { RawPacket } from "../../../src/packet/raw_packet.ts";
import { ABSENT } from "../../../src/packet/absent.ts";
import { Random } from "../../fuzz/random.ts";

const PACKETS = 200_000;
/** Offset of lines in the output: not 0, to detect writes before them. */
const START = 7;
const NEWLINE = 0x0a;
const UNTOUCHED = 0xee;

const FAMILIES = [2, 2, 2, 2, 10, 10, 10, 10, 3, 5, 7, 7, 7, 0, 1, 255, ABSENT];
const ETHER_TYPES = [0x0800, 0x0806, 0x86dd, 0x8100, 0x88a8, 0, 0xffff, ABSENT];
const PROTOCOLS = [0, 1, 1, 1, 2, 6, 17, 43, 44, 44, 47, 50, 51, 58, 58, 59, 60, 132, 136, 255];
const INTERFACES = new InterfaceTable().with([[1, "lo"], [2, "a-name-of-15-by"]]);

/** Parts of a packet. */
interface Parts {
  prefix: Uint8Array | undefined;
  hwHeader: Uint8Array | undefined;
  l2Header: Uint8Array | undefined;
  payload: Uint8Array | undefined;
}
const PARTS = ["prefix", "hwHeader", "l2Header", "payload"] as const;

/**
 * Returns random bytes; half of the time small ones, which are likelier to be lengths and offsets.
 */
function noise(random: Random, length: number): Uint8Array {
  const bytes = random.bytes(length);
  if (random.below(2) === 0) { for (let i = 0; i < length; i++) bytes[i]! &= 0x0f; }
  return bytes;
}

/**
 * Returns headers that lead deep into the printers, of any protocol, then noise; truncated
 * anywhere.
 */
function payloadOf(random: Random): Uint8Array {
  const bytes = noise(random, 160);
  let at = 0;
  for (let depth = 0; depth < 2; depth++) { // the packet, and one that an ICMP error may quote
    if (random.below(8) === 0) break;
    let protocol = random.pick(PROTOCOLS);
    if (random.below(2) === 0) {
      bytes[at] = 0x40 | random.pick([5, 5, 5, 6, 15, 0, 4]);
      bytes[at + 6]! &= random.pick([0x00, 0xe0, 0xff]);
      if (bytes[at + 6] === 0) bytes[at + 7] = 0;
      bytes[at + 9] = protocol;
      at += 20;
    } else {
      bytes[at] = 0x60;
      let next = at + 6;
      at += 40;
      for (let headers = random.below(4); headers > 0; headers--) {
        protocol = random.pick([0, 43, 44, 50, 51, 60]);
        bytes[next] = protocol;
        next = at;
        if (protocol !== 44) bytes[at + 1] = random.pick([0, 0, 1, 4, 255]);
        else if (random.below(2) === 0) bytes.fill(0, at + 2, at + 4);
        at += protocol === 51 || protocol === 50 ? 12 : 8;
      }
      protocol = random.pick(PROTOCOLS);
      bytes[next] = protocol;
    }
    if (protocol !== 1 && protocol !== 58) break;
    bytes[at] = random.pick([0, 1, 2, 3, 3, 4, 5, 8, 11, 12, 18, 19, 128, 129, 135, 255]);
    bytes[at + 1] = random.pick([0, 0, 1, 3, 4, 5, 8, 12, 255]);
    at += 8;
    if (at > 90) break;
  }
  if (random.below(10) === 0) bytes.set([0, 1, 8, 0, 6, 4, 0, random.below(12)]); // ARP
  return bytes.subarray(0, random.below(2) === 0 ? bytes.length : random.below(bytes.length + 1));
}

function partsOf(random: Random): Parts {
  const sometimes = (most: number) =>
    random.below(3) === 0 ? undefined : noise(random, random.below(most + 1));
  return {
    prefix: sometimes(127),
    hwHeader: sometimes(64),
    l2Header: sometimes(64),
    payload: random.below(20) === 0 ? undefined : payloadOf(random),
  };
}

/** Fills in the metadata. */
function metadata(random: Random, packet: RawPacket): void {
  const word = () => random.pick([ABSENT, 0, 1, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, random.bits()]);
  const device = () => random.pick([ABSENT, 1, 2, 3, 2 ** 32 - 1]);
  packet.family = random.pick(FAMILIES);
  packet.hwProtocol = random.pick(ETHER_TYPES);
  packet.hook = random.below(256);
  packet.mark = word();
  packet.uid = word();
  packet.gid = word();
  packet.inDev = device();
  packet.outDev = device();
  packet.physInDev = device();
  packet.physOutDev = device();
  packet.seconds = random.pick([ABSENT, 0, 1_700_000_000, 2 ** 32, 2 ** 53]);
  packet.nanoseconds = random.below(1_000_000_000);
  packet.receivedSeconds = 1_700_000_000;
  packet.receivedNanoseconds = random.below(1_000_000_000);
  packet.vlanProtocol = random.pick([ABSENT, 0x8100, 0xffff]);
  packet.vlanTci = random.pick([ABSENT, 0, 0xffff]);
  packet.hwType = random.pick([ABSENT, 1, 772, 776, 65534]);
}

/** Places the parts in memory with gaps of its previous contents. */
function place(packet: RawPacket, parts: Parts, memory: Uint8Array, gap: number): void {
  let at = gap;
  for (const name of PARTS) {
    const part = parts[name];
    packet[`${name}Length`] = part === undefined ? ABSENT : part.length;
    if (part === undefined) continue;
    memory.set(part, at);
    packet[`${name}Offset`] = at;
    at += part.length + gap;
  }
  // Without gaps the memory ends with the packet.
  packet.bytes = gap === 0 ? memory.subarray(0, at) : memory;
}

function fail(message: string): never {
  throw new AssertionError(message);
}

function count(bytes: Uint8Array, wanted: number): number {
  let found = 0;
  for (const byte of bytes) if (byte === wanted) found++;
  return found;
}

/** Returns whether it is C0 other than the tab, or DEL. */
function isControl(byte: number): boolean {
  return byte < 0x20 && byte !== 0x09 || byte === 0x7f;
}

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
    const packet = new RawPacket(INTERFACES);
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
      check(!line.subarray(0, -1).some(isControl), "has bytes that steer a terminal");

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
