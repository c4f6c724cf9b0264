/**
 * The IP header, version 4 (RFC 791) and 6 (RFC 8200) under one face.
 *
 * @module
 */

import { ipv4Text, ipv6Text } from "./address.ts";
import { readBe16 } from "./memory.ts";
import { ABSENT, type RawPacket } from "./raw_packet.ts";

/** `ETH_P_IP` (linux/if_ether.h) */
export const ETH_P_IP = 0x0800;
/** `ETH_P_IPV6` (linux/if_ether.h) */
export const ETH_P_IPV6 = 0x86dd;
/** `NFPROTO_IPV4` (linux/netfilter.h) */
export const NFPROTO_IPV4 = 2;
/** `NFPROTO_IPV6` (linux/netfilter.h) */
export const NFPROTO_IPV6 = 10;

/** Bytes of the IPv6 header, and the least of the IPv4 header. */
const IPV6_HEADER = 40;
const IPV4_HEADER = 20;

/** Next-header values of IPv6 extension headers (RFC 8200 section 4, RFC 4302). */
const HOP_BY_HOP = 0;
const ROUTING = 43;
const FRAGMENT = 44;
const AUTHENTICATION = 51;
const DESTINATION_OPTIONS = 60;

/**
 * The IP version of a packet.
 *
 * @param packet Any packet.
 * @returns 4 or 6; 0 where the packet is not IP, or empty.
 */
export function ipVersion(packet: RawPacket): 0 | 4 | 6 {
  if (packet.payloadLength <= 0) return 0;
  const { family, hwProtocol } = packet;
  const nibble = packet.bytes[packet.payloadOffset]! >> 4;
  if (nibble === 4 && (family === NFPROTO_IPV4 || hwProtocol === ETH_P_IP)) return 4;
  if (nibble === 6 && (family === NFPROTO_IPV6 || hwProtocol === ETH_P_IPV6)) return 6;
  return 0;
}

/**
 * A packet's length before it was cut, from its IP header: the kernel does not
 * tell it, so for anything but IP it is the captured length.
 *
 * @param packet Any packet with a payload.
 * @returns Bytes from the network header on, never less than were captured.
 */
export function originalLength(packet: RawPacket): number {
  const { bytes, payloadOffset: at, payloadLength: captured } = packet;
  switch (ipVersion(packet)) {
    case 4:
      return captured < 4 ? captured : Math.max(captured, readBe16(bytes, at + 2));
    case 6:
      return captured < 6 ? captured : Math.max(captured, IPV6_HEADER + readBe16(bytes, at + 4));
    default:
      return captured;
  }
}

/** What both versions of the IP header tell. */
export interface IpHeader {
  /** 4 or 6. */
  readonly version: 4 | 6;
  /** The sender, as in `192.0.2.1` or `2001:db8::1`. */
  readonly source: string;
  /** The receiver. */
  readonly destination: string;
  /** The protocol that the packet carries (IANA protocol numbers), extension headers passed over. */
  readonly protocol: number;
  /** Hops left: `TTL` or `Hop Limit`. */
  readonly hopLimit: number;
  /** Type of Service, or Traffic Class: DSCP and ECN. */
  readonly trafficClass: number;
  /** Length of the whole packet in bytes, as the header says. */
  readonly totalLength: number;
  /** Bytes from the start of the unfragmented packet; 0 in a packet that is whole. */
  readonly fragmentOffset: number;
}

/** Where the layer above begins. */
export interface Transport {
  /** IANA protocol number. */
  readonly protocol: number;
  /** First byte, in the packet's memory. */
  readonly offset: number;
  /** Bytes from the start of the unfragmented packet. */
  readonly fragmentOffset: number;
}

/** {@linkcode IpHeader} as it lies in memory. */
class IpView implements IpHeader {
  readonly version: 4 | 6;
  readonly #bytes: Uint8Array;
  readonly #at: number;
  readonly #transport: Transport;

