/** Conditions in words. */

import { ipv4Text, ipv6Text } from "../../../packet/address.ts";
import { protocolName } from "../../../packet/protocols.ts";
import { ANY_TEXT, type Pattern } from "../../../text/pattern.ts";
import { escaped } from "../../../text/escape.ts";
import { addressBytes, prefixLength } from "../../parse_address.ts";
import { exactText } from "../pattern.ts";
import type { Comparison, Condition, Direction, NetworkName, Side } from "../syntax.ts";
import { arithmeticText } from "./arithmetic.ts";

type Of<Kind extends Condition["kind"]> = Extract<Condition, { kind: Kind }>;

const NETWORKS: Readonly<Record<NetworkName, string>> = {
  ip: "IPv4",
  ip6: "IPv6",
  arp: "ARP",
  rarp: "RARP",
};
const TAGS = { vlan: "a VLAN tag", mpls: "an MPLS label", pppoes: "a PPPoE session" } as const;
const TEXTS = {
  prefix: "prefix",
  capture: "source of nfscribe",
  sender: "host that logged it",
  in: "interface it came in by",
  out: "interface it leaves by",
  physin: "bridge port it came in by",
  physout: "bridge port it leaves by",
  helper: "helper",
} as const;
const NUMBERS = {
  uid: "user id",
  gid: "group id",
  group: "NFLOG group",
  ifindex: "number of an interface it came in or leaves by",
  packets: "number of packets",
  bytes: "number of bytes",
  duration: "duration in seconds",
  zone: "zone",
} as const;
const NATS = {
  nat: "the source or destination",
  snat: "the source",
  dnat: "the destination",
} as const;
const COMPARISONS: Readonly<Record<Comparison, readonly [is: string, isNot: string]>> = {
  "=": ["is", "is not"],
  "!=": ["is not", "is"],
  "<": ["is less than", "is not less than"],
  "<=": ["is at most", "is not at most"],
  ">": ["is greater than", "is not greater than"],
  ">=": ["is at least", "is not at least"],
};

/** Returns a condition, or its contrary, in words. */
export function phraseOf(condition: Condition, isNegated: boolean): string {
  const is = isNegated ? "is not" : "is";
  const has = (what: string) => `it has ${isNegated ? what.replace(/^an?\b/, "no") : what}`;
  switch (condition.kind) {
    case "network":
      return `it ${is} ${NETWORKS[condition.network]}`;
    case "etherType":
      return condition.type > 1500
        ? `the EtherType ${is} ${hex(condition.type)}`
        : `the LLC address ${is} ${hex(condition.type)}`;
    case "protocol":
    case "protochain":
      return protocolPhrase(condition, isNegated);
    case "address":
      return addressPhrase(condition, isNegated);
    case "port":
      return portPhrase(condition, isNegated);
    case "mac":
      return ended(condition.direction, "link", "address", isNegated) +
        Uint8Array.from(condition.bytes).toHex().replaceAll(/..(?!$)/g, "$&:");
    case "cast": {
      const layer = condition.layer === "ether" ? "the link" : NETWORKS[condition.layer];
      return `it ${is} a ${condition.cast} of ${layer}`;
    }
    case "relation": {
      const { left, comparison, right } = condition;
      const text = `${arithmeticText(left)} ${comparison} ${arithmeticText(right)}`;
      return isNegated ? `not ${text}` : text;
    }
    case "tag": {
      const { tag, id } = condition;
      return has(TAGS[tag]) + (id === undefined ? "" : ` with the number ${id}`);
    }
    case "llc":
      return condition.mask === 0
        ? has("an LLC header")
        : `the control field of LLC & ${hex(condition.mask)} ${is} ${hex(condition.control)}`;
    case "iso":
      return `it ${is} of an ISO protocol${isoText(condition)}`;
    case "bound":
      return condition.bound === "inbound"
        ? `the interface it came in by ${is} known`
        : `the interface it leaves by ${is} known`;
    case "text":
      return textPhrase(condition, isNegated);
    case "choice":
      return `the ${condition.field} ${is} ${condition.choice}`;
    case "record":
      return `it ${is} a ${condition.record}`;
    case "nat":
      return `${NATS[condition.nat]} ${is} translated`;
    case "label":
      return `label ${condition.label} ${is} set`;
    case "mark": {
      const { value, mask } = condition;
      return mask === 0xffff_ffff
        ? `the mark ${is} ${hex(value)}`
        : `the mark & ${hex(mask)} ${is} ${hex(value)}`;
    }
    case "number": {
      const { field, comparison, value, side } = condition;
      return `the ${sideText(side)}${NUMBERS[field]} ${
        COMPARISONS[comparison][isNegated ? 1 : 0]
      } ${value}`;
    }
  }
}

