/**
 * The structured form of a packet, for JSON and for all that shows packets: nested, names as
 * in the API, absent where something is unknown.
 */

import type { Action } from "./actions.ts";
import type { AhHeader } from "./ah.ts";
import type { ArpHeader } from "./arp.ts";
import type { DccpHeader } from "./dccp.ts";
import type { EspHeader } from "./esp.ts";
import type { EthernetHeader, VlanTag } from "./ethernet.ts";
import type { GreHeader } from "./gre.ts";
import { hookName } from "./hook_name.ts";
import type { IgmpHeader } from "./igmp.ts";
import type { Ipv4Header } from "./ipv4.ts";
import type { Ipv6Header } from "./ipv6.ts";
import type { Defect } from "./layers.ts";
import type { PacketFacts } from "./packet_facts.ts";
import { type IcmpHeader, type Icmpv6Header, PacketHeaders } from "./packet_headers.ts";
import { protocolName } from "./protocols.ts";
import type { SctpHeader } from "./sctp.ts";
import type { TcpHeader } from "./tcp.ts";
import type { UdpHeader } from "./udp.ts";
import type { UdpLiteHeader } from "./udplite.ts";

/** Version of the form: it is raised where a name gets another meaning. */
export const STRUCTURED_VERSION = 1;

/** A value in JSON (RFC 8259). */
export type JsonValue = string | number | boolean | null | JsonValue[] | JsonObject;
/** An object in JSON. */
export interface JsonObject {
  /** A field; absent where it is undefined. */
  [name: string]: JsonValue | undefined;
}

/** Value of a field, as JSON has it: bytes as hexadecimal digits. */
export type StructuredValue<T> = T extends Uint8Array ? string
  : T extends PacketHeaders ? StructuredHeaders
  : T extends readonly (infer Item)[] ? StructuredValue<Item>[]
  : T extends object ? StructuredFields<T>
  : T;

/**
 * Fields of a header, an option or a chunk, by the names that they have there. Those that may be
 * undefined may be absent, and so are lists that are empty.
 */
export type StructuredFields<T> =
  & {
    -readonly [
      Name in keyof T as T[Name] extends string | number | boolean | Uint8Array ? Name : never
    ]: StructuredValue<T[Name]>;
  }
  & {
    -readonly [
      Name in keyof T as T[Name] extends string | number | boolean | Uint8Array ? never : Name
    ]?: StructuredValue<Exclude<T[Name], undefined>>;
  };

/** Fields of a header; its data and check values are left out. */
export type StructuredHeader<T> = StructuredFields<
  { [Name in keyof T as T[Name] extends Uint8Array ? never : Name]: T[Name] }
>;

/** Addresses of a packet, and its headers by the names of its getters. */
export interface StructuredHeaders {
  /** Sender's IP address; of ARP the sender's protocol address. */
  source?: string;
  /** Sender's port. */
  sourcePort?: number;
  /** Receiver's IP address; of ARP the target's protocol address. */
  destination?: string;
  /** Receiver's port. */
  destinationPort?: number;
  /** Name of the protocol that IP carries, as in `TCP`, or its number where it has none here; or `ARP`. */
  protocol?: string | number;
  /** Reason why a header could not be decoded. */
  defect?: Defect;
  /** ARP packet. */
  arp?: StructuredHeader<ArpHeader>;
  /** IP header of either version. */
  ip?: StructuredHeader<Ipv4Header> | StructuredHeader<Ipv6Header>;
  /** TCP header. */
  tcp?: StructuredHeader<TcpHeader>;
  /** UDP header. */
  udp?: StructuredHeader<UdpHeader>;
  /** UDP-Lite header. */
  udplite?: StructuredHeader<UdpLiteHeader>;
  /** ICMP header. */
  icmp?: StructuredHeader<IcmpHeader>;
  /** ICMPv6 header. */
  icmpv6?: StructuredHeader<Icmpv6Header>;
  /** SCTP common header. */
  sctp?: StructuredHeader<SctpHeader>;
  /** DCCP header. */
  dccp?: StructuredHeader<DccpHeader>;
  /** Outermost authentication header. */
  ah?: StructuredHeader<AhHeader>;
  /** Readable part of ESP. */
  esp?: StructuredHeader<EspHeader>;
  /** GRE header. */
  gre?: StructuredHeader<GreHeader>;
  /** IGMP message. */
  igmp?: StructuredHeader<IgmpHeader>;
}

