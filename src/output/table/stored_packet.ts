/** Rows of the table as packets in the structured form, as far as a row knows them. */

import type { LineFacts } from "../../packet/describe.ts";
import { ETH_P_ARP, ETH_P_RARP } from "../../packet/ether_types.ts";
import { hookName } from "../../packet/hook_name.ts";
import { protocolName } from "../../packet/protocols.ts";
import { STRUCTURED_VERSION, type StructuredPacket } from "../../packet/structured.ts";
import { tcpFlagNames } from "../../packet/tcp.ts";
import { COLUMNS } from "./columns.ts";
import {
  compact,
  compactHeader,
  jsonOf,
  readableRow,
  readColumns,
  type StoredValues,
} from "./stored_values.ts";

/** `NFPROTO_IPV4` (linux/netfilter.h): rows do not tell the family, and most rules are of IP. */
const NFPROTO_IPV4 = 2;
/** Numbers of protocols (IANA). */
const [ICMP, TCP, UDP, ICMPV6, UDPLITE] = [1, 6, 17, 58, 136] as const;

const READ = readColumns(COLUMNS);

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
 * @param row Values of all columns but the payload.
 */
export function storedPacket(row: StoredValues): StoredPacket {
  const { text, number } = readableRow(READ, row);
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
    extra: jsonOf(extra),
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
