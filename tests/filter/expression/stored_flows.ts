/**
 * Flows and the rows that databases have of them, for tests of expressions in SQL.
 *
 * @module
 */

import { expressionAbout } from "../../../src/filter/expression/expression.ts";
import { compileFlowPredicate } from "../../../src/filter/expression/predicate/flow.ts";
import { sqlCondition } from "../../../src/filter/expression/sql/compile.ts";
import type { SqlDialect } from "../../../src/filter/expression/sql/dialect.ts";
import { addressBytes, parseAddress } from "../../../src/filter/parse_address.ts";
import { STATUS_NAMES } from "../../../src/flow/names.ts";
import { Flow } from "../../../src/flow/flow.ts";
import type { RawFlow } from "../../../src/flow/raw_flow.ts";
import type { StructuredFlow } from "../../../src/flow/structured.ts";
import { be16, be32, type NetlinkAttribute } from "../../../src/netlink/attribute.ts";
import * as c from "../../../src/netlink/conntrack/constants.ts";
import { Random } from "../../fuzz/random.ts";
import { flowOf } from "../../flow/sample.ts";
import { event, nested, tuple } from "../../source/conntrack/sample.ts";
import type { Question, Stored } from "./stored_packets.ts";

/** Columns that expressions ask for, with PostgreSQL's types, in the order of a row. */
export const FLOW_COLUMNS = {
  seq: "bigint",
  capture: "text",
  event: "text",
  protocol: "smallint",
  state: "text",
  original_source: "inet",
  original_source_port: "integer",
  original_destination: "inet",
  original_destination_port: "integer",
  original_zone: "integer",
  original_packets: "bigint",
  original_bytes: "bigint",
  reply_source: "inet",
  reply_source_port: "integer",
  reply_destination: "inet",
  reply_destination_port: "integer",
  reply_zone: "integer",
  reply_packets: "bigint",
  reply_bytes: "bigint",
  nat_source: "inet",
  nat_source_port: "integer",
  nat_destination: "inet",
  nat_destination_port: "integer",
  duration: "double precision",
  status: "bigint",
  mark: "bigint",
  zone: "integer",
  labels: "jsonb",
  helper: "text",
} as const;
/** Row of a flow. */
export type FlowRow = Record<keyof typeof FLOW_COLUMNS, Stored>;

/** Expressions about flows. */
export const ABOUT_FLOWS: readonly string[] = String.raw`
ip
ip6
not ip6
family ip or family ip6
tcp
udp or icmp
ip proto 132
ip6 proto tcp
proto 17
host 192.0.2.1
src host 192.0.2.1
dst net 198.51.100.0/24
net 192.0.0.0/8 and not net 198.51.100.0/24
src and dst net 0.0.0.0/0
ip6 host 2001:db8::1
net 2001:db8::/32
original src host 192.0.2.1
reply src host 192.0.2.1
reply dst net 192.0.2.0/24
not reply dst net 192.0.2.0/24
port 53
tcp src port 40000
dst portrange 50-90
not port 53
src and dst port 53
reply src port 53 and not reply dst port 53
udp port 53 or tcp port 80
mark 0
mark 7
mark 0x10/0xf0
mark 0xffffffff
not mark 7
zone 0
zone 3
zone != 3
reply zone 7
reply zone 0 or original zone 4
event new
event destroy or interim
not event update
state established
state TIME_WAIT or closed
not state established
status assured
status unreplied
not status seenReply
status snat or dnat
nat
snat
dnat and not snat
not nat
packets 0
packets > 3
bytes >= 4294967296
bytes < 100 or bytes != 300
original packets 1
reply bytes > 0
not bytes > 0
duration >= 1
not duration < 5
label 0
label 3 or 127
not label 3
helper ftp
helper "*ftp"
not helper *
helper ?ip
capture edge
not capture e*
flow
packet
not packet
flow and tcp or packet
(tcp or udp) and snat and not (dst port 53 or bytes > 300)
`.split("\n").filter((line) => line !== "");

/** Stored flow. */
export interface StoredFlow {
  readonly raw: RawFlow;
  readonly row: FlowRow;
}

/** Returns random flows as the kernel tells of them, and their rows. */
export function storedFlows(seed: number, count: number): StoredFlow[] {
  const random = new Random(seed);
  return Array.from({ length: count }, (_, seq) => {
    const flow = randomFlow(random);
    const raw = Flow.rawOf(flow);
    raw.capture = random.pick(["edge", "conntrack", "Edge"]);
    return { raw, row: rowOf(flow.toJSON(), flow.protocol, seq) };
  });
}

const FOUR = ["c0000201", "c6336401", "0a000001"];
const SIX = ["20010db8000000000000000000000001", "20010db8000000000000000000000002"];
const PORTS = [53, 80, 40_000, 0, 65_535];

function randomFlow(random: Random): Flow {
  return flowOf(randomEvent(random));
}

