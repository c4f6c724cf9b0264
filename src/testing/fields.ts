/**
 * What a packet for tests is made from.
 *
 * @module
 */

import * as v from "valibot";
import { type Entries, omittable, optional, type Schema, text, wholeNumber } from "../schema.ts";

/** The fields of a TCP header. */
export interface TcpFields {
  /**
   * Source port.
   *
   * @default {40000}
   */
  sourcePort?: number;
  /**
   * Destination port.
   *
   * @default {80}
   */
  destinationPort?: number;
  /**
   * Flags by name, as in `SYN,ACK`; `none` for none.
   *
   * @default {"SYN"}
   */
  flags?: string;
  /**
   * Sequence number.
   *
   * @default {1000}
   */
  sequenceNumber?: number;
  /**
   * Acknowledgment number.
   *
   * @default {0}
   */
  acknowledgmentNumber?: number;
  /**
   * Window, unscaled.
   *
   * @default {64240}
   */
  window?: number;
}

/** The fields of a UDP header. */
export interface UdpFields {
  /**
   * Source port.
   *
   * @default {40000}
   */
  sourcePort?: number;
  /**
   * Destination port.
   *
   * @default {53}
   */
  destinationPort?: number;
}

/** The fields of an ICMP or ICMPv6 message. */
export interface IcmpFields {
  /**
   * Type. By default an echo request: 8, for ICMPv6 128.
   */
  type?: number;
  /**
   * Code.
   *
   * @default {0}
   */
  code?: number;
  /**
   * Identifier of an echo: 1 by default. In other messages it is the two bytes there, 0 by default.
   */
  identifier?: number;
  /**
   * Sequence number of an echo: 1 by default. In other messages it is the two bytes there, 0 by default.
   */
  sequenceNumber?: number;
}

/** What {@linkcode packet} makes a packet from; everything may be left out. */
export interface PacketFields {
  /**
   * The sender, IPv4 or IPv6. By default 192.0.2.1, beside an IPv6 receiver 2001:db8::1.
   */
  source?: string;
  /**
   * The receiver, of the same kind. By default 192.0.2.2, beside an IPv6 sender 2001:db8::2.
   */
  destination?: string;
  /**
   * Hops left, 0 to 255.
   *
   * @default {64}
   */
  ttl?: number;
  /**
   * Type of service or traffic class, 0 to 255.
   *
   * @default {0}
   */
  trafficClass?: number;
  /**
   * It carries TCP. By default TCP, where no other protocol is named.
   */
  tcp?: TcpFields;
  /** It carries UDP. */
  udp?: UdpFields;
  /** It carries ICMP, between IPv4 addresses. */
  icmp?: IcmpFields;
  /** It carries ICMPv6, between IPv6 addresses. */
  icmpv6?: IcmpFields;
  /** It carries another protocol, of which `data` are all bytes (IANA protocol numbers). */
  protocol?: number;
  /** What follows the headers; text is encoded as UTF-8; nothing by default. */
  data?: string | Uint8Array;
  /**
   * The rule's prefix.
   *
   * @default {""}
   */
  prefix?: string;
  /**
   * The packet mark; 0 is absent, as from the kernel. By default absent.
   */
  mark?: number;
  /**
   * User id of the local socket's owner. By default absent.
   */
  uid?: number;
  /**
   * Group id of the local socket's owner. By default absent.
   */
  gid?: number;
  /**
   * Where the rule is. By default output or forward, as the interfaces have it, else input.
   */
  hook?: HookName;
  /**
   * Name of the interface that it came in by. By default eth0, where neither interface is named.
   */
  inDev?: string;
  /**
   * Name of the interface that it leaves by. By default absent.
   */
  outDev?: string;
  /**
   * The sender's Ethernet address, as in `02:00:5e:10:00:01`. By default absent.
   */
  hardwareAddress?: string;
  /**
   * When it was received, in microseconds since the Unix epoch, as in `Date.now() * 1000`.
   *
   * @default {1700000000000000}
   */
  time?: number;
  /**
   * The kernel's stamp, in microseconds, too. By default `time`; absent at output and postrouting, as from the kernel.
   */
  timestamp?: number;
}