function protocolPhrase(
  { kind, network, protocol }: Of<"protocol" | "protochain">,
  isNegated: boolean,
): string {
  const name = protocolName(protocol) ?? `protocol ${protocol}`;
  const above = network === undefined ? "" : ` above ${NETWORKS[network]}`;
  const behind = kind === "protochain" ? ", behind other headers, too" : "";
  return `it is ${isNegated ? "not " : ""}${name}${above}${behind}`;
}

function addressPhrase(
  { network, direction, words, mask, side }: Of<"address">,
  isNegated: boolean,
): string {
  const of = sideText(side) + (network === undefined ? "" : `${NETWORKS[network]} `);
  const address = addressText(words);
  const prefix = prefixLength(mask);
  if (prefix === 32 * words.length) return ended(direction, of, "address", isNegated) + address;
  return `${ended(direction, of, "address", isNegated)}in ${address}${
    prefix === undefined ? ` with the mask ${addressText(mask)}` : `/${prefix}`
  }`;
}

function portPhrase(
  { protocols, direction, first, last, side }: Of<"port">,
  isNegated: boolean,
): string {
  const names = protocols.map((protocol) => protocolName(protocol) ?? `protocol ${protocol}`);
  return ended(direction, sideText(side) + names.join("/"), "port", isNegated) +
    (first === last ? `${first}` : `from ${first} to ${last}`);
}

function textPhrase({ field, pattern }: Of<"text">, isNegated: boolean): string {
  const exact = exactText(pattern);
  const [does, doesNot] = exact === undefined ? ["matches", "does not match"] : ["is", "is not"];
  return `the ${TEXTS[field]} ${isNegated ? doesNot : does} ${
    JSON.stringify(exact ?? patternText(pattern)).replace(/[\s\S]*/, escaped)
  }`;
}

/** Returns the beginning of a phrase about one or both ends, as in `the TCP source port is `. */
function ended(direction: Direction, of: string, what: string, isNegated: boolean): string {
  const kind = of === "" ? "" : `${of.trim()} `;
  switch (direction) {
    case "source":
    case "destination":
      return `the ${kind}${direction} ${what} ${isNegated ? "is not" : "is"} `;
    case "either":
      return isNegated
        ? `neither ${kind}source nor destination ${what} is `
        : `the ${kind}source or destination ${what} is `;
    case "both":
      return isNegated
        ? `not both ${kind}source and destination ${what} are `
        : `both ${kind}source and destination ${what} are `;
  }
}

function sideText(side: Side | undefined): string {
  return side === undefined ? "" : `${side} `;
}

function isoText({ protocol, types }: Of<"iso">): string {
  if (types !== undefined) return ` (IS-IS, type ${types.join(" or ")})`;
  return protocol === undefined ? "" : ` (${hex(protocol)})`;
}

function addressText(words: readonly number[]): string {
  const bytes = addressBytes(words);
  return words.length === 1 ? ipv4Text(bytes, 0) : ipv6Text(bytes, 0);
}

function patternText(pattern: Pattern): string {
  return pattern.map((part) =>
    typeof part === "string" ? part.replaceAll(/[\\*?]/g, "\\$&") : part === ANY_TEXT ? "*" : "?"
  ).join("");
}

function hex(value: number): string {
  return value < 10 ? `${value}` : `0x${value.toString(16)}`;
}
