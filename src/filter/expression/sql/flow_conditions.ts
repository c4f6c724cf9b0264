/** SQL of single conditions about flows. */

import { IPS_SEEN_REPLY, statusBit } from "../../../flow/names.ts";
import type { Condition, NatName } from "../syntax.ts";
import { UNREPLIED } from "../words.ts";
import { NO_HINT, type Sql, sqlComparison } from "./columns.ts";
import type { SqlDialect } from "./dialect.ts";
import { ends, markSql, networkTest, protocolTest, rangeTest, textTest } from "./tests.ts";

type Of<Kind extends Condition["kind"]> = Extract<Condition, { kind: Kind }>;

/** A column of translation is null where nothing was translated. */
const SNAT = "nat_source IS NOT NULL OR nat_source_port IS NOT NULL";
const DNAT = "nat_destination IS NOT NULL OR nat_destination_port IS NOT NULL";
const NATS: Readonly<Record<NatName, string>> = {
  nat: `(${SNAT} OR ${DNAT})`,
  snat: `(${SNAT})`,
  dnat: `(${DNAT})`,
};

/** Returns the SQL of a condition about flows. */
export function flowConditionOf(condition: Condition, dialect: SqlDialect): Sql {
  switch (condition.kind) {
    case "network":
      return { sql: versionSql(condition.network, dialect) };
    case "protocol": {
      const { network, protocol } = condition;
      const isProtocol = `protocol = ${protocol}`;
      if (network === undefined) return { sql: isProtocol };
      return { sql: `(${isProtocol} AND ${versionSql(network, dialect)})` };
    }
    case "address":
      return addressSql(condition, dialect);
    case "port":
      return portSql(condition);
    case "nat":
      return { sql: NATS[condition.nat] };
    case "mark":
      return { sql: markSql(condition, dialect) };
    case "label":
      return { sql: dialect.hasNumber("labels", condition.label) };
    case "text":
      return { sql: textTest(condition.field, condition.pattern, dialect) };
    case "choice":
      return choiceSql(condition, dialect);
    case "number":
      return numberSql(condition, dialect);
    default:
      return NO_HINT;
  }
}

function versionSql(network: string, dialect: SqlDialect): string {
  return dialect.isVersion("original_source", network === "ip6" ? 6 : 4);
}

function addressSql(
  { direction, words, mask, side = "original" }: Of<"address">,
  dialect: SqlDialect,
): Sql {
  const isIn = networkTest(words, mask, dialect);
  if (typeof isIn !== "function") return isIn;
  return { sql: ends(direction, isIn(`${side}_source`), isIn(`${side}_destination`)) };
}

function portSql({ protocols, direction, first, last, side = "original" }: Of<"port">): Sql {
  const isIn = rangeTest(first, last);
  const ports = ends(direction, isIn(`${side}_source_port`), isIn(`${side}_destination_port`));
  return { sql: `(${protocolTest(protocols)} AND ${ports})` };
}

function choiceSql({ field, choice }: Of<"choice">, dialect: SqlDialect): Sql {
  switch (field) {
    case "family":
      return { sql: versionSql(choice, dialect) };
    case "event":
      return { sql: dialect.isText("event", choice) };
    case "state":
      return { sql: dialect.isText("state", choice.toUpperCase()) };
    case "status":
      return choice === UNREPLIED
        ? { sql: `${dialect.bits("&", "status", IPS_SEEN_REPLY)} = 0` }
        : { sql: `${dialect.bits("&", "status", statusBit(choice))} <> 0` };
    default:
      return NO_HINT;
  }
}

function numberSql({ field, comparison, value, side }: Of<"number">, dialect: SqlDialect): Sql {
  const compared = (number: string) => ({ sql: `${number} ${sqlComparison(comparison)} ${value}` });
  switch (field) {
    case "packets":
    case "bytes": {
      if (side !== undefined) return compared(`${side}_${field}`);
      const [original, reply] = ["original", "reply"].map((side) =>
        dialect.integer(`${side}_${field}`)
      );
      return compared(`COALESCE(${original} + ${reply}, ${original}, ${reply})`);
    }
    case "zone":
      return compared(`COALESCE(${side ?? "original"}_zone, zone, 0)`);
    case "duration":
      return compared("duration");
    default:
      return NO_HINT;
  }
}
