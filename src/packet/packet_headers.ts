/** Headers of a packet, decoded on access. */

import { ipv4Text, ipv6Text } from "./address.ts";
import { AhHeader } from "./ah.ts";
import { ArpHeader } from "./arp.ts";
import { DccpHeader } from "./dccp.ts";
import { EspHeader } from "./esp.ts";
import { GreHeader } from "./gre.ts";
import { IcmpHeaderOf } from "./icmp.ts";
import { Icmpv6HeaderOf } from "./icmpv6.ts";
import { IgmpHeader } from "./igmp.ts";
import type { IpHeader } from "./ip.ts";
import { Ipv4Header } from "./ipv4.ts";
import { Ipv6Header } from "./ipv6.ts";
import { type Defect, Layers, UNSTATED } from "./layers.ts";
import { readBe16 } from "../bytes/memory.ts";
import { ARP } from "./network_kind.ts";
import { ABSENT } from "./absent.ts";
import { SctpHeader } from "./sctp.ts";
import { TcpHeader } from "./tcp.ts";
import { defectOf, KINDS, locate, portsAt } from "./transport.ts";
import { UdpHeader } from "./udp.ts";
import { UdpLiteHeader } from "./udplite.ts";

// Only the two classes of packets have access to their layers; each provides its own function.
let layersOfLogged: (packet: PacketHeaders) => Layers | undefined;
let layersOfEmbedded: (packet: EmbeddedPacket) => Layers;

/**
 * Sets the function that finds the headers of a logged packet; it returns undefined for any other
 * packet.
 */
export function findLayersBy(finder: typeof layersOfLogged): void {
  layersOfLogged = finder;
}

/** An ICMP message; its errors quote a packet. */
export type IcmpHeader = IcmpHeaderOf<EmbeddedPacket>;
/** An ICMPv6 message; its errors quote a packet. */
export type Icmpv6Header = Icmpv6HeaderOf<EmbeddedPacket>;

/**
 * Returns the offsets of a packet's headers, for matchers: numbers instead of strings.
 *
 * @throws {StalePacketError} If the memory holds another packet by now.
 */
export function layersOf(packet: PacketHeaders): Layers {
  return layersOfLogged(packet) ?? layersOfEmbedded(packet as EmbeddedPacket);
}

/**
 * Headers from the network header on. A getter is `undefined` if the packet has no such header or
 * it is incomplete; `defect` then gives the reason.
 */
export abstract class PacketHeaders {
  /** The IP header of either version. */
  get ip(): IpHeader | undefined {
    return this.ipv4 ?? this.ipv6;
  }

  /** The IPv4 header. */
  get ipv4(): Ipv4Header | undefined {
    const layers = layersOf(this);
    return layers.network === 4 ? new Ipv4Header(layers) : undefined;
  }

  /** The IPv6 header. */
  get ipv6(): Ipv6Header | undefined {
    const layers = layersOf(this);
    return layers.network === 6 ? new Ipv6Header(layers) : undefined;
  }

  /** The ARP or RARP packet. */
  get arp(): ArpHeader | undefined {
    const layers = layersOf(this);
    return layers.network === ARP ? new ArpHeader(layers.bytes, layers.at) : undefined;
  }

  /** Source IP address, such as `192.0.2.1` or `2001:db8::1`: equal to `ip.source`. */
  get source(): string | undefined {
    return addressText(layersOf(this), 12, 8);
  }

  /** Destination IP address: equal to `ip.destination`. */
  get destination(): string | undefined {
    return addressText(layersOf(this), 16, 24);
  }

  /** The protocol of IP's payload (IANA protocol numbers): equal to `ip.protocol`. */
  get protocol(): number | undefined {
    const { protocol } = layersOf(this);
    return protocol === ABSENT ? undefined : protocol;
  }

  /**
   * Source port of TCP, UDP, UDP-Lite, SCTP or DCCP. Present if its bytes were captured, even if
   * the rest of the header is truncated or malformed.
   */
  get sourcePort(): number | undefined {
    return portOf(layersOf(this), 0);
  }

  /** The destination port, like `sourcePort`. */
  get destinationPort(): number | undefined {
    return portOf(layersOf(this), 2);
  }

  /**
   * The TCP header. Present if its first 20 bytes were captured; its options are those that were
   * captured.
   */
  get tcp(): TcpHeader | undefined {
    const layers = layersOf(this);
    const at = locate(layers, KINDS.tcp);
    return at === ABSENT ? undefined : new TcpHeader(layers.bytes, at, layers.end);
  }

  /** The UDP header. */
  get udp(): UdpHeader | undefined {
    const layers = layersOf(this);
    const at = locate(layers, KINDS.udp);
    return at === ABSENT ? undefined : new UdpHeader(layers.bytes, at);
  }

  /** The UDP-Lite header. */
  get udplite(): UdpLiteHeader | undefined {
    const layers = layersOf(this);
    const at = locate(layers, KINDS.udplite);
    return at === ABSENT ? undefined : new UdpLiteHeader(layers.bytes, at);
  }

