/**
 * Packets and the rows that databases have of them, for tests of expressions in SQL.
 *
 * @module
 */

import { packetExpression } from "../../../src/filter/expression/expression.ts";
import { compilePredicate } from "../../../src/filter/expression/predicate/compile.ts";
import { ExpressionError } from "../../../src/filter/expression/error.ts";
import { sqlCondition } from "../../../src/filter/expression/sql/compile.ts";
import type { SqlDialect } from "../../../src/filter/expression/sql/dialect.ts";
import { addressBytes, parseAddress } from "../../../src/filter/parse_address.ts";
import { InterfaceTable } from "../../../src/packet/interface.ts";
import { Packet } from "../../../src/packet/packet.ts";
import type { RawPacket } from "../../../src/packet/raw_packet.ts";
import { Random } from "../../fuzz/random.ts";
import { ETHERNET, LINK, NETWORK } from "./expressions.ts";
import { RandomExpressions } from "./random_expressions.ts";

/** Value of a column. */
export type Stored = number | string | Uint8Array | null;
/** Columns that expressions ask for, with PostgreSQL's types, in the order of a row. */
export const STORED_COLUMNS = {
  seq: "bigint",
  capture: "text",
  prefix: "text",
  hook: "smallint",
  mark: "bigint",
  in_dev: "text",
  out_dev: "text",
  hardware_source: "macaddr",
  hardware_destination: "macaddr",
  ethertype: "integer",
  source_address: "inet",
  destination_address: "inet",
  protocol: "smallint",
  source_port: "integer",
  destination_port: "integer",
  tcp_flags: "smallint",
  icmp_type: "smallint",
  icmp_code: "smallint",
  length: "integer",
  ttl: "smallint",
  tos: "smallint",
  uid: "bigint",
  gid: "bigint",
} as const;
/** Row of a packet. */
export type StoredRow = Record<keyof typeof STORED_COLUMNS, Stored>;

/** Expressions about what the firewall says. */
const FIREWALL: readonly string[] = String.raw`
prefix drop
prefix "drop: "
prefix dr*
prefix *o*
prefix d?op
prefix ""
prefix *
prefix "100%"
prefix "a_b"
prefix "a_?"
prefix "it's*"
prefix "[x]*"
prefix "a|b"
prefix "back\\slash"
prefix DROP
prefix é
prefix ?
not prefix drop
not prefix d*
prefix drop or é or "a|b"
prefix (dr* or *s) and not prefix drop
in eth0
in eth*
in *
not in eth0
in eth0 and out wan1
out wan?
not out *
inbound
outbound
not inbound and not outbound
hook input
hook output or forward
not hook input
mark 0
mark 1
mark 1/0xff
mark 0/0xff
mark 0xffffffff
mark 0x80000000/0x80000000
not mark 0
uid 0
uid 1000 or 0
uid >= 1000
uid != 0
not uid 0
gid 4294967295
gid < 5
capture edge
capture e*
not capture edge
capture nflog:1
prefix dr* and tcp and not host 10.0.0.1
(in eth0 or out wan1) and (uid 0 or mark 1/1)
not (prefix drop and in eth0) or hook input and udp
`.split("\n").filter((line) => line !== "");

const PREFIXES = [
  "drop",
  "drop: ",
  "",
  undefined,
  "100%",
  "a_b",
  "axb",
  "it's ",
  "[x]",
  "a|b",
  "back\\slash",
  "DROP",
  "é",
  "dräop",
];
const INTERFACES = new InterfaceTable().with([[1, "eth0"], [2, "wan1"], [3, "eth10"]]);
const MARKS = [-1, 1, 0x101, 0x8000_0001, 0xffff_ffff];

/** Size of ARP for Ethernet and IPv4, in bytes: libpcap reads no other. */
const ETHERNET_ARP = 28;

/** Stored packet. */
export interface StoredPacket {
  readonly raw: RawPacket;
  readonly row: StoredRow;
}

/**
 * Returns packets with what a rule says about them, and their rows. Packets that are cut within
 * their headers or contradict themselves are left out: rows know less of them.
 *
 * @param packets Packets as a decoder filled them in.
 */
export function storedPackets(packets: readonly RawPacket[]): StoredPacket[] {
  const random = new Random(99);
  const stored: StoredPacket[] = [];
  for (const packet of packets) {
    const raw = withRule(packet.copy(), random);
    const { defect, ipv4, ah, arp } = new Packet(raw);
    if (defect !== undefined || (ipv4 !== undefined && ah !== undefined)) continue;
    if (arp !== undefined && raw.payloadLength < ETHERNET_ARP) continue;
    stored.push({ raw, row: rowOf(raw, stored.length) });
  }
  return stored;
}

