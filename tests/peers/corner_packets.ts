/**
 * Frames with every header that a logger reads, truncated at every length.
 *
 * @module
 */

import { Random } from "../fuzz/random.ts";
import { concat, ipv4, ipv6 } from "../packet/sample.ts";
import { checksumIpv4, type Frame } from "./frames.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** Protocols with headers, and two without. */
const PROTOCOLS = [1, 2, 6, 17, 33, 50, 51, 58, 59, 132, 136];
/** IPv6 extension headers: hop-by-hop, routing, fragment, ESP, AH, none, destination, mobility, HIP, shim6. */
const EXTENSIONS = [0, 43, 44, 50, 51, 59, 60, 135, 139, 140];
const ICMP_TYPES = [...Array(20).keys(), 30, 42, 43];
const ICMPV6_TYPES = [0, 1, 2, 3, 4, 5, 100, 127, 128, 129, 130, 133, 134, 135, 136, 137, 143];
/** `IP_MF` and a fragment that is not the first one. */
const FRAGMENTS = [0, 0x2000, 0x2001];

/** Returns all of them, always the same. */
export function cornerFrames(): Frame[] {
  const random = new Random(7);
  const frames: Frame[] = [];
  const add = (packet: Bytes, what: string) => frames.push(frameOf(random, packet, what));

  for (const protocol of PROTOCOLS) {
    for (let length = 0; length <= 34; length++) {
      for (const fragment of FRAGMENTS) {
        add(
          ipv4(protocol, random.bytes(length), { fragment }),
          `IPv4, fragment field ${fragment}, protocol ${protocol}, ${length} bytes`,
        );
      }
      add(ipv6(protocol, random.bytes(length)), `IPv6, protocol ${protocol}, ${length} bytes`);
    }
  }

  for (const fragment of [undefined, 0, 8]) {
    for (const extension of EXTENSIONS) {
      // Linux itself reads a hop-by-hop header, and drops invalid ones.
      if (extension === 0 && fragment === undefined) continue;
      for (let length = 0; length <= 26; length++) {
        const rest = random.bytes(length);
        if (length > 0) rest[0] = random.pick([6, 17, 50, 51, 58, 60]);
        if (length > 1) rest[1] = random.below(4);
        const chain = fragment === undefined
          ? rest
          : concat(Uint8Array.of(extension, 0, 0, fragment, 1, 2, 3, 4), rest);
        add(
          ipv6(fragment === undefined ? extension : 44, chain),
          `IPv6, fragment at ${fragment}, extension ${extension}, ${length} bytes`,
        );
      }
    }
  }

  const inner = [ipv4(6, random.bytes(20)), ipv6(17, random.bytes(20))] as const;
  for (const type of ICMP_TYPES) {
    for (let length = 0; length <= 50; length++) {
      const code = length % 6;
      const message = concat(Uint8Array.of(type, code), random.bytes(6), inner[0]);
      add(ipv4(1, message.slice(0, length)), `ICMP ${type}/${code}, ${length} bytes`);
    }
  }
  for (const type of ICMPV6_TYPES) {
    for (let length = 0; length <= 70; length++) {
      const code = length % 4;
      const message = concat(Uint8Array.of(type, code), random.bytes(6), inner[1]);
      add(ipv6(58, message.slice(0, length)), `ICMPv6 ${type}/${code}, ${length} bytes`);
    }
  }
  return frames;
}

/** Returns IPv6 packets with so many extension headers that the kernel cuts the line. */
export function chainFrames(): Frame[] {
  const random = new Random(8);
  return Array.from({ length: 100 }, (_, count) => {
    const kinds = Array.from({ length: count }, () => random.pick([44, 44, 60, 51]));
    const next = [...kinds.slice(1), 6];
    const headers = kinds.map((kind, at) => extension(random, kind, next[at]!));
    const chain = ipv6(kinds[0] ?? 6, concat(...headers, random.bytes(40)));
    const error = ipv6(58, concat(Uint8Array.of(1, 0), random.bytes(6), chain));
    return frameOf(random, count % 4 === 0 ? error : chain, `${count} extension headers`);
  });
}

/** Returns a complete header: a first fragment, destination options, or AH. */
function extension(random: Random, kind: number, next: number): Bytes {
  if (kind === 44) return concat(Uint8Array.of(next, 0, 0, 1), random.bytes(4));
  if (kind === 60) return Uint8Array.of(next, 0, 1, 4, 0, 0, 0, 0);
  return concat(Uint8Array.of(next, 1), random.bytes(10));
}

function frameOf(random: Random, packet: Bytes, what: string): Frame {
  const version6 = packet[0]! >> 4 === 6;
  if (!version6) checksumIpv4(packet, 0);
  const header = concat(random.bytes(12), Uint8Array.of(...(version6 ? [0x86, 0xdd] : [8, 0])));
  header[0] = 2;
  return { bytes: concat(header, packet), origin: `corner: ${what}` };
}