/** The hooks of IPv4 and IPv6, in the order of their numbers (`NF_INET_*`, linux/netfilter.h). */
export const HOOKS: readonly HookName[] = [
  "prerouting",
  "input",
  "forward",
  "output",
  "postrouting",
];
/** A hook of IPv4 and IPv6. */
export type HookName = "prerouting" | "input" | "forward" | "output" | "postrouting";

const port = wholeNumber(0, 65535);
const byte = wholeNumber(0, 255);
const word = wholeNumber(0, 0xffff_ffff);
/** Microseconds up to where the kernel's 32-bit seconds end. */
const microseconds = wholeNumber(0, 0xffff_ffff * 1e6);

/** What the fields may hold, and what they hold where they are left out. */
export const tcpEntries = {
  sourcePort: optional(port, 40000),
  destinationPort: optional(port, 80),
  flags: optional(text(`flags by name, as in "SYN,ACK", or "none"`), "SYN"),
  sequenceNumber: optional(word, 1000),
  acknowledgmentNumber: optional(word, 0),
  window: optional(port, 64240),
} satisfies Entries & { [Name in keyof TcpFields]: unknown };

/** The same for UDP. */
export const udpEntries = {
  sourcePort: optional(port, 40000),
  destinationPort: optional(port, 53),
} satisfies Entries & { [Name in keyof UdpFields]: unknown };

/** The same for ICMP and ICMPv6, whose echo request is of another type. */
export function icmpEntries(echoRequest: number): Entries {
  return {
    type: optional(byte, echoRequest),
    code: optional(byte, 0),
    identifier: omittable(port),
    sequenceNumber: omittable(port),
  } satisfies Entries & { [Name in keyof IcmpFields]: unknown };
}

const table = v.custom<object>((value) => typeof value === "object" && value !== null);
const someTable = omittable(table as unknown as Schema<object>);
const anyText = v.string("must be text") as Schema<string>;
/** A name of any characters, as a capture file may have. */
const anyName = v.pipe(anyText, v.nonEmpty("must be an interface's name")) as Schema<string>;
const bytes = v.union(
  [v.string(), v.instance(Uint8Array)],
  "must be text or a Uint8Array",
) as Schema<
  string | Uint8Array
>;
const hookMessage = `must be ${HOOKS.join(", ").replace(/, (?=\w+$)/, " or ")}`;
const macMessage = "must be an Ethernet address, as in 02:00:5e:10:00:01";

/** The same for the packet. */
export const packetEntries = {
  source: omittable(text("an IP address")),
  destination: omittable(text("an IP address")),
  ttl: optional(byte, 64),
  trafficClass: optional(byte, 0),
  tcp: someTable,
  udp: someTable,
  icmp: someTable,
  icmpv6: someTable,
  protocol: omittable(byte),
  data: optional(bytes, ""),
  prefix: optional(anyText, ""),
  mark: omittable(word),
  uid: omittable(word),
  gid: omittable(word),
  hook: omittable(v.picklist([...HOOKS], hookMessage) as unknown as Schema<HookName>),
  inDev: omittable(anyName),
  outDev: omittable(anyName),
  hardwareAddress: omittable(
    v.pipe(v.string(macMessage), v.regex(/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i, macMessage)) as Schema<
      string
    >,
  ),
  time: optional(microseconds, 1_700_000_000_000_000),
  timestamp: omittable(microseconds),
} satisfies Entries & { [Name in keyof PacketFields]: unknown };

/** A packet's fields once they are checked. */
export interface CheckedFields extends PacketFields {
  /** Hops left. */
  ttl: number;
  /** Type of service or traffic class. */
  trafficClass: number;
  /** What follows the headers. */
  data: string | Uint8Array;
  /** The rule's prefix. */
  prefix: string;
  /** When it was received, in microseconds since the Unix epoch. */
  time: number;
}