  constructor(version: 4 | 6, bytes: Uint8Array, at: number, transport: Transport) {
    this.version = version;
    this.#bytes = bytes;
    this.#at = at;
    this.#transport = transport;
  }

  get source(): string {
    return this.#address(12, 8);
  }

  get destination(): string {
    return this.#address(16, 24);
  }

  get protocol(): number {
    return this.#transport.protocol;
  }

  get hopLimit(): number {
    return this.#bytes[this.#at + (this.version === 4 ? 8 : 7)]!;
  }

  get trafficClass(): number {
    return this.version === 4
      ? this.#bytes[this.#at + 1]!
      : readBe16(this.#bytes, this.#at) >> 4 & 0xff;
  }

  get totalLength(): number {
    return this.version === 4
      ? readBe16(this.#bytes, this.#at + 2)
      : IPV6_HEADER + readBe16(this.#bytes, this.#at + 4);
  }

  get fragmentOffset(): number {
    return this.#transport.fragmentOffset;
  }

  #address(inIpv4: number, inIpv6: number): string {
    return this.version === 4
      ? ipv4Text(this.#bytes, this.#at + inIpv4)
      : ipv6Text(this.#bytes, this.#at + inIpv6);
  }
}

/**
 * The packet's IP header.
 *
 * @param packet Any packet.
 * @returns A view of it and where the layer above begins; undefined where the
 * packet is not IP or was cut within the fixed header.
 */
export function decodeIp(packet: RawPacket): { ip: IpHeader; transport: Transport } | undefined {
  const version = ipVersion(packet);
  const { bytes, payloadOffset: at, payloadLength } = packet;
  if (version === 0 || payloadLength < (version === 4 ? IPV4_HEADER : IPV6_HEADER)) {
    return undefined;
  }
  const transport = version === 4
    ? ipv4Transport(bytes, at)
    : ipv6Transport(bytes, at, at + payloadLength);
  if (transport === undefined) return undefined;
  return { ip: new IpView(version, bytes, at, transport), transport };
}

/** Undefined where the header's own length is impossible. */
function ipv4Transport(bytes: Uint8Array, at: number): Transport | undefined {
  const headerLength = (bytes[at]! & 0xf) * 4;
  if (headerLength < IPV4_HEADER) return undefined;
  return {
    protocol: bytes[at + 9]!,
    offset: at + headerLength,
    fragmentOffset: (readBe16(bytes, at + 6) & 0x1fff) * 8,
  };
}

/** Follows the extension headers as far as the packet was captured. */
function ipv6Transport(bytes: Uint8Array, at: number, end: number): Transport {
  let protocol = bytes[at + 6]!;
  let offset = at + IPV6_HEADER;
  let fragmentOffset = 0;
  while (offset + 8 <= end && fragmentOffset === 0) {
    if (protocol === FRAGMENT) {
      fragmentOffset = readBe16(bytes, offset + 2) & 0xfff8;
      protocol = bytes[offset]!;
      offset += 8;
    } else if (
      protocol === HOP_BY_HOP || protocol === ROUTING || protocol === DESTINATION_OPTIONS
    ) {
      protocol = bytes[offset]!;
      offset += (bytes[offset + 1]! + 1) * 8;
    } else if (protocol === AUTHENTICATION) {
      protocol = bytes[offset]!;
      offset += (bytes[offset + 1]! + 2) * 4;
    } else {
      break;
    }
  }
  return { protocol, offset, fragmentOffset };
}

/** Where a payload of at least `least` bytes lies, of packets that are whole or first fragments. */
export function transportAt(
  packet: RawPacket,
  transport: Transport | undefined,
  protocol: number,
  least: number,
): number {
  if (transport?.protocol !== protocol || transport.fragmentOffset !== 0) return ABSENT;
  const end = packet.payloadOffset + packet.payloadLength;
  return transport.offset + least <= end ? transport.offset : ABSENT;
}