/** Returns a packet with random values of a rule. */
function withRule(raw: RawPacket, random: Random): RawPacket {
  const prefix = random.pick(PREFIXES);
  const text = new TextEncoder().encode(prefix ?? "");
  const bytes = new Uint8Array(raw.bytes.length + text.length);
  bytes.set(raw.bytes);
  bytes.set(text, raw.bytes.length);
  return Object.assign(raw, {
    prefixOffset: raw.bytes.length,
    prefixLength: prefix === undefined ? -1 : text.length,
    bytes,
    // As the kernel logs it: its length is the packet's own.
    frameLength: -1,
    interfaces: INTERFACES,
    inDev: random.pick([-1, 1, 3, 9]),
    outDev: random.pick([-1, 2]),
    hook: raw.family === 2 || raw.family === 10 ? random.pick([-1, 0, 1, 2, 3, 4]) : -1,
    mark: random.pick(MARKS),
    uid: random.pick([-1, 0, 1000, 0xffff_ffff]),
    gid: random.pick([-1, 0, 4, 0xffff_ffff]),
    capture: random.pick(["edge", "nflog:1", "Edge"]),
  });
}

/** Returns the row of a packet, from what the library says of it. */
function rowOf(raw: RawPacket, seq: number): StoredRow {
  const packet = new Packet(raw);
  const { ip, arp, tcp, icmp, icmpv6, ethernet } = packet;
  return {
    seq,
    capture: raw.capture,
    prefix: packet.prefix ?? null,
    hook: packet.hook ?? null,
    mark: packet.mark ?? null,
    in_dev: packet.inDev?.toString() ?? null,
    out_dev: packet.outDev?.toString() ?? null,
    hardware_source: macOf(packet.hardwareAddress ?? ethernet?.source),
    hardware_destination: macOf(ethernet?.destination),
    ethertype: packet.hwProtocol ?? null,
    source_address: addressOf(ip?.source ?? arp?.senderAddress),
    destination_address: addressOf(ip?.destination ?? arp?.targetAddress),
    protocol: packet.protocol ?? null,
    source_port: packet.sourcePort ?? null,
    destination_port: packet.destinationPort ?? null,
    tcp_flags: tcp?.flags ?? null,
    icmp_type: (icmp ?? icmpv6)?.type ?? null,
    icmp_code: (icmp ?? icmpv6)?.code ?? null,
    length: packet.originalLength ?? null,
    ttl: ip?.hopLimit ?? null,
    tos: ip?.trafficClass ?? null,
    uid: packet.uid ?? null,
    gid: packet.gid ?? null,
  };
}

function macOf(text: string | undefined): Uint8Array | null {
  return text === undefined ? null : Uint8Array.fromHex(text.replaceAll(":", ""));
}

function addressOf(text: string | undefined): Uint8Array | null {
  const words = text === undefined ? undefined : parseAddress(text);
  return words === undefined ? null : addressBytes(words);
}

/** Expression, its SQL, and the rows that its predicate chooses. */
export interface Question {
  readonly text: string;
  readonly sql: string;
  readonly chosen: readonly number[];
}

/** Returns all expressions that tables have columns for. */
export function questions(
  dialect: SqlDialect,
  packets: readonly StoredPacket[],
  seed: number,
): Question[] {
  const random = new RandomExpressions(new Random(seed));
  const more = Array.from({ length: 300 }, () => random.next());
  return [...FIREWALL, ...NETWORK, ...LINK, ...ETHERNET, ...more].flatMap((text) => {
    const sql = sqlOf(text, dialect);
    if (sql === undefined) return [];
    const chooses = compilePredicate(packetExpression(text));
    const chosen = packets.filter(({ raw }) => chooses(raw)).map(({ row }) => Number(row.seq));
    return [{ text, sql, chosen }];
  });
}

/** Returns the SQL of an expression; undefined if the table has no column for it. */
function sqlOf(text: string, dialect: SqlDialect): string | undefined {
  try {
    return sqlCondition(text, packetExpression(text), dialect);
  } catch (error) {
    if (error instanceof ExpressionError && /no column/.test(error.message)) return undefined;
    throw error;
  }
}

/** Returns an `INSERT` of rows, and the questions as one script: a line with row numbers each. */
export function script<Name extends string>(
  table: string,
  rows: readonly Readonly<Record<Name, Stored>>[],
  asked: readonly Question[],
  { literal, numbers }: {
    /** Writes a value of a column. */
    literal(value: Stored, column: Name): string;
    /** Returns an expression of all row numbers in order, separated by commas. */
    numbers: string;
  },
): { insert: string; select: string } {
  const names = Object.keys(rows[0]!) as Name[];
  const values = rows.map((row) => `(${names.map((name) => literal(row[name], name)).join(",")})`);
  return {
    insert: `INSERT INTO ${table} (${names.join(", ")}) VALUES\n${values.join(",\n")};\n`,
    select: asked.map(({ sql }) => `SELECT CONCAT('=', ${numbers}) FROM ${table} WHERE ${sql};`)
      .join("\n"),
  };
}

/** Compares the lines of a script with the records that the predicates chose. */
export function compareRows(lines: readonly string[], asked: readonly Question[]): string[] {
  return asked.flatMap(({ text, sql, chosen }, n) => {
    const found = (lines[n] ?? "").replace(/^=/, "");
    return found === chosen.join(",")
      ? []
      : [`${text}: ${found.split(",").length} rows, ${chosen.length} records\n  ${sql}`];
  });
}
