/** Conditions about the link header and the kind of network header. */

import { ABSENT } from "../../../packet/absent.ts";
import { isEncapsulation } from "../../../packet/encapsulation.ts";
import { ethernetAt } from "../../../packet/ethernet.ts";
import { ETHER_TYPES, LLC_ADDRESSES, NETWORKS } from "../protocols.ts";
import type { Condition, Direction, NetworkName } from "../syntax.ts";
import { type Frame, NETWORK_CODES, NetworkCode, type Test } from "./frame.ts";
import { hasOuterType } from "./tags.ts";

/** `ETH_P_802_3`, `ETH_P_802_2` (linux/if_ether.h): frames with a length instead of an EtherType. */
const ETH_P_802_3 = 0x0001;
const ETH_P_802_2 = 0x0004;
/** `ETH_DATA_LEN` (linux/if_ether.h): the largest number that is a length. */
const ETH_DATA_LEN = 1500;
/** First two bytes of Novell's frames without an LLC header. */
const NOVELL = 0xffff;
/** EtherType of IPX. */
const ETH_P_IPX = 0x8137;
const MAC = 6;

/** Compiles a condition about the kind of network header. */
export function networkTest(network: NetworkName, frame: Frame): Test {
  const code = NETWORK_CODES[network];
  return () => frame.network === code;
}

/** Compiles a condition about the EtherType, or up to 1500 about an LLC address. */
export function etherTypeTest(type: number, frame: Frame): Test {
  const network = NETWORKS.get(type);
  if (network !== undefined) return networkTest(network, frame);
  if (type === LLC_ADDRESSES.ipx) {
    return () =>
      frame.etherType === ETH_P_IPX ||
      isLlc(frame) && (isSnap(frame, 0, ETH_P_IPX) || frame.load(frame.at, 1) === type ||
          frame.load(frame.at, 2) === NOVELL);
  }
  if (type === LLC_ADDRESSES.iso || type === LLC_ADDRESSES.netbeui) {
    return () => isLlc(frame) && frame.load(frame.at, 2) === (type << 8 | type);
  }
  if (type <= ETH_DATA_LEN) return () => isLlc(frame) && frame.load(frame.at, 1) === type;
  if (type === ETHER_TYPES.atalk) {
    return () => frame.etherType === type || isLlc(frame) && isSnap(frame, 0x08_0007, type);
  }
  if (type === ETHER_TYPES.aarp) {
    return () => frame.etherType === type || isLlc(frame) && isSnap(frame, 0, type);
  }
  if (isEncapsulation(type)) return () => hasOuterType(frame.packet, type);
  return () => frame.etherType === type;
}

/** Compiles a condition about an LLC header that is not Novell's. */
export function llcTest(
  { mask, control }: Extract<Condition, { kind: "llc" }>,
  frame: Frame,
): Test {
  return () =>
    isLlc(frame) && frame.load(frame.at, 2) !== NOVELL &&
    (mask === 0 || (frame.load(frame.at + 2, 1) & mask) === control);
}

/** Compiles a condition about an ISO protocol (ISO 9577), or PDU types of IS-IS. */
export function isoTest(
  { protocol, types }: Extract<Condition, { kind: "iso" }>,
  frame: Frame,
): Test {
  const isIso = etherTypeTest(LLC_ADDRESSES.iso!, frame);
  // The protocol stands behind the three bytes of the LLC header.
  return () =>
    isIso() && (protocol === undefined || frame.load(frame.at + 3, 1) === protocol) &&
    (types === undefined || types.includes(frame.load(frame.at + 7, 1) & 0x1f));
}

/** Compiles a condition about link addresses. */
export function macTest(
  { direction, bytes }: Extract<Condition, { kind: "mac" }>,
  frame: Frame,
): Test {
  const wanted = Uint8Array.from(bytes);
  const isAt = (at: number): boolean => {
    if (at === ABSENT) return false;
    for (let i = 0; i < MAC; i++) if (frame.bytes[at + i] !== wanted[i]) return false;
    return true;
  };
  const tests: Record<Direction, Test> = {
    source: () => isAt(linkSourceAt(frame)),
    destination: () => isAt(ethernetAt(frame.packet)),
    either: () => isAt(linkSourceAt(frame)) || isAt(ethernetAt(frame.packet)),
    both: () => isAt(linkSourceAt(frame)) && isAt(ethernetAt(frame.packet)),
  };
  return tests[direction];
}

/** Compiles a condition about broadcast and multicast addresses of receivers. */
export function castTest(
  { layer, cast }: Extract<Condition, { kind: "cast" }>,
  frame: Frame,
): Test {
  if (layer === "ether") {
    if (cast === "broadcast") {
      return macTest(
        { kind: "mac", direction: "destination", bytes: Array(MAC).fill(0xff) },
        frame,
      );
    }
    return () => {
      const at = ethernetAt(frame.packet);
      return at !== ABSENT && (frame.bytes[at]! & 1) !== 0;
    };
  }
  if (layer === "ip6") {
    return () => frame.network === NetworkCode.IPV6 && frame.load(frame.at + 24, 1) === 0xff;
  }
  if (cast === "multicast") {
    return () => frame.network === NetworkCode.IPV4 && frame.load(frame.at + 16, 1) >= 0xe0;
  }
  // The netmask of a network is not known: only the address of all networks, and 0.
  return () => {
    if (frame.network !== NetworkCode.IPV4) return false;
    const receiver = frame.load(frame.at + 16, 4);
    return receiver === 0 || receiver === 0xffff_ffff;
  };
}

/** Compiles a condition about the direction: an input or an output interface. */
export function boundTest(bound: "inbound" | "outbound", frame: Frame): Test {
  return bound === "inbound"
    ? () => frame.packet.inDev !== ABSENT
    : () => frame.packet.outDev !== ABSENT;
}

/** Returns the offset of the sender's link address. */
function linkSourceAt({ packet }: Frame): number {
  const at = ethernetAt(packet);
  if (at !== ABSENT) return at + MAC;
  return packet.hwAddressLength === MAC ? packet.hwAddressOffset : ABSENT;
}

function isLlc({ packet }: Frame): boolean {
  return packet.hwProtocol === ETH_P_802_2 || packet.hwProtocol === ETH_P_802_3;
}

/** Returns whether an LLC header is SNAP's with an organization and an EtherType. */
function isSnap(frame: Frame, organization: number, etherType: number): boolean {
  const { at } = frame;
  // As in libpcap the second word comes first: without it, the packet was cut.
  return frame.load(at + 4, 4) === (organization << 16 | etherType) >>> 0 &&
    frame.load(at, 4) === (0xaaaa_0300 | organization >>> 16) >>> 0;
}