/** Structured form of a packet. */
export interface StructuredPacket extends StructuredHeaders {
  /** Kind of record. */
  type: "packet";
  /** Version of the form. */
  version: number;
  /** The kernel's stamp, else the time of receipt: RFC 3339, in UTC, with microseconds. */
  time: string;
  /** Name of the host that logged the packet, in lines of an output. */
  host?: string;
  /** Name of the source that took the packet, in a run of nfscribe. */
  capture?: string;
  /** Identifier of the run of nfscribe, a UUID (RFC 9562), in lines of an output. */
  session?: string;
  /** Number of the packet in its group. */
  seq?: number;
  /** The rule's prefix. */
  prefix?: string;
  /** Action of the rule, by its prefix. */
  action?: Action;
  /** Name of the hook, or its number in a family whose hooks have no names here. */
  hook?: string | number;
  /** Name of the interface that the packet came in by; its number where the name is unknown. */
  in?: string;
  /** Interface that the packet leaves by. */
  out?: string;
  /** Bridge port that the packet came in by. */
  physIn?: string;
  /** Bridge port that the packet leaves by. */
  physOut?: string;
  /** The packet's mark. */
  mark?: number;
  /** User id of the local socket's owner. */
  uid?: number;
  /** Group id of the local socket's owner. */
  gid?: number;
  /** Length of the packet in bytes, as its IP header states it. */
  length?: number;
  /** Captured bytes, where they are fewer. */
  captured?: number;
  /** Ethernet header. */
  ethernet?: StructuredHeader<EthernetHeader>;
  /** VLAN tag that the device took off. */
  vlan?: VlanTag;
  /** All VLAN tags from the outermost inwards, where there are others than `vlan`. */
  vlans?: VlanTag[];
  /** EtherType of the payload. */
  etherType?: number;
  /** Fields that a filter attached. */
  extra?: JsonObject;
  /** Captured bytes in base64 (RFC 4648), on request. */
  payload?: string;
}

/** Parts of the form that are not the packet's own. */
export interface StructuredContext {
  /** Name of the host; left out for none. */
  host?: string;
  /** Name of the source that took the packet; empty or left out for none. */
  capture?: string;
  /** Identifier of the run. */
  session?: string;
  /** Fields that a filter attached: an object in JSON, in UTF-8. */
  extra?: Uint8Array | undefined;
  /** Whether the captured bytes are included. */
  payload?: boolean;
}

/** The most items of a list: chunks and extension headers of a forged packet are thousands. */
export const ITEMS_MAX = 64;

/** The last moment that `Date` can hold, in milliseconds since the Unix epoch. */
const LAST_DATE_MS = 8.64e15;
/** Items of a list and characters of a text that a shortened form keeps. */
const [ITEMS_KEPT, CHARACTERS_KEPT] = [8, 256];
/** Fields of headers that a shortened form leaves out. */
const LONG: ReadonlySet<string> = new Set(["options", "extensions", "embedded"]);

/**
 * Returns the structured form of a packet.
 *
 * @param packet The packet.
 * @param context Parts that are not the packet's own.
 * @throws {StalePacketError} If the memory holds another packet by now.
 *
 * @example
 * ```ts
 * import { packet } from "nfscribe/testing";
 * import { structured } from "./structured.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const { source, destinationPort, protocol, tcp } = structured(
 *   packet({ source: "192.0.2.7", tcp: { destinationPort: 22 } }),
 * );
 * assertEquals([source, destinationPort, protocol], ["192.0.2.7", 22, "TCP"]);
 * assertEquals(tcp?.destinationPort, 22);
 * ```
 */
export function structured(
  packet: PacketFacts,
  context: StructuredContext = {},
): StructuredPacket {
  const { time, ...top } = topOf(packet);
  const { ethernet, vlan, vlans, payload } = packet;
  const { host, capture, session, extra } = context;
  const hasMore = vlans.length > (vlan === undefined ? 0 : 1);
  const form = fieldsOf({
    type: "packet",
    version: STRUCTURED_VERSION,
    time,
    host: host || undefined,
    capture: capture || undefined,
    session: session || undefined,
    ...top,
    ethernet,
    vlan,
    vlans: hasMore ? vlans : undefined,
    ...headersOf(packet),
  });
  if (extra !== undefined) form.extra = JSON.parse(new TextDecoder().decode(extra));
  if (context.payload && payload !== undefined) form.payload = payload.toBase64();
  return form as unknown as StructuredPacket;
}

/**
 * Returns the structured form of a packet as JSON, without fields that a filter attached.
 *
 * @param packet The packet.
 * @param origin Names of its host and of the source that took it; empty for none.
 * @param most Characters that it may have, at least 16,000. Where it would have more, options,
 * extension headers, quoted packets and the ends of long lists and texts are left out.
 */
export function structuredText(
  packet: PacketFacts,
  { host, capture }: { host: string; capture: string },
  most: number,
): string {
  const form = structured(packet, { host, capture });
  const text = JSON.stringify(form);
  return text.length <= most ? text : JSON.stringify(form, shortened);
}

function shortened(name: string, value: unknown): unknown {
  if (LONG.has(name)) return undefined;
  if (Array.isArray(value)) return value.slice(0, ITEMS_KEPT);
  return typeof value === "string" ? value.slice(0, CHARACTERS_KEPT) : value;
}

/** Facts of the structured form, with headers as they lie in the packet. */
export type Facts = ReturnType<typeof factsOf>;