  /** The ICMP header. */
  get icmp(): IcmpHeader | undefined {
    const layers = layersOf(this);
    const at = locate(layers, KINDS.icmp);
    return at === ABSENT ? undefined : new IcmpHeaderOf(layers.bytes, at, layers.end, quote4);
  }

  /** The ICMPv6 header. */
  get icmpv6(): Icmpv6Header | undefined {
    const layers = layersOf(this);
    const at = locate(layers, KINDS.icmpv6);
    return at === ABSENT ? undefined : new Icmpv6HeaderOf(layers.bytes, at, layers.end, quote6);
  }

  /** The SCTP common header. */
  get sctp(): SctpHeader | undefined {
    const layers = layersOf(this);
    const at = locate(layers, KINDS.sctp);
    return at === ABSENT ? undefined : new SctpHeader(layers.bytes, at, layers.end);
  }

  /** The DCCP header. */
  get dccp(): DccpHeader | undefined {
    const layers = layersOf(this);
    const at = locate(layers, KINDS.dccp);
    return at === ABSENT ? undefined : new DccpHeader(layers.bytes, at);
  }

  /** The outermost authentication header; the headers of the protected data are present as well. */
  get ah(): AhHeader | undefined {
    const layers = layersOf(this);
    return layers.ah === ABSENT ? undefined : new AhHeader(layers.bytes, layers.ah, layers.end);
  }

  /** The unencrypted part of ESP. */
  get esp(): EspHeader | undefined {
    const layers = layersOf(this);
    const at = locate(layers, KINDS.esp);
    return at === ABSENT ? undefined : new EspHeader(layers.bytes, at);
  }

  /** The GRE header. */
  get gre(): GreHeader | undefined {
    const layers = layersOf(this);
    const at = locate(layers, KINDS.gre);
    return at === ABSENT ? undefined : new GreHeader(layers.bytes, at);
  }

  /** The IGMP message. */
  get igmp(): IgmpHeader | undefined {
    const layers = layersOf(this);
    const at = locate(layers, KINDS.igmp);
    if (at === ABSENT) return undefined;
    return new IgmpHeader(layers.bytes, at, Math.max(layers.end, stated(layers)) - at);
  }

  /**
   * Reason why the innermost header could not be decoded; absent if all could, if the packet has a
   * protocol that nfscribe does not decode, and in later fragments.
   *
   * `truncated`: the captured bytes end before the header does, and as far as the IP header's
   * length field shows the packet was longer. If there is no IP header, it was truncated before its
   * length field or that field is 0, the length is unknown, and a header that ends too early counts
   * as truncated.
   *
   * `malformed`: a version or length contradicts the packet or itself. The version is not that of
   * the family or EtherType; the length of the IP header is below its minimum or beyond the
   * packet's; the packet as IP states it ends before the header of its protocol; a TCP or DCCP data
   * offset is below the minimum or beyond the packet; a UDP length or UDP-Lite coverage is from 1
   * to 7 or beyond the packet; the length of an authentication header is below 12 bytes; the
   * lengths of ARP's addresses are not those of Ethernet or IPv4 that it names.
   *
   * Some headers are present in spite of a defect: IPv4 and TCP of which only options are
   * truncated, an authentication header of which only the check value is, UDP and UDP-Lite whose
   * length reaches beyond the packet.
   *
   * @example Telling a small copy range from a broken packet
   * ```ts
   * import type { Packet } from "nfscribe";
   *
   * function problem({ defect }: Packet): string {
   *   if (defect === undefined) return "none";
   *   return defect.kind === "truncated" ? "a larger copy range would help" : "a broken packet";
   * }
   * console.assert(problem.length === 1);
   * ```
   */
  get defect(): Defect | undefined {
    return defectOf(layersOf(this));
  }
}

/** The packet that an ICMP error quotes: the headers that were quoted. */
export class EmbeddedPacket extends PacketHeaders {
  readonly #layers: Layers;

  static {
    layersOfEmbedded = (packet) => packet.#layers;
  }

  /** Creates a view of bytes that begin with an IP header of this version. */
  constructor(version: 4 | 6, bytes: Uint8Array, at: number, end: number) {
    super();
    this.#layers = new Layers(bytes, at, end, version);
  }
}

function quote4(bytes: Uint8Array, at: number, end: number): EmbeddedPacket {
  return new EmbeddedPacket(4, bytes, at, end);
}

function quote6(bytes: Uint8Array, at: number, end: number): EmbeddedPacket {
  return new EmbeddedPacket(6, bytes, at, end);
}

/** Returns the offset after the packet as its IP header states it, 0 if that is unknown. */
function stated({ stated }: Layers): number {
  return stated === UNSTATED ? 0 : stated;
}

function addressText(layers: Layers, inIpv4: number, inIpv6: number): string | undefined {
  const { bytes, at } = layers;
  switch (layers.network) {
    case 4:
      return ipv4Text(bytes, at + inIpv4);
    case 6:
      return ipv6Text(bytes, at + inIpv6);
    default:
      return undefined;
  }
}

/** Returns the port at an offset of the two; undefined if the packet has none. */
export function portOf(layers: Layers, offset: number): number | undefined {
  const at = portsAt(layers);
  return at === ABSENT ? undefined : readBe16(layers.bytes, at + offset);
}
