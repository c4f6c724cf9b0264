/**
 * Random Ethernet frames with IP packets, including unusual and broken ones, but such that Linux
 * passes them to the firewall: with an IP version, lengths and a header checksum that it accepts.
 *
 * @module
 */

import { Random } from "../fuzz/random.ts";
import { concat } from "../packet/sample.ts";
import { checksumIpv4, type Frame } from "./frames.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const ICMP = 1;
const TCP = 6;
const UDP = 17;
const ROUTING = 43;
const FRAGMENT = 44;
const ESP = 50;
const AH = 51;
const ICMPV6 = 58;
const NO_NEXT_HEADER = 59;
const DESTINATION_OPTIONS = 60;
const DCCP = 33;
const SCTP = 132;
const MOBILITY = 135;
const UDPLITE = 136;

/** Protocols that a logger knows, and some that it may not. */
const KNOWN = [
  ICMP,
  ICMP,
  ICMP,
  TCP,
  UDP,
  UDPLITE,
  SCTP,
  AH,
  ESP,
  ICMPV6,
  DCCP,
  2,
  4,
  41,
  47,
  0,
  255,
] as const;
/** Extension headers of IPv6, for the IPv6 layer and for loggers. */
const EXTENSIONS = [0, ROUTING, FRAGMENT, DESTINATION_OPTIONS, AH, MOBILITY] as const;

/**
 * Returns random frames.
 *
 * @param seed The same seed gives the same frames.
 * @param count Their number; 3000 and more contain every protocol number, ICMP type and code of
 *   interest.
 */
export function randomFrames(seed: number, count: number): Frame[] {
  const random = new Random(seed);
  return Array.from({ length: count }, (_, index) => {
    const bytes = random.below(2) === 0
      ? ethernet(random, 0x0800, ipv4(random, index))
      : ethernet(random, 0x86dd, ipv6(random, index));
    return { bytes, origin: `seed ${seed} frame ${index + 1}` };
  });
}

function ethernet(random: Random, type: number, packet: Bytes): Bytes {
  // A tag of VLAN 0 has only a priority, so it needs no device of its own.
  const tag = random.below(16) === 0 ? [0x81, 0x00, random.below(16) << 4, 0] : [];
  const header = concat(random.bytes(12), Uint8Array.of(...tag, type >> 8, type & 0xff));
  header[0]! &= 0xfe;
  const frame = concat(header, packet);
  // Short frames are padded on a real wire.
  const padding = random.below(3) === 0 ? Math.max(0, 60 - frame.length) + random.below(9) : 0;
  return concat(frame, random.bytes(padding));
}

/** Returns an IPv4 packet; most protocol numbers in turn, the known ones more often. */
function ipv4(random: Random, index: number): Bytes {
  const protocol = random.below(6) === 0 ? index & 0xff : random.pick(KNOWN);
  const options = random.below(4) === 0 ? ipv4Options(random) : empty();
  const header = concat(random.bytes(20), options);
  const upper = maybeCut(random, layer4(random, protocol, index));
  const view = new DataView(header.buffer);
  header[0] = 0x40 | header.length / 4;
  view.setUint16(2, header.length + upper.length);
  view.setUint16(6, ipv4Fragment(random));
  header[8] = random.pick([0, 1, 64, 255, random.below(256)]);
  header[9] = protocol;
  checksumIpv4(header, 0);
  return concat(header, upper);
}

/**
 * Returns flags and offset: unfragmented, or any combination of the three flags with and without an
 * offset.
 */
function ipv4Fragment(random: Random): number {
  switch (random.below(4)) {
    case 0:
      return random.below(8) << 13 | random.pick([0, 1, 185, 0x1fff, random.below(0x2000)]);
    case 1:
      return random.below(8) << 13;
    default:
      return random.pick([0, 0x4000]);
  }
}

/** Returns up to 40 bytes that may be invalid: the firewall precedes Linux's check of them. */
function ipv4Options(random: Random): Bytes {
  const options = random.bytes(4 * (1 + random.below(10)));
  switch (random.below(3)) {
    case 0:
      return options.fill(1);
    case 1:
      options.set([7, Math.min(options.length, 39), 4]);
  }
  return options;
}

/** Returns an IPv6 packet with up to four extension headers; half of them have none. */
function ipv6(random: Random, index: number): Bytes {
  const chain: number[] = [];
  while (chain.length < 4 && random.below(2) === 0) chain.push(random.pick(EXTENSIONS));
  const last = random.below(6) === 0
    ? index & 0xff
    : random.pick([...KNOWN, ICMPV6, ICMPV6, ICMPV6, NO_NEXT_HEADER]);
  const next = [...chain, last];
  const upper = next.map((header, at) =>
    at < chain.length
      ? extension(random, header, next[at + 1]!, at === 0)
      : layer4(random, last, index)
  );
  const rest = maybeCut(random, concat(...upper), next[0] === 0);
  const header = random.bytes(40);
  const view = new DataView(header.buffer);
  header[0] = 0x60 | header[0]! & 0xf;
  view.setUint16(4, rest.length);
  header[6] = next[0]!;
  header[7] = random.pick([0, 1, 64, 255]);
  ipv6Addresses(random, header);
  return concat(header, rest);
}

/**
 * Writes addresses that Linux accepts from a wire, many with zeros, which have several spellings.
 */
