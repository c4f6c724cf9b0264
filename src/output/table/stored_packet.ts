/** Rows of the table as packets in the structured form, as far as a row knows them. */

import { parseAddress } from "../../filter/parse_address.ts";
import { hardwareText, ipv4Text, ipv6Text } from "../../packet/address.ts";
import type { LineFacts } from "../../packet/describe.ts";
import { ETH_P_ARP, ETH_P_RARP } from "../../packet/ether_types.ts";
import { hookName } from "../../packet/hook_name.ts";
import { protocolName } from "../../packet/protocols.ts";
import { STRUCTURED_VERSION, type StructuredPacket, timeText } from "../../packet/structured.ts";
import { tcpFlagNames } from "../../packet/tcp.ts";
import { COLUMNS, type ColumnType } from "./columns.ts";
import { uuidText } from "./parse_row.ts";

/** `NFPROTO_IPV4` (linux/netfilter.h): rows do not tell the family, and most rules are of IP. */
const NFPROTO_IPV4 = 2;
/** Numbers of protocols (IANA). */
const [ICMP, TCP, UDP, ICMPV6, UDPLITE] = [1, 6, 17, 58, 136] as const;

/** Columns that a packet is made from: its bytes stay in the database. */
export const READ_COLUMNS: readonly (readonly [name: string, type: ColumnType])[] = COLUMNS
  .filter(([, type]) => type !== "bytes").map(([name, type]) => [name, type]);

/** Value of a column as a database's client returns it. */
export type StoredValue = string | number | bigint | Uint8Array | null;
/** Values of a row by column. */
export type StoredValues = Readonly<Record<string, StoredValue>>;

/** Fields of the structured form that rows have; headers have some of their fields only. */
export type StoredPacket =
  & Pick<StructuredPacket, "type" | "version" | "time">
  & Partial<
    Omit<StructuredPacket, "type" | "version" | "time" | "ethernet" | "ip" | "tcp" | "icmp">
  >
  & StoredHeaders;

/** Headers as far as a row knows them. */
interface StoredHeaders {
  ethernet?: { source?: string; destination?: string };
  ip?: { version: 4 | 6; protocol?: number; hopLimit?: number; trafficClass?: number };
  tcp?: { flags: number; flagNames: string };
  icmp?: { type: number; code: number };
  icmpv6?: never;
}

/**
 * Returns the packet of a row, in the structured form's names and order.
 *
 * @param row Values of {@linkcode READ_COLUMNS}. Addresses, UUIDs and hardware addresses are text, or
 *   bytes in network order; times are text in UTC, or microseconds since the Unix epoch.
 */
export function storedPacket(row: StoredValues): StoredPacket {
  const values = new Map(
    READ_COLUMNS.flatMap(([name, type]) => {
      const value = row[name];
      return value === null || value === undefined ? [] : [[name, readable(type, value)] as const];
    }),
  );
  const text = (name: string) => values.get(name) as string | undefined;
  const number = (name: string) => values.get(name) as number | undefined;
  const [source, protocol, etherType] = [
    text("source_address"),
    number("protocol"),
    number("ethertype"),
  ];
  const isArp = etherType === ETH_P_ARP || etherType === ETH_P_RARP ||
    source !== undefined && protocol === undefined;
  const extra = text("extra");
  return compact({
    type: "packet",
    version: STRUCTURED_VERSION,
    time: text("time")!,
    host: text("host"),
    capture: text("capture"),
    session: text("session"),
    seq: number("seq"),
    prefix: text("prefix") || undefined,
    hook: hookOf(number("hook"), isArp),
    in: text("in_dev"),
    out: text("out_dev"),
    mark: number("mark"),
    uid: number("uid"),
    gid: number("gid"),
    source,
    sourcePort: number("source_port"),
    destination: text("destination_address"),
    destinationPort: number("destination_port"),
    protocol: isArp ? "ARP" : protocol && (protocolName(protocol) ?? protocol),
    length: number("length"),
    etherType,
    ethernet: compactHeader({
      destination: text("hardware_destination"),
      source: text("hardware_source"),
    }),
    ip: isArp || source === undefined ? undefined : compact({
      version: source.includes(":") ? 6 : 4,
      trafficClass: number("tos"),
      hopLimit: number("ttl"),
      protocol,
    }),
    ...transportOf(protocol, number("tcp_flags"), number("icmp_type"), number("icmp_code")),
    extra: extra === undefined ? undefined : JSON.parse(extra),
  }) as StoredPacket;
}

/** Returns the facts of a line. */
export function lineFactsOf(packet: StoredPacket): LineFacts {
  const { ip, ...rest } = packet;
  const { protocol } = ip ?? {};
  return {
    ...rest,
    ...protocol !== undefined && { ip: { version: ip!.version, protocol, fragmentOffset: 0 } },
    ...rest.sourcePort !== undefined && protocol === UDP && { udp: {} },
    ...rest.sourcePort !== undefined && protocol === UDPLITE && { udplite: {} },
  } as LineFacts;
}

function hookOf(hook: number | undefined, isArp: boolean): string | number | undefined {
  // Rules of ARP number their hooks in another way, those of bridges do not.
  return hook === undefined || isArp ? hook : hookName(NFPROTO_IPV4, hook) ?? hook;
}

function transportOf(
  protocol: number | undefined,
  flags: number | undefined,
  type: number | undefined,
  code = 0,
): object {
  if (protocol === TCP && flags !== undefined) {
    return { tcp: { flags, flagNames: tcpFlagNames(flags) } };
  }
  if (type === undefined) return {};
  return protocol === ICMP
    ? { icmp: { type, code } }
    : protocol === ICMPV6
    ? { icmpv6: { type, code } }
    : {};
}

function readable(type: ColumnType, value: string | number | bigint | Uint8Array): string | number {
  switch (type) {
    case "time":
      return storedTime(value);
    case "address":
      if (!(value instanceof Uint8Array)) return addressOf(String(value));
      return value.length === 4 ? ipv4Text(value, 0) : ipv6Text(value, 0);
    case "mac":
      return value instanceof Uint8Array ? hardwareText(value, 0, value.length) : String(value);
    case "uuid":
      return value instanceof Uint8Array ? uuidText(value) : String(value);
    case "text":
    case "json":
      return String(value);
    default:
      return Number(value);
  }
}

/** Writes an address of a server as nfscribe does: PostgreSQL ends `::/96` with an IPv4 address. */
function addressOf(text: string): string {
  const words = text.includes(":") && text.includes(".") ? parseAddress(text) : undefined;
  if (words === undefined) return text;
  const view = new DataView(new ArrayBuffer(16));
  words.forEach((word, index) => view.setUint32(4 * index, word));
  return ipv6Text(new Uint8Array(view.buffer), 0);
}

/** Returns a time in RFC 3339: from a server's text, or from microseconds since the Unix epoch. */
export function storedTime(value: NonNullable<StoredValue>): string {
  return typeof value === "string" ? isoTime(value) : timeText(Number(value));
}

/** Writes a time of a server, as in `2026-01-31 10:00:00.5+00`, as in RFC 3339 with microseconds. */
function isoTime(text: string): string {
  const [, date, time, fraction = ""] =
    /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?(?:\+00)?$/.exec(text) ?? [];
  return date === undefined ? text : `${date}T${time}.${fraction.padEnd(6, "0")}Z`;
}

/** Removes fields that are undefined. */
function compact<T extends object>(fields: T): T {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined),
  ) as T;
}

function compactHeader<T extends object>(fields: T): T | undefined {
  const known = compact(fields);
  return Object.keys(known).length === 0 ? undefined : known;
}
