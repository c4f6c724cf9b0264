/** SQL of single conditions. */

import { isEncapsulation } from "../../../packet/encapsulation.ts";
import { INET_HOOKS } from "../../../packet/hook_name.ts";
import { isExtension } from "../../../packet/ipv6_extension.ts";
import { ANY_TEXT } from "../../../text/pattern.ts";
import { addressBytes } from "../../parse_address.ts";
import { NETWORKS } from "../protocols.ts";
import type { Condition, TextField } from "../syntax.ts";
import {
  DESTINATION,
  ipSql,
  networkSql,
  NO_HINT,
  SOURCE,
  type Sql,
  sqlComparison,
} from "./columns.ts";
import type { SqlDialect } from "./dialect.ts";
import { relationSql } from "./relation.ts";
import { ends, markSql, networkTest, protocolTest, rangeTest, textTest } from "./tests.ts";

type Of<Kind extends Condition["kind"]> = Extract<Condition, { kind: Kind }>;

const TEXT_COLUMNS: Readonly<Partial<Record<TextField, string>>> = {
  prefix: "prefix",
  capture: "capture",
  sender: "host",
  in: "in_dev",
  out: "out_dev",
};

/** Returns the SQL of a condition about packets. */
export function conditionOf(condition: Condition, dialect: SqlDialect): Sql {
  switch (condition.kind) {
    case "network":
      return { sql: networkSql(condition.network, dialect) };
    case "etherType":
      return etherTypeSql(condition.type, dialect);
    case "protocol":
    case "protochain":
      return protocolSql(condition, dialect);
    case "address":
      return addressSql(condition, dialect);
    case "port":
      return portSql(condition);
    case "mac":
      return { sql: macSql(condition, dialect) };
    case "cast":
      return { sql: castSql(condition, dialect) };
    case "relation":
      return relationSql(condition, dialect);
    case "bound":
      return { sql: `${condition.bound === "inbound" ? "in" : "out"}_dev IS NOT NULL` };
    case "text":
      return textSql(condition, dialect);
    case "choice":
      return choiceSql(condition);
    case "mark":
      return { sql: markSql(condition, dialect) };
    case "number":
      return numberSql(condition);
    case "tag":
    case "llc":
    case "iso":
    case "record":
    case "nat":
    case "label":
      return NO_HINT;
  }
}

function etherTypeSql(type: number, dialect: SqlDialect): Sql {
  const network = NETWORKS.get(type);
  if (network !== undefined) return { sql: networkSql(network, dialect) };
  if (type <= 1500 || isEncapsulation(type)) return NO_HINT;
  return { sql: `ethertype = ${type}` };
}

function protocolSql(
  { network, protocol }: Of<"protocol" | "protochain">,
  dialect: SqlDialect,
): Sql {
  if (isExtension(protocol)) return { hint: ": it has the protocol behind such headers" };
  const isProtocol = `protocol = ${protocol}`;
  return {
    sql: network === undefined ? isProtocol : `(${isProtocol} AND ${ipSql(network, dialect)})`,
  };
}

function addressSql(
  { network, direction, words, mask, side }: Of<"address">,
  dialect: SqlDialect,
): Sql {
  if (side !== undefined) return NO_HINT;
  const isIn = networkTest(words, mask, dialect);
  if (typeof isIn !== "function") return isIn;
  const sql = ends(direction, isIn(SOURCE), isIn(DESTINATION));
  if (network === undefined || network === "ip6") return { sql };
  return { sql: `(${networkSql(network, dialect)} AND ${sql})` };
}

function portSql({ protocols, direction, first, last, side }: Of<"port">): Sql {
  if (side !== undefined) return NO_HINT;
  const isIn = rangeTest(first, last);
  const ports = ends(direction, isIn("source_port"), isIn("destination_port"));
  return { sql: `(${protocolTest(protocols)} AND ${ports})` };
}

function macSql({ direction, bytes }: Of<"mac">, dialect: SqlDialect): string {
  const mac = dialect.mac(Uint8Array.from(bytes));
  return ends(direction, `hardware_source = ${mac}`, `hardware_destination = ${mac}`);
}

function castSql({ layer, cast }: Of<"cast">, dialect: SqlDialect): string {
  if (layer === "ether") {
    return cast === "multicast"
      ? dialect.isGroupAddress("hardware_destination")
      : `hardware_destination = ${dialect.mac(new Uint8Array(6).fill(0xff))}`;
  }
  const six = layer === "ip6";
  const address = (...words: number[]) => dialect.address(addressBytes(words));
  const isOf = cast === "broadcast"
    ? `${DESTINATION} IN (${address(0)}, ${address(0xffff_ffff)})`
    : `${DESTINATION} BETWEEN ${six ? address(0xff00_0000, 0, 0, 0) : address(0xe000_0000)} AND ${
      six ? address(...Array(4).fill(0xffff_ffff)) : address(0xffff_ffff)
    }`;
  return `(${networkSql(layer, dialect)} AND ${
    dialect.isVersion(DESTINATION, six ? 6 : 4)
  } AND ${isOf})`;
}

function textSql({ field, pattern }: Of<"text">, dialect: SqlDialect): Sql {
  const column = TEXT_COLUMNS[field];
  if (column === undefined) return NO_HINT;
  const sql = textTest(column, pattern, dialect);
  // A rule without a prefix has an empty one.
  const isEmpty = field === "prefix" && pattern.every((part) => part === ANY_TEXT);
  return { sql: isEmpty ? `(prefix IS NULL OR ${sql})` : sql };
}

function choiceSql({ field, choice }: Of<"choice">): Sql {
  if (field === "family") return { hint: "; ip, ip6 and arp tell headers apart" };
  if (field === "action") return { hint: '; write "prefix" and the rule\'s prefix' };
  const hook = INET_HOOKS.indexOf(choice);
  return field === "hook" && hook >= 0 ? { sql: `hook = ${hook}` } : NO_HINT;
}

function numberSql({ field, comparison, value }: Of<"number">): Sql {
  if (field === "group") return { hint: '; write "capture" and the source\'s name, as in nflog:1' };
  if (field !== "uid" && field !== "gid") return NO_HINT;
  return { sql: `${field} ${sqlComparison(comparison)} ${value}` };
}
