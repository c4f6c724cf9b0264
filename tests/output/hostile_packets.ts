/**
 * Packets that are hostile to text formats: random and damaged headers, prefixes and numbers.
 *
 * @module
 */

import { ABSENT } from "../../src/packet/absent.ts";
import { InterfaceTable } from "../../src/packet/interface.ts";
import type { RawPacket } from "../../src/packet/raw_packet.ts";
import type { Random } from "../fuzz/random.ts";

const FAMILIES = [2, 2, 2, 2, 10, 10, 10, 10, 3, 5, 7, 7, 7, 0, 1, 255, ABSENT];
const ETHER_TYPES = [0x0800, 0x0806, 0x86dd, 0x8100, 0x88a8, 0, 0xffff, ABSENT];
const PROTOCOLS = [0, 1, 1, 1, 2, 6, 17, 43, 44, 44, 47, 50, 51, 58, 58, 59, 60, 132, 136, 255];
/** Names of interfaces. */
export const INTERFACES: InterfaceTable = new InterfaceTable().with([[1, "lo"], [
  2,
  "a-name-of-15-by",
]]);

/** Parts of a packet. */
export interface Parts {
  prefix: Uint8Array | undefined;
  hwAddress: Uint8Array | undefined;
  hwHeader: Uint8Array | undefined;
  l2Header: Uint8Array | undefined;
  payload: Uint8Array | undefined;
}
const PARTS = ["prefix", "hwAddress", "hwHeader", "l2Header", "payload"] as const;

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

/** Returns random parts. */
export function partsOf(random: Random): Parts {
  const sometimes = (most: number) =>
    random.below(3) === 0 ? undefined : noise(random, random.below(most + 1));
  return {
    prefix: sometimes(127),
    hwAddress: sometimes(8),
    hwHeader: sometimes(64),
    l2Header: sometimes(64),
    payload: random.below(20) === 0 ? undefined : payloadOf(random),
  };
}

/** Fills in the metadata. */
export function metadata(random: Random, packet: RawPacket): void {
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
export function place(packet: RawPacket, parts: Parts, memory: Uint8Array, gap: number): void {
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
