/** Checks whether headers above IP are complete, and finds their defects. */

import { DCCP_HEADER, dccpLength } from "./dccp.ts";
import { ESP_HEADER } from "./esp.ts";
import { GRE_HEADER, greLength } from "./gre.ts";
import { ICMP_HEADER } from "./icmp_message.ts";
import { IGMP_HEADER } from "./igmp.ts";
import type { Defect, LayerName, Layers } from "./layers.ts";
import { PORTS } from "./ports.ts";
import * as ip from "./protocols.ts";
import { ABSENT } from "./absent.ts";
import { SCTP_HEADER } from "./sctp.ts";
import { TCP_HEADER, tcpLength } from "./tcp.ts";
import { UDP_HEADER, udpExtent } from "./udp.ts";
import { UDPLITE_HEADER, udpliteExtent } from "./udplite.ts";

/** A kind of header above IP. */
export interface Kind {
  /** IANA protocol number. */
  readonly protocol: number;
  /** Name of the packet's getter. */
  readonly layer: LayerName;
  /** Smallest size of such a header, in bytes. */
  readonly least: number;
  /** Returns the size of a header in bytes, less than `least` if its length field is impossible. */
  readonly length?: (bytes: Uint8Array, at: number) => number;
  /** Whether it is useful without the bytes after the first `least` ones. */
  readonly cut?: boolean;
  /**
   * Returns the size of header and data in bytes from the header, less than `least` if that is
   * impossible.
   */
  readonly extent?: (bytes: Uint8Array, at: number) => number;
}

/**
 * Every kind that nfscribe decodes, by the getter's name; AH, which may precede others, is
 * separate.
 */
export const KINDS = {
  tcp: {
    protocol: ip.IPPROTO_TCP,
    layer: "tcp",
    least: TCP_HEADER,
    length: tcpLength,
    cut: true,
  },
  udp: { protocol: ip.IPPROTO_UDP, layer: "udp", least: UDP_HEADER, extent: udpExtent },
  udplite: {
    protocol: ip.IPPROTO_UDPLITE,
    layer: "udplite",
    least: UDPLITE_HEADER,
    extent: udpliteExtent,
  },
  icmp: { protocol: ip.IPPROTO_ICMP, layer: "icmp", least: ICMP_HEADER },
  icmpv6: { protocol: ip.IPPROTO_ICMPV6, layer: "icmpv6", least: ICMP_HEADER },
  sctp: { protocol: ip.IPPROTO_SCTP, layer: "sctp", least: SCTP_HEADER },
  dccp: { protocol: ip.IPPROTO_DCCP, layer: "dccp", least: DCCP_HEADER, length: dccpLength },
  esp: { protocol: ip.IPPROTO_ESP, layer: "esp", least: ESP_HEADER },
  gre: { protocol: ip.IPPROTO_GRE, layer: "gre", least: GRE_HEADER, length: greLength },
  igmp: { protocol: ip.IPPROTO_IGMP, layer: "igmp", least: IGMP_HEADER },
} as const satisfies Record<string, Kind>;

/** The kinds by their protocol number, of which there are 256. */
const BY_PROTOCOL: readonly (Kind | undefined)[] = Array.from(
  { length: 256 },
  (_, number) => Object.values(KINDS).find(({ protocol }) => protocol === number),
);

/**
 * Finds a header.
 *
 * @param layers Offsets of the packet's headers.
 * @param kind The kind of header.
 * @returns Its offset; {@linkcode ABSENT} if the packet has none or it is incomplete.
 */
export function locate(layers: Layers, kind: Kind): number {
  const at = layers.find(kind.protocol, kind.least);
  if (at === ABSENT) return ABSENT;
  const { length: lengthOf, extent } = kind;
  if (extent !== undefined) return extent(layers.bytes, at) < kind.least ? ABSENT : at;
  if (lengthOf === undefined) return at;
  const length = lengthOf(layers.bytes, at);
  if (length < kind.least || at + length > layers.stated) return ABSENT;
  return at + length <= layers.end || kind.cut ? at : ABSENT;
}

/** Returns the offset of the two ports, which are useful as soon as they were captured. */
export function portsAt(layers: Layers): number {
  switch (layers.protocol) {
    case ip.IPPROTO_TCP:
    case ip.IPPROTO_UDP:
    case ip.IPPROTO_UDPLITE:
    case ip.IPPROTO_SCTP:
    case ip.IPPROTO_DCCP:
      return layers.find(layers.protocol, PORTS);
    default:
      return ABSENT;
  }
}

/** Returns the defect of a packet's innermost header; undefined if there is none. */
export function defectOf(layers: Layers): Defect | undefined {
  if (layers.defect !== undefined) return layers.defect;
  const kind = BY_PROTOCOL[layers.protocol];
  if (kind === undefined || layers.fragmentOffset !== 0) return undefined;
  const { layer, least } = kind;
  const { bytes, offset: at } = layers;
  if (at + least > layers.end) return { layer, kind: layers.shortage(at + least) };
  const extent = kind.extent?.(bytes, at) ?? least;
  // A fragment is shorter than the whole packet's header says.
  if (extent < least || (at + extent > layers.stated && !layers.moreFragments)) {
    return { layer, kind: "malformed" };
  }
  const length = kind.length?.(bytes, at) ?? least;
  if (length < least) return { layer, kind: "malformed" };
  return at + length > layers.end ? { layer, kind: layers.shortage(at + length) } : undefined;
}