/** Returns the facts of the structured form: a line has but a few fields of their headers. */
export function factsOf(packet: PacketFacts) {
  return { ...topOf(packet), vlan: packet.vlan, ...headersOf(packet) };
}

/** Facts above the headers. */
function topOf(packet: PacketFacts) {
  const { family, hook, payload, originalLength } = packet;
  const isCut = payload !== undefined && originalLength !== undefined &&
    payload.length < originalLength;
  return {
    time: timeText(packet.time),
    seq: packet.seq,
    prefix: packet.prefix || undefined,
    action: packet.action,
    hook: hook === undefined ? undefined : hookName(family, hook) ?? hook,
    in: packet.inDev?.toString(),
    out: packet.outDev?.toString(),
    physIn: packet.physInDev?.toString(),
    physOut: packet.physOutDev?.toString(),
    mark: packet.mark,
    uid: packet.uid,
    gid: packet.gid,
    ...endpointsOf(packet),
    length: originalLength,
    captured: isCut ? payload.length : undefined,
    defect: packet.defect,
    etherType: packet.hwProtocol,
  };
}

/** Addresses and protocol of a packet, or of one that an ICMP error quotes. */
function endpointsOf(packet: PacketHeaders) {
  const { arp, protocol } = packet;
  const name = protocol === undefined ? undefined : protocolName(protocol) ?? protocol;
  return {
    source: packet.source ?? arp?.senderAddress,
    sourcePort: packet.sourcePort,
    destination: packet.destination ?? arp?.targetAddress,
    destinationPort: packet.destinationPort,
    protocol: arp === undefined ? name : "ARP",
  };
}

/** Headers of a packet, or of one that an ICMP error quotes. */
function headersOf(packet: PacketHeaders) {
  return {
    arp: packet.arp,
    ip: packet.ip,
    tcp: packet.tcp,
    udp: packet.udp,
    udplite: packet.udplite,
    icmp: packet.icmp,
    icmpv6: packet.icmpv6,
    sctp: packet.sctp,
    dccp: packet.dccp,
    ah: packet.ah,
    esp: packet.esp,
    gre: packet.gre,
    igmp: packet.igmp,
  };
}

/** Names of the getters of each class of headers. */
const getters = new Map<object, readonly string[]>();

function gettersOf(prototype: object): readonly string[] {
  const known = getters.get(prototype);
  if (known !== undefined) return known;
  const above: object | null = Object.getPrototypeOf(prototype);
  const inherited = above === null || above === Object.prototype ? [] : gettersOf(above);
  const own = Object.entries(Object.getOwnPropertyDescriptors(prototype))
    .filter(([, { get }]) => get !== undefined).map(([name]) => name);
  const names = [...inherited, ...own];
  getters.set(prototype, names);
  return names;
}

/** Returns the fields of an object or a header, but for bytes that are no options. */
function fieldsOf(header: object, isQuoted = false): JsonObject {
  const prototype: object = Object.getPrototypeOf(header);
  const names = prototype === Object.prototype ? Object.keys(header) : gettersOf(prototype);
  const fields: JsonObject = {};
  for (const name of names) {
    const value = valueOf((header as Record<string, unknown>)[name], isQuoted);
    if (value !== undefined) fields[name] = value;
  }
  return fields;
}

function valueOf(value: unknown, isQuoted: boolean): JsonValue | undefined {
  if (typeof value !== "object" || value === null) return value as JsonValue | undefined;
  if (Array.isArray(value)) return listOf(value);
  if (value instanceof Uint8Array) return undefined;
  if (!(value instanceof PacketHeaders)) return fieldsOf(value, isQuoted);
  // No error quotes an error (RFC 1122 section 3.2.2); a forged one could, a thousand deep.
  if (isQuoted) return undefined;
  return fieldsOf({ ...endpointsOf(value), defect: value.defect, ...headersOf(value) }, true);
}

/** Returns the first items of a list; undefined if it is empty. */
function listOf(value: readonly Readonly<Record<string, JsonValue | Uint8Array>>[]) {
  return value.length === 0 ? undefined : value.slice(0, ITEMS_MAX).map(itemOf);
}

/** Converts an option, a chunk, a tag or an extension header: its bytes become hexadecimal. */
function itemOf(item: Readonly<Record<string, JsonValue | Uint8Array>>): JsonObject {
  const fields: JsonObject = {};
  for (const name of Object.keys(item)) {
    const value = item[name]!;
    fields[name] = value instanceof Uint8Array ? value.toHex() : value;
  }
  return fields;
}

/**
 * Formats a time as RFC 3339, in UTC, with microseconds.
 *
 * @param microseconds Time since the Unix epoch; one that `Date` cannot hold is followed by `us`.
 */
export function timeText(microseconds: number): string {
  const milliseconds = Math.floor(microseconds / 1000);
  if (Math.abs(milliseconds) > LAST_DATE_MS) return `${microseconds}us`;
  const text = new Date(milliseconds).toISOString();
  return `${text.slice(0, -1)}${String(microseconds - milliseconds * 1000).padStart(3, "0")}Z`;
}
