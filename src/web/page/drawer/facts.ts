/** Facts of a record for the head of the drawer. Pure. */

import type { StructuredDirection, StructuredFlow } from "../../../flow/structured.ts";
import { endpoint } from "../../../text/endpoint.ts";
import type { Row } from "../api/types.ts";
import { addressTerm, nameTerm, portTerm, protocolTerm, quotedName } from "../search/terms.ts";
import { bytes, count, duration, hex, plural } from "../text/format.ts";
import { icmpMessage } from "../text/icmp.ts";
import { actionOf } from "../text/actions.ts";

/** A fact. */
export interface Fact {
  readonly name: string;
  readonly value: string;
  /** Term of an expression that chooses records with the same value. */
  readonly term?: string | undefined;
  /** Address that it is about. */
  readonly address?: string | undefined;
  /** Time in RFC 3339. */
  readonly time?: string;
}

/** A fact whose value may be unknown. */
type MaybeFact = Omit<Fact, "value"> & { value: string | number | undefined };

type PacketRow = Extract<Row, { type: "packet" }>;

/** Returns the title of a record. */
export function titleOf(row: Row): string {
  switch (row.type) {
    case "packet":
      return [row.protocol ?? "Packet", ends(row)].join(" ").trim();
    case "flow":
      return `${row.protocol} ${ends(row.original)}`;
    default:
      return "Record";
  }
}

/** Returns the facts of a record, those that are known. */
export function factsOf(row: Row): Fact[] {
  const facts = row.type === "packet"
    ? packetFacts(row)
    : row.type === "flow"
    ? flowFacts(row)
    : [];
  return facts.flatMap(({ value, ...rest }) =>
    value === undefined || value === "" ? [] : [{ ...rest, value: String(value) }]
  );
}

function packetFacts(row: PacketRow): MaybeFact[] {
  const { prefix, hook, mark, uid, gid, length, ethernet, extra } = row;
  const action = actionOf(row);
  const icmp = row.icmp ?? row.icmpv6;
  return [
    { name: "Time", value: row.time, time: row.time },
    {
      name: "Action",
      value: action,
      term: action && `action ${action}`,
    },
    { name: "Prefix", value: prefix, term: prefix && nameTerm("prefix", prefix) },
    end("From", "src", row.source, row.sourcePort),
    end("To", "dst", row.destination, row.destinationPort),
    {
      name: "Protocol",
      value: row.protocol,
      term: row.protocol === undefined ? undefined : protocolTerm(row.protocol),
    },
    message(row.icmpv6 !== undefined, icmp?.type, icmp?.code),
    { name: "Flags", value: row.tcp?.flagNames.replaceAll(",", ", ") },
    { name: "Came in by", value: row.in, term: row.in && nameTerm("in", row.in) },
    { name: "Leaves by", value: row.out, term: row.out && nameTerm("out", row.out) },
    {
      name: "Hook",
      value: hook,
      term: typeof hook === "string" ? `hook ${hook}` : undefined,
    },
    { name: "User", value: uid, term: uid === undefined ? undefined : `uid ${uid}` },
    { name: "Group", value: gid, term: gid === undefined ? undefined : `gid ${gid}` },
    {
      name: "Mark",
      value: mark === undefined ? undefined : hex(mark),
      term: mark === undefined ? undefined : `mark ${hex(mark)}`,
    },
    { name: "Length", value: length === undefined ? undefined : `${count(length)} bytes` },
    {
      name: "Link sender",
      value: ethernet?.source,
      term: ethernet?.source && addressTerm("src", ethernet.source),
    },
    {
      name: "Link receiver",
      value: ethernet?.destination,
      term: ethernet?.destination && addressTerm("dst", ethernet.destination),
    },
    ...originFacts(row),
    { name: "Extra", value: extra && JSON.stringify(extra) },
  ];
}

