/**
 * Random packets as decoders fill them in, for outputs of packets.
 *
 * @module
 */

import { InterfaceTable } from "../../src/packet/interface.ts";
import { RawPacket } from "../../src/packet/raw_packet.ts";
import { Random } from "../fuzz/random.ts";
import { concat, hex, ipv4, rawPacket, udp } from "../packet/sample.ts";
import { randomFrames } from "../peers/random_packets.ts";

const NFPROTO_IPV4 = 2;
const NFPROTO_ARP = 3;
const NFPROTO_IPV6 = 10;
const ETH_P_IP = 0x0800;
const ETH_P_ARP = 0x0806;
const ETH_P_IPV6 = 0x86dd;
const ETH_P_8021Q = 0x8100;
/** Bytes of an Ethernet header, and of a VLAN tag in it. */
const ETHERNET = 14;
const TAG = 4;
/** An ARP request of 192.0.2.1 for 192.0.2.2. */
const ARP = hex("0001 0800 06 04 0001 02005e100001 c0000201 000000000000 c0000202");
const DEVICES = new InterfaceTable().with([[2, "eth0"], [3, "wan1"], [4, "br-lan"]]);
const PREFIXES = ["", "drop: ", "ssh", "café ☃ ", "p".repeat(127)];

/**
 * Returns random packets: odd and broken ones among them, with and without each thing that the
 * kernel may tell.
 *
 * @param seed The same seed makes the same packets.
 * @param count How many.
 */
export function randomPackets(seed: number, count: number): RawPacket[] {
  const random = new Random(seed);
  return randomFrames(seed, count).map(({ bytes }, index) => {
    if (index % 20 === 7) return around(random, NFPROTO_ARP, ETH_P_ARP, ARP, index);
    const tag = bytes[12]! << 8 | bytes[13]!;
    const payload = unpadded(bytes.slice(ETHERNET + (tag === ETH_P_8021Q ? TAG : 0)));
    return payload[0]! >> 4 === 4
      ? around(random, NFPROTO_IPV4, ETH_P_IP, payload, index)
      : around(random, NFPROTO_IPV6, ETH_P_IPV6, payload, index);
  });
}

/** Cuts off what fills up a short frame, as the kernel does before the firewall. */
function unpadded(packet: Uint8Array): Uint8Array {
  const view = new DataView(packet.buffer, packet.byteOffset);
  return packet.subarray(0, packet[0]! >> 4 === 4 ? view.getUint16(2) : 40 + view.getUint16(4));
}

/** Lays a packet into memory with something else on either side. */
function around(
  random: Random,
  family: number,
  hwProtocol: number,
  payload: Uint8Array,
  index: number,
): RawPacket {
  const some = <T>(make: () => T): T | undefined => random.below(2) === 0 ? make() : undefined;
  const prefix = some(() => new TextEncoder().encode(random.pick(PREFIXES)));
  const link = some(() =>
    concat(random.bytes(12), Uint8Array.of(hwProtocol >> 8, hwProtocol & 0xff))
  );
  const before = random.bytes(4 * random.below(8));
  const parts = [before, prefix ?? hex(""), link ?? hex(""), payload, random.bytes(16)];
  const packet = new RawPacket(DEVICES);
  const bytes = concat(...parts);
  packet.reset(bytes, before.length, bytes.length - 16);
  Object.assign(packet, { family, hwProtocol });
  let at = before.length;
  if (prefix !== undefined) {
    Object.assign(packet, { prefixOffset: at, prefixLength: prefix.length });
  }
  at += prefix?.length ?? 0;
  if (link !== undefined) {
    packet.hwType = 1;
    Object.assign(packet, { hwHeaderOffset: at, hwHeaderLength: ETHERNET });
    Object.assign(packet, { hwAddressOffset: at + 6, hwAddressLength: 6 });
  }
  at += link?.length ?? 0;
  Object.assign(packet, { payloadOffset: at, payloadLength: payload.length });
  Object.assign(packet, some(() => ({ mark: random.bits() })));
  Object.assign(packet, some(() => ({ uid: random.bits(), gid: random.below(1000) })));
  Object.assign(packet, some(() => ({ inDev: 2 + random.below(4) })));
  Object.assign(packet, some(() => ({ outDev: 2 + random.below(3) })));
  Object.assign(packet, some(() => ({ hook: random.below(5) })));
  Object.assign(packet, some(() => ({ seq: index })));
  packet.receivedSeconds = 1_700_000_000 + index;
  packet.receivedNanoseconds = 1000 * random.below(1_000_000);
  Object.assign(packet, some(() => ({ seconds: 1_600_000_000 + index, nanoseconds: 5_000 })));
  return packet;
}

/** Most packets that {@linkcode numbered} can number. */
export const NUMBERED_MAX = 0x10000;

/**
 * Returns a packet that has its number as its source port, which every output of packets shows.
 *
 * @param number Its number, below {@linkcode NUMBERED_MAX}.
 */
export function numbered(number: number): RawPacket {
  const payload = ipv4(17, udp());
  new DataView(payload.buffer).setUint16(20, number);
  return rawPacket(payload, {
    hwProtocol: ETH_P_IP,
    hook: 3,
    seq: number,
    receivedSeconds: 1_700_000_000,
  });
}
