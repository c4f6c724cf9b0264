/** SQL of comparisons: the bytes of headers that the table has columns for. */

import { IPPROTO_ICMPV6 } from "../../../packet/protocols.ts";
import { IPV4_LAYERS } from "../protocols.ts";
import type { Arithmetic, Condition, Ipv4Layer } from "../syntax.ts";
import { ipSql, type Sql, sqlComparison } from "./columns.ts";
import type { SqlDialect } from "./dialect.ts";

/** Numbers are of 32 bits, without a sign. */
const ALL_BITS = 0xffff_ffff;
const TWO_32 = 0x1_0000_0000;
const NO_BYTES = {
  hint:
    "; it has len, tcp[tcpflags], ports, icmp[icmptype], icmp[icmpcode], ip[1], ip[8] and ip6[7]",
};
const NO_ARITHMETIC = { hint: ": it is compared by + - & | and by * / % << >> with a number" };
const NOT_ASKED_FOR = { hint: ", whose header is not asked for; write its bytes on the left" };

/** Columns of bytes of headers. */
const PORTS: Readonly<Record<string, string>> = { "0:2": "source_port", "2:2": "destination_port" };
const ICMP: Readonly<Record<string, string>> = { "0:1": "icmp_type", "1:1": "icmp_code" };
const COLUMNS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  tcp: { ...PORTS, "13:1": "tcp_flags" },
  udp: PORTS,
  sctp: PORTS,
  icmp: ICMP,
  icmp6: ICMP,
  ip: { "1:1": "tos", "8:1": "ttl", "9:1": "protocol" },
  ip6: { "7:1": "ttl" },
};

/** Arithmetic that SQL cannot do, and the reason. */
class Unknown extends Error {
  readonly hint: string;

  constructor({ hint }: { hint: string }) {
    super(hint);
    this.hint = hint;
  }
}

/** Returns the SQL of a comparison. */
export function relationSql(
  { comparison, left, right }: Extract<Condition, { kind: "relation" }>,
  dialect: SqlDialect,
): Sql {
  const checks = new Set<string>();
  try {
    const sides = [left, right].map((side) => numberSql(side, dialect, checks));
    const holds = sides.join(` ${sqlComparison(comparison)} `);
    return { sql: checks.size === 0 ? holds : `(${[...checks, holds].join(" AND ")})` };
  } catch (error) {
    if (error instanceof Unknown) return { hint: error.hint };
    throw error;
  }
}

/** Returns the SQL of a number; adds the headers that the packet must have. */
function numberSql(arithmetic: Arithmetic, dialect: SqlDialect, checks: Set<string>): string {
  switch (arithmetic.kind) {
    case "constant":
      return String(arithmetic.value);
    case "length":
      return dialect.integer("length");
    case "negate":
      return low(`(${TWO_32} - ${numberSql(arithmetic.operand, dialect, checks)})`, dialect);
    case "load":
      return dialect.integer(loadSql(arithmetic, dialect, checks));
    case "binary":
      return binarySql(arithmetic, dialect, checks);
  }
}

function binarySql(
  { operator, left, right }: Extract<Arithmetic, { kind: "binary" }>,
  dialect: SqlDialect,
  checks: Set<string>,
): string {
  const one = numberSql(left, dialect, checks);
  // As in libpcap the right side asks for no header; only one that is asked for has its column.
  const further = new Set<string>();
  const other = numberSql(right, dialect, further);
  if (!further.isSubsetOf(checks)) throw new Unknown(NOT_ASKED_FOR);
  const isNumber = right.kind === "constant";
  switch (operator) {
    case "+":
      return low(`(${one} + ${other})`, dialect);
    case "-":
      return low(`(${one} + ${TWO_32} - ${other})`, dialect);
    case "&":
    case "|":
      return dialect.bits(operator, one, other);
    case "<<":
    case ">>":
      if (isNumber) return low(dialect.bits(operator, one, other), dialect);
      break;
    case "*":
      // Products stay below 2^63.
      if (isNumber && right.value < 0x8000_0000) return low(`(${one} * ${other})`, dialect);
      break;
    case "/":
      if (isNumber) return `(${dialect.divide(one, other)})`;
      break;
    case "%":
      if (isNumber) return `(${one} % ${other})`;
      break;
    case "^":
      break;
  }
  throw new Unknown(NO_ARITHMETIC);
}

/** Returns the low 32 bits of a number. */
function low(number: string, dialect: SqlDialect): string {
  return dialect.bits("&", number, ALL_BITS);
}

/** Returns the column of a field. */
function loadSql(
  { layer, index, size }: Extract<Arithmetic, { kind: "load" }>,
  dialect: SqlDialect,
  checks: Set<string>,
): string {
  const place = index.kind === "constant" ? `${index.value}:${size}` : "";
  const column = COLUMNS[layer]?.[place];
  if (column === undefined) throw new Unknown(NO_BYTES);
  const network = layer === "ip6" || layer === "icmp6" ? "ip6" : "ip";
  if (layer !== "ip" && layer !== "ip6") {
    const protocol = layer === "icmp6" ? IPPROTO_ICMPV6 : IPV4_LAYERS[layer as Ipv4Layer];
    checks.add(`protocol = ${protocol}`);
  }
  checks.add(ipSql(network, dialect));
  return column;
}