function ipv6Addresses(random: Random, header: Bytes): void {
  for (const at of [8, 24]) {
    header[at] = random.pick([0x20, 0xfd, 0xfe, 0x64]);
    if (header[at] === 0xfe) header[at + 1] = 0x80;
    for (let i = at + 2; i < at + 16; i += 2) {
      if (random.below(2) === 0) header[i] = header[i + 1] = 0;
      else if (random.below(3) === 0) header[i] = 0;
    }
  }
  switch (random.below(8)) {
    case 0: // from ::ffff:0:0/96's neighbours, which some programs print with dots
      header.fill(0, 8, 20);
      header.set(random.pick([[0, 0], [0, 1], [0xff, 0xff]]), 18);
      break;
    case 1:
      header.fill(0, 8, 24);
      header.set(random.pick([[0, 0], [0, 2], [1, 0]]), 22);
      break;
    case 2:
      header.set([0xff, 0x0e], 24);
  }
}

/**
 * Returns an extension header that announces `next`; `parsed` if Linux reads it before the
 * firewall.
 */
function extension(random: Random, header: number, next: number, parsed: boolean): Bytes {
  if (header === FRAGMENT) {
    const bytes = random.bytes(8);
    bytes[0] = next;
    const offset = random.pick([0, 0, 8, 0xfff8, random.below(0x10000) & 0xfff8]);
    const flags = random.below(8);
    bytes[2] = offset >> 8;
    bytes[3] = offset & 0xf8 | flags;
    return bytes;
  }
  if (header === AH) {
    const units = 1 + random.below(6);
    const bytes = random.bytes((units + 2) * 4);
    bytes[0] = next;
    bytes[1] = units;
    return bytes;
  }
  const bytes = random.bytes(8 * (1 + random.below(4)));
  bytes[0] = next;
  bytes[1] = bytes.length / 8 - 1;
  // A single PadN option over its whole length.
  if (header !== ROUTING && parsed) {
    bytes.fill(0).set([next, bytes.length / 8 - 1, 1, bytes.length - 4]);
  }
  if (header === ROUTING) bytes.set(random.pick([[0, 0], [2, 1], [3, 0], [4, 0], [253, 9]]), 2);
  if (random.below(8) === 0 && !parsed) bytes[1] = random.below(256);
  return bytes;
}

/** Returns the bytes above IP. */
function layer4(random: Random, protocol: number, index: number): Bytes {
  switch (protocol) {
    case TCP:
      return tcp(random);
    case UDP:
    case UDPLITE: {
      const bytes = random.bytes(8 + random.below(40));
      if (random.below(2) === 0) new DataView(bytes.buffer).setUint16(4, bytes.length);
      return bytes;
    }
    case ICMP:
      return icmp(random, index);
    case ICMPV6:
      return icmpv6(random, index);
    case AH:
      return concat(extension(random, AH, random.pick([TCP, UDP, ESP]), false), tcp(random));
    case 4:
      return embedded(random, true);
    case 41:
      return embedded(random, false);
    default:
      return random.bytes(random.below(80));
  }
}

/**
 * Returns a TCP header with any flags, and a length that may be too short or longer than the
 * packet.
 */
function tcp(random: Random): Bytes {
  const options = random.bytes(4 * random.pick([0, 0, 1, 3, 5, 10]));
  const header = concat(random.bytes(20), options);
  header[12] = header.length / 4 << 4 | random.below(16);
  if (random.below(6) === 0) header[12] = random.below(256);
  if (random.below(3) === 0) header.fill(0, 18, 20);
  return concat(header, random.bytes(random.below(20)));
}

/** Returns every ICMP type that loggers distinguish, in turn, with valid and invalid codes. */
function icmp(random: Random, index: number): Bytes {
  const types = [0, 3, 4, 5, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 30, 42, 43];
  const type = random.below(6) === 0 ? random.below(256) : types[(index >> 1) % types.length]!;
  const code = random.pick([0, 0, 1, 2, 3, 4, 5, 8, 12, random.below(16), random.below(256)]);
  const body = random.bytes(6);
  const errors = [3, 4, 5, 11, 12];
  const rest = errors.includes(type)
    ? embedded(random, random.below(16) !== 0)
    : random.bytes(random.below(40));
  return concat(Uint8Array.of(type, code), body, rest);
}

/** Returns every ICMPv6 type that loggers distinguish. */
function icmpv6(random: Random, index: number): Bytes {
  const types = [1, 2, 3, 4, 128, 129, 130, 131, 132, 133, 134, 135, 136, 137, 138, 143, 160];
  const type = random.below(6) === 0 ? random.below(256) : types[(index >> 1) % types.length]!;
  const code = random.pick([0, 0, 1, 2, 3, 4, 5, 6, 8, 12, random.below(256)]);
  const rest = type < 5 ? embedded(random, random.below(16) === 0) : random.bytes(random.below(80));
  return concat(Uint8Array.of(type, code), random.bytes(6), rest);
}

/** Current nesting of packets in packets. */
let depth = 0;

/** Returns a packet within a packet, often truncated, sometimes with one or two wrong fields. */
function embedded(random: Random, version4: boolean): Bytes {
  if (depth > 2) return random.bytes(random.below(60));
  depth++;
  const packet = version4 ? ipv4(random, random.bits()) : ipv6(random, random.bits());
  depth--;
  if (random.below(8) === 0) packet[random.below(Math.min(packet.length, 10))] = random.below(256);
  return random.below(2) === 0 ? packet.slice(0, random.below(packet.length + 1)) : packet;
}

/**
 * Returns the same bytes, or some of them; `keepFirst` if Linux reads the first header before the
 * firewall.
 */
function maybeCut(random: Random, bytes: Bytes, keepFirst = false): Bytes {
  const least = keepFirst ? (bytes[1]! + 1) * 8 : 0;
  return random.below(5) === 0 && bytes.length > least
    ? bytes.slice(0, least + random.below(Math.min(bytes.length - least, 32)))
    : bytes;
}

function empty(): Bytes {
  return new Uint8Array(0);
}