/** Returns an event of a random flow, with random attributes. */
export function randomEvent(random: Random): Uint8Array<ArrayBuffer> {
  const addresses = random.below(3) === 0 ? SIX : FOUR;
  const protocol = random.pick([6, 17, 132, 1]);
  const [source, destination] = [random.pick(addresses), random.pick(addresses)];
  const [sourcePort, destinationPort] = [random.pick(PORTS), random.pick(PORTS)];
  const maybe = (...attributes: NetlinkAttribute[]) => random.below(2) === 0 ? attributes : [];
  const zone = () => maybe({ type: c.CTA_TUPLE_ZONE, value: be16(random.pick([4, 7, 65_535])) });
  const original = { source, destination, protocol, sourcePort, destinationPort };
  const reply = {
    protocol,
    source: random.below(3) === 0 ? random.pick(addresses) : destination,
    destination: random.below(3) === 0 ? random.pick(addresses) : source,
    sourcePort: random.below(3) === 0 ? random.pick(PORTS) : destinationPort,
    destinationPort: random.below(3) === 0 ? random.pick(PORTS) : sourcePort,
  };
  const state = protocol === 132 ? c.CTA_PROTOINFO_SCTP : c.CTA_PROTOINFO_TCP;
  const type = random.pick([c.IPCTNL_MSG_CT_NEW, c.IPCTNL_MSG_CT_DELETE]);
  const flags = random.pick([0, c.NLM_F_CREATE_EXCL]);
  return event([
    tuple(c.CTA_TUPLE_ORIG, original, ...zone()),
    tuple(c.CTA_TUPLE_REPLY, reply, ...zone()),
    ...maybe({ type: c.CTA_STATUS, value: be32(random.below(0x4000)) }),
    ...maybe({ type: c.CTA_MARK, value: be32(random.pick([7, 0x17, 0xffff_fffe, 0xffff_ffff])) }),
    ...maybe({ type: c.CTA_ZONE, value: be16(random.pick([3, 3, 65_535])) }),
    ...maybe(counters(c.CTA_COUNTERS_ORIG, random)),
    ...maybe(counters(c.CTA_COUNTERS_REPLY, random)),
    ...protocol === 6 || protocol === 132
      ? [nested(
        c.CTA_PROTOINFO,
        nested(state, { type: c.CTA_PROTOINFO_STATE, value: Uint8Array.of(random.below(9)) }),
      )]
      : [],
    ...maybe(nested(c.CTA_HELP, {
      type: c.CTA_HELP_NAME,
      value: new TextEncoder().encode(random.pick(["ftp\0", "tftp\0", "sip\0"])),
    })),
    ...maybe({ type: c.CTA_LABELS, value: be32(random.pick([0, 0x0100_0000, 0x0800_0000])) }),
    ...maybe(nested(
      c.CTA_TIMESTAMP,
      { type: c.CTA_TIMESTAMP_START, value: be64(1e18) },
      { type: c.CTA_TIMESTAMP_STOP, value: be64(1e18 + random.below(8) * 1e9) },
    )),
  ], { type, flags });
}

function counters(type: number, random: Random): NetlinkAttribute {
  return nested(
    type,
    { type: c.CTA_COUNTERS_PACKETS, value: be64(random.below(5)) },
    { type: c.CTA_COUNTERS_BYTES, value: be64(random.pick([0, 50, 300, 2 ** 33])) },
  );
}

function be64(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value));
  return bytes;
}

/** Returns the row of a flow, from its structured form. */
function rowOf(flow: StructuredFlow, protocol: number, seq: number): FlowRow {
  const { original, reply, nat, status, labels } = flow;
  const bits = status?.reduce((sum, name) => sum + 2 ** STATUS_NAMES.indexOf(name), 0);
  return {
    seq,
    capture: flow.capture ?? null,
    event: flow.event,
    protocol,
    state: flow.state ?? null,
    original_source: addressOf(original.source),
    original_source_port: original.sourcePort ?? null,
    original_destination: addressOf(original.destination),
    original_destination_port: original.destinationPort ?? null,
    original_zone: original.zone ?? null,
    original_packets: original.packets ?? null,
    original_bytes: original.bytes ?? null,
    reply_source: addressOf(reply?.source),
    reply_source_port: reply?.sourcePort ?? null,
    reply_destination: addressOf(reply?.destination),
    reply_destination_port: reply?.destinationPort ?? null,
    reply_zone: reply?.zone ?? null,
    reply_packets: reply?.packets ?? null,
    reply_bytes: reply?.bytes ?? null,
    nat_source: addressOf(nat?.source),
    nat_source_port: nat?.sourcePort ?? null,
    nat_destination: addressOf(nat?.destination),
    nat_destination_port: nat?.destinationPort ?? null,
    duration: flow.duration ?? null,
    status: bits ?? null,
    mark: flow.mark ?? null,
    zone: flow.zone ?? null,
    labels: labels === undefined ? null : JSON.stringify(labels),
    helper: flow.helper ?? null,
  };
}

function addressOf(text: string | undefined): Uint8Array | null {
  return text === undefined ? null : addressBytes(parseAddress(text)!);
}

/** Returns all expressions, their SQL, and the flows that their predicates choose. */
export function flowQuestions(dialect: SqlDialect, flows: readonly StoredFlow[]): Question[] {
  return ABOUT_FLOWS.map((text) => {
    const expression = expressionAbout(text, ["flow", "packet"]);
    const chooses = compileFlowPredicate(expression);
    return {
      text,
      sql: sqlCondition(text, expression, dialect, "flow"),
      chosen: flows.filter(({ raw }) => chooses(raw)).map(({ row }) => Number(row.seq)),
    };
  });
}
