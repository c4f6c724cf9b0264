/**
 * The structured form of a packet, for JSON and for all that shows packets: nested, names as
 * in the API, absent where something is unknown.
 *
 * @module
 */

import { hookName } from "./hook_name.ts";
import type { PacketFacts } from "./packet_facts.ts";
import { type EmbeddedPacket, PacketHeaders } from "./packet_headers.ts";
import { protocolName } from "./protocols.ts";

/** Version of the form: it is raised where a name gets another meaning. */
export const STRUCTURED_VERSION = 1;

/** A value in JSON (RFC 8259). */
export type JsonValue = string | number | boolean | null | JsonValue[] | JsonObject;
/** An object in JSON. */
export interface JsonObject {
  /** A field; absent where it is undefined. */
  [name: string]: JsonValue | undefined;
}

/** Addresses of a packet, and its headers by the names of its getters. */
export interface StructuredHeaders extends JsonObject {
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
  defect?: { layer: string; kind: string };
  /** IP header of either version. */
  ip?: JsonObject;
}

/** Structured form of a packet. */
export interface StructuredPacket extends StructuredHeaders {
  /** Kind of record. */
  type: "packet";
  /** Version of the form. */
  version: number;
  /** The kernel's stamp, else the time of receipt: RFC 3339, in UTC, with microseconds. */
  time: string;
  /** Name of the source that took the packet, where there are several. */
  capture?: string;
  /** Number of the packet in its group. */
  seq?: number;
  /** The rule's prefix. */
  prefix?: string;
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
}

/** Headers that a packet may have, by the names of its getters. */
const HEADERS = [
  "tcp",
  "udp",
  "udplite",
  "icmp",
  "icmpv6",
  "sctp",
  "dccp",
  "ah",
  "esp",
  "gre",
  "igmp",
] as const;

/** The last moment that `Date` can hold, in milliseconds since the Unix epoch. */
const LAST_DATE_MS = 8.64e15;

/**
 * Returns the structured form of a packet.
 *
 * @param packet The packet.
 * @param beside Name of the source that took it, empty where there is one only; and fields that a
 * filter attached: an object in JSON, in UTF-8.
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
 * assertEquals((tcp as { destinationPort: number }).destinationPort, 22);
 * ```
 */
export function structured(
  packet: PacketFacts,
  { capture = "", extra }: { capture?: string; extra?: Uint8Array | undefined } = {},
): StructuredPacket {
  const { family, hook, ethernet, vlan, vlans, payload, originalLength } = packet;
  const isCut = payload !== undefined && originalLength !== undefined &&
    payload.length < originalLength;
  return present<StructuredPacket>({
    type: "packet",
    version: STRUCTURED_VERSION,
    time: timeText(packet.time),
    capture: capture || undefined,
    seq: packet.seq,
    prefix: packet.prefix || undefined,
    hook: hook === undefined ? undefined : hookName(family, hook) ?? hook,
    in: packet.inDev?.toString(),
    out: packet.outDev?.toString(),
    physIn: packet.physInDev?.toString(),
    physOut: packet.physOutDev?.toString(),
    mark: packet.mark,
    uid: packet.uid,
    gid: packet.gid,
    ...addresses(packet),
    length: originalLength,
    captured: isCut ? payload.length : undefined,
    defect: packet.defect === undefined ? undefined : { ...packet.defect },
    ethernet: headerOf(ethernet),
    vlan: headerOf(vlan ?? vlans[0]),
    vlans: vlans.length > 1 ? vlans.map((tag) => headerOf(tag)!) : undefined,
    etherType: packet.hwProtocol,
    arp: headerOf(packet.arp),
    ...headersOf(packet),
    extra: extra === undefined ? undefined : JSON.parse(new TextDecoder().decode(extra)),
  });
}

function addresses(packet: PacketHeaders): OrUndefined<StructuredHeaders> {
  const { arp, protocol } = packet;
  return {
    source: packet.source ?? arp?.senderAddress,
    sourcePort: packet.sourcePort,
    destination: packet.destination ?? arp?.targetAddress,
    destinationPort: packet.destinationPort,
    protocol: arp !== undefined
      ? "ARP"
      : protocol === undefined
      ? undefined
      : protocolName(protocol) ?? protocol,
  };
}

function headersOf(packet: PacketHeaders): OrUndefined<StructuredHeaders> {
  const headers: OrUndefined<StructuredHeaders> = { ip: headerOf(packet.ip) };
  for (const name of HEADERS) headers[name] = headerOf(packet[name]);
  return headers;
}

/** Headers of a packet that an ICMP error quotes. */
function embedded(packet: EmbeddedPacket): JsonObject {
  const { defect } = packet;
  return present({
    ...addresses(packet),
    defect: defect === undefined ? undefined : { ...defect },
    ...headersOf(packet),
  });
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

/** Returns the fields of a header, but for bytes that are no options. */
function headerOf(header: object | undefined): JsonObject | undefined {
  if (header === undefined) return undefined;
  const prototype: object = Object.getPrototypeOf(header);
  const names = prototype === Object.prototype ? Object.keys(header) : gettersOf(prototype);
  const fields: JsonObject = {};
  for (const name of names) {
    const value = valueOf((header as Record<string, unknown>)[name]);
    if (value !== undefined) fields[name] = value;
  }
  return fields;
}

function valueOf(value: unknown): JsonValue | undefined {
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map(optionOf);
  if (value instanceof Uint8Array) return undefined;
  if (value instanceof PacketHeaders) return embedded(value as EmbeddedPacket);
  return typeof value === "object" && value !== null
    ? headerOf(value)
    : value as string | number | boolean | undefined;
}

/** An option, a chunk or an extension header: its bytes are in hexadecimal. */
function optionOf(option: Readonly<Record<string, unknown>>): JsonObject {
  const fields = Object.entries(option).map(([name, value]) =>
    [name, value instanceof Uint8Array ? value.toHex() : valueOf(value)] as const
  );
  return Object.fromEntries(fields);
}

/** Fields that may be undefined instead of absent. */
type OrUndefined<T> = { [Name in keyof T]: T[Name] | undefined };

/** Leaves out what is undefined. */
function present<T extends object>(fields: OrUndefined<T>): T {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined),
  ) as T;
}

/** RFC 3339, in UTC, with microseconds. */
function timeText(microseconds: number): string {
  const milliseconds = Math.floor(microseconds / 1000);
  if (milliseconds > LAST_DATE_MS) return `${microseconds}us`;
  const text = new Date(milliseconds).toISOString();
  return `${text.slice(0, -1)}${String(microseconds % 1000).padStart(3, "0")}Z`;
}