function flowFacts(row: StructuredFlow): MaybeFact[] {
  const { event, original, reply, nat, mark, zone, labels, master, extra } = row;
  // That of an end is what was left of it, and means nothing.
  const timeout = event === "destroy" || event === "inferred" ? undefined : row.timeout;
  return [
    { name: "Time", value: row.time, time: row.time },
    { name: "Event", value: event, term: `event ${event}` },
    { name: "State", value: row.state, term: row.state && `state ${row.state.toLowerCase()}` },
    end("From", "src", original.source, original.sourcePort),
    end("To", "dst", original.destination, original.destinationPort),
    { name: "Protocol", value: row.protocol, term: protocolTerm(row.protocol) },
    message(original.source.includes(":"), original.icmpType, original.icmpCode),
    { name: "Identifier", value: original.icmpId },
    translated(
      "Sender as",
      nat?.source,
      nat?.sourcePort,
      original.source,
      original.sourcePort,
    ),
    translated(
      "Receiver is",
      nat?.destination,
      nat?.destinationPort,
      original.destination,
      original.destinationPort,
    ),
    { name: "Sent", value: traffic(original) },
    { name: "Answered", value: reply && traffic(reply) },
    { name: "Began", value: row.start, ...row.start !== undefined && { time: row.start } },
    { name: "Ended", value: row.end, ...row.end !== undefined && { time: row.end } },
    {
      name: "Lasted",
      value: row.duration === undefined ? undefined : duration(1000 * row.duration),
    },
    {
      name: "Timeout",
      value: timeout === undefined ? undefined : duration(1000 * timeout),
    },
    { name: "Status", value: row.status?.join(", ") },
    {
      name: "Mark",
      value: mark === undefined ? undefined : hex(mark),
      term: mark === undefined ? undefined : `mark ${hex(mark)}`,
    },
    { name: "Zone", value: zone, term: zone === undefined ? undefined : `zone ${zone}` },
    { name: "Labels", value: labels?.join(", ") },
    { name: "Helper", value: row.helper, term: row.helper && `helper ${quotedName(row.helper)}` },
    { name: "Belongs to", value: master && ends(master) },
    ...originFacts(row),
    { name: "Extra", value: extra && JSON.stringify(extra) },
  ];
}

function originFacts({ host, capture }: PacketRow | StructuredFlow): MaybeFact[] {
  return [
    { name: "Host", value: host },
    { name: "Source", value: capture, term: capture && nameTerm("capture", capture) },
  ];
}

function end(
  name: string,
  side: "src" | "dst",
  address: string | undefined,
  port: number | undefined,
): MaybeFact {
  if (address === undefined) return { name, value: undefined };
  const terms = [addressTerm(side, address), ...port === undefined ? [] : [portTerm(side, port)]];
  return { name, value: endpoint(address, port), term: terms.join(" and "), address };
}

function translated(
  name: string,
  address: string | undefined,
  port: number | undefined,
  ownAddress: string,
  ownPort: number | undefined,
): MaybeFact {
  if (address === undefined && port === undefined) return { name, value: undefined };
  return { name, value: endpoint(address ?? ownAddress, port ?? ownPort), address };
}

function message(isIpv6: boolean, type: number | undefined, code?: number): MaybeFact {
  return { name: "Message", value: type === undefined ? type : icmpMessage(isIpv6, type, code) };
}

function traffic(side: StructuredDirection): string | undefined {
  if (side.packets === undefined) return undefined;
  return `${plural(side.packets, "packet")}, ${bytes(side.bytes ?? 0)}`;
}

/** Writes both ends of a record. */
export function ends(
  record: {
    source?: string | undefined;
    sourcePort?: number | undefined;
    destination?: string | undefined;
    destinationPort?: number | undefined;
  },
): string {
  const { source, destination } = record;
  if (source === undefined || destination === undefined) return "";
  return `${endpoint(source, record.sourcePort)} → ${
    endpoint(destination, record.destinationPort)
  }`;
}
