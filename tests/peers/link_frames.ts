/**
 * Frames for rules of bridges and network devices, which see more than IP packets that Linux has
 * accepted.
 *
 * @module
 */

import { Random } from "../fuzz/random.ts";
import { concat } from "../packet/sample.ts";
import type { Frame } from "./frames.ts";

/** Frames of this EtherType: IPv4, ARP, IPv6. */
const IP_AND_ARP = [0x0800, 0x0806, 0x86dd];

/** Returns the frames that every LOGEMU prints: IP and ARP without a VLAN tag. */
export function ipAndArp(frames: readonly Frame[]): Frame[] {
  return frames.filter(({ bytes }) => IP_AND_ARP.includes(bytes[12]! << 8 | bytes[13]!));
}

/** Returns the same frames with a few bytes changed or the end cut off. */
export function damaged(frames: readonly Frame[], seed: number): Frame[] {
  const random = new Random(seed);
  return frames.map(({ bytes, origin }) => {
    const copy = bytes.slice();
    for (let i = random.below(4); i > 0; i--) {
      copy[14 + random.below(Math.min(copy.length - 14, 60))] = random.below(256);
    }
    const length = random.below(2) === 0 ? copy.length : 15 + random.below(copy.length - 14);
    return { bytes: copy.slice(0, length), origin: `${origin}, damaged with seed ${seed}` };
  });
}

/**
 * Returns random ARP packets: most for Ethernet and IPv4, as Linux accepts them, with all
 * operations; some truncated.
 */
export function arpFrames(seed: number, count: number): Frame[] {
  const random = new Random(seed);
  return Array.from({ length: count }, (_, index) => {
    const packet = random.bytes(28);
    packet.set([0, random.pick([1, 1, 1, 6, 24, 32]), random.pick([8, 8, 8, 0x86]), 0, 6, 4, 0]);
    packet[7] = random.pick([0, 1, 1, 2, 2, 3, 4, 8, 9, 10, random.below(256)]);
    if (random.below(8) === 0) packet[random.below(8)] = random.below(256);
    const length = random.below(4) === 0 ? 1 + random.below(28) : 28;
    const header = concat(random.bytes(12), Uint8Array.of(8, 6));
    header[0]! &= 0xfe;
    const bytes = concat(header, packet.slice(0, length), random.bytes(random.pick([0, 18])));
    return { bytes, origin: `ARP seed ${seed} frame ${index + 1}` };
  });
}
