/**
 * Syntax tree of an expression. Plain data, which JSON can hold: the privileged process parses an
 * expression, a sandbox compiles the tree.
 */

import type { Pattern } from "../../text/pattern.ts";

/** Place of a word in the expression's text, in UTF-16 units. */
export interface Span {
  /** Offset of its first character. */
  readonly start: number;
  /** Offset after its last one. */
  readonly end: number;
}

/** Protocols of a network header: `ip` is IPv4. */
export type NetworkName = "ip" | "ip6" | "arp" | "rarp";
/** Ends of a packet that a primitive is about. */
export type Direction = "source" | "destination" | "either" | "both";
/** Kinds of record that an expression can be about. */
export type RecordName = "packet" | "flow";
/** Direction of a flow: from its opener, or back. */
export type Side = "original" | "reply";
/** Comparisons, of unsigned 32-bit numbers. */
export type Comparison = "=" | "!=" | "<" | "<=" | ">" | ">=";
/** Operators of arithmetic, on unsigned 32-bit numbers. */
export type Operator = "+" | "-" | "*" | "/" | "%" | "&" | "|" | "^" | "<<" | ">>";
/** Texts of a record, which patterns are compared with. */
export type TextField =
  | "prefix"
  | "capture"
  | "sender"
  | "in"
  | "out"
  | "physin"
  | "physout"
  | "helper";
/** Numbers of a record. */
export type NumberField =
  | "uid"
  | "gid"
  | "group"
  | "ifindex"
  | "packets"
  | "bytes"
  | "duration"
  | "zone";
/** Values of a record with a few names. */
export type ChoiceField = "hook" | "family" | "action" | "event" | "state" | "status";
/** Translations of a flow: of any end, of the sender's, of the receiver's. */
export type NatName = "nat" | "snat" | "dnat";
/** Headers between the link header and IP. */
export type TagName = "vlan" | "mpls" | "pppoes";

/** Headers whose bytes an expression can read. */
export type Layer = "ether" | NetworkName | "icmp6" | Ipv4Layer | "network";
/** Headers that are read above IPv4 only, as tcpdump does. */
export type Ipv4Layer = "tcp" | "udp" | "sctp" | "icmp" | "igmp" | "igrp" | "pim" | "vrrp" | "carp";

/** Arithmetic. */
export type Arithmetic =
  | { readonly kind: "constant"; readonly value: number }
  | { readonly kind: "length" }
  | {
    readonly kind: "load";
    readonly layer: Layer;
    /** EtherType or LLC address that the packet must have, where the layer is `network`. */
    readonly etherType?: number;
    readonly index: Arithmetic;
    readonly size: 1 | 2 | 4;
  }
  | {
    readonly kind: "binary";
    readonly operator: Operator;
    readonly left: Arithmetic;
    readonly right: Arithmetic;
  }
  | { readonly kind: "negate"; readonly operand: Arithmetic };

/** Condition of one word with its qualifiers, without its place. */
export type Condition =
  | { readonly kind: "network"; readonly network: NetworkName }
  /** EtherType; up to 1500 an LLC address (IEEE 802.2). */
  | { readonly kind: "etherType"; readonly type: number }
  | { readonly kind: "protocol"; readonly network?: "ip" | "ip6"; readonly protocol: number }
  | { readonly kind: "protochain"; readonly network?: "ip" | "ip6"; readonly protocol: number }
  | {
    readonly kind: "address";
    readonly network?: NetworkName;
    readonly direction: Direction;
    /** The network's address: one 32-bit word for IPv4, four for IPv6. */
    readonly words: readonly number[];
    /** Mask of each word. */
    readonly mask: readonly number[];
    readonly side?: Side;
  }
  | {
    readonly kind: "port";
    /** IANA protocol numbers of which the packet must have one. */
    readonly protocols: readonly number[];
    readonly direction: Direction;
    readonly first: number;
    readonly last: number;
    readonly side?: Side;
  }
  | { readonly kind: "mac"; readonly direction: Direction; readonly bytes: readonly number[] }
  | {
    readonly kind: "cast";
    readonly layer: "ether" | "ip" | "ip6";
    readonly cast: "broadcast" | "multicast";
  }
  | {
    readonly kind: "relation";
    readonly comparison: Comparison;
    readonly left: Arithmetic;
    readonly right: Arithmetic;
  }
  | { readonly kind: "tag"; readonly tag: TagName; readonly id?: number }
  | { readonly kind: "llc"; readonly mask: number; readonly control: number }
  | { readonly kind: "iso"; readonly protocol?: number; readonly types?: readonly number[] }
  | { readonly kind: "bound"; readonly bound: "inbound" | "outbound" }
  | { readonly kind: "text"; readonly field: TextField; readonly pattern: Pattern }
  | { readonly kind: "choice"; readonly field: ChoiceField; readonly choice: string }
  | { readonly kind: "record"; readonly record: RecordName }
  | { readonly kind: "nat"; readonly nat: NatName }
  | { readonly kind: "label"; readonly label: number }
  | { readonly kind: "mark"; readonly value: number; readonly mask: number }
  | {
    readonly kind: "number";
    readonly field: NumberField;
    readonly comparison: Comparison;
    readonly value: number;
    readonly side?: Side;
  };

/** Condition with its place in the text, for messages. */
export type Primitive = Condition & { readonly span: Span };

/** Expression: primitives, and their combinations. Operands are asked in order. */
export type Expression =
  | { readonly kind: "and" | "or"; readonly operands: readonly Expression[] }
  | { readonly kind: "not"; readonly operand: Expression }
  | Primitive;

/** Lists the primitives of an expression in their order. */
export function* primitivesOf(expression: Expression): Generator<Primitive> {
  switch (expression.kind) {
    case "and":
    case "or":
      for (const operand of expression.operands) yield* primitivesOf(operand);
      break;
    case "not":
      yield* primitivesOf(expression.operand);
      break;
    default:
      yield expression;
  }
}
