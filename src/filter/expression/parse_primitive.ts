/** Parses primitives that begin with a word: a condition, or qualifiers before a name or number. */

import { quoted, suggestion } from "./error.ts";
import { takeComparison } from "./parse_arithmetic.ts";
import {
  ETHER_TYPES,
  FURTHER_ETHER_TYPES,
  IP_PROTOCOLS,
  ISIS_TYPES,
  isNetwork,
  ISO_PROTOCOLS,
  LLC_ADDRESSES,
  LLC_TYPES,
} from "./protocols.ts";
import type { IdKind, PacketQualifiers, Qualifiers } from "./qualifiers.ts";
import type { Arithmetic, Comparison, Condition, Direction, Side } from "./syntax.ts";
import type { Tokens } from "./tokens.ts";
import {
  CHOICES,
  LINK_WORDS,
  NAT_WORDS,
  NUMBER_WORDS,
  PROTOCOL_WORDS,
  RECORD_WORDS,
  REFUSED_WORDS,
  TEXT_WORDS,
} from "./words.ts";

/** Primitive: a condition, or qualifiers that a name or number follows. */
export interface Parsed {
  /** The condition; absent if a name or number must follow. */
  readonly condition?: Condition;
  /** Qualifiers, also for the next names and numbers. */
  readonly qualifiers?: Qualifiers;
}

/** Highest identifiers of tags: VLAN (IEEE 802.1Q), MPLS label (RFC 3032), PPPoE session. */
const TAG_MAX = { vlan: 0xfff, mpls: 0xf_ffff, pppoes: 0xffff } as const;
const ID_KINDS: readonly IdKind[] = ["host", "net", "port", "portrange", "proto", "protochain"];
const CONSTANT = (value: number): Arithmetic => ({ kind: "constant", value });

/** Parses a primitive whose first word is the current token, a keyword. */
export function parsePrimitive(tokens: Tokens): Parsed {
  const { token } = tokens;
  const { text } = token;
  const refused = REFUSED_WORDS.get(text);
  if (refused !== undefined) throw tokens.error(token, `${quoted(text)} ${refused}`);
  if (Object.hasOwn(TEXT_WORDS, text)) {
    tokens.take();
    return { qualifiers: { of: "text", field: TEXT_WORDS[text]! } };
  }
  if (Object.hasOwn(CHOICES, text)) {
    tokens.take();
    return { qualifiers: { of: "choice", field: text as keyof typeof CHOICES } };
  }
  const nat = NAT_WORDS.find((word) => word === text);
  if (nat !== undefined) {
    tokens.take();
    return { condition: { kind: "nat", nat } };
  }
  const record = RECORD_WORDS.find((word) => word === text);
  if (record !== undefined) {
    tokens.take();
    return { condition: { kind: "record", record } };
  }
  if (Object.hasOwn(NUMBER_WORDS, text)) return parseNumber(tokens, {});
  switch (text) {
    case "mark":
      tokens.take();
      return { qualifiers: { of: "mark" } };
    case "label":
      tokens.take();
      return { qualifiers: { of: "label" } };
    case "original":
    case "reply":
      return parseSide(tokens, text);
    case "less":
    case "greater":
      return parseLength(tokens, text === "less" ? "<=" : ">=");
    case "byte":
      return parseByte(tokens);
    case "inbound":
    case "outbound":
      tokens.take();
      return { condition: { kind: "bound", bound: text } };
    case "vlan":
    case "mpls":
    case "pppoes":
      return parseTag(tokens, text);
    case "pppoed":
      tokens.take();
      return { condition: { kind: "etherType", type: FURTHER_ETHER_TYPES.pppoed! } };
    case "llc":
      return parseLlc(tokens);
    default:
      return parseQualified(tokens, {});
  }
}

/** Parses qualifiers of pcap-filter(7), or a protocol that stands alone. */
function parseQualified(tokens: Tokens, before: { side?: Side }): Parsed {
  const first = tokens.token;
  const protocol = PROTOCOL_WORDS.has(first.text) ? tokens.take().text : undefined;
  const qualified = protocol === undefined ? before : { ...before, protocol };
  const direction = takeDirection(tokens);
  const { token } = tokens;
  const what = token.kind === "word" && ID_KINDS.includes(token.text as IdKind)
    ? token.text as IdKind
    : undefined;
  if (what !== undefined) {
    if (direction !== undefined && what.startsWith("proto")) {
      throw tokens.error(token, `"${what}" has no direction`);
    }
    tokens.take();
  }
  if (what !== undefined || direction !== undefined) {
    const qualifiers: PacketQualifiers = {
      of: "packet",
      ...qualified,
      direction: direction ?? "either",
      ...what === undefined ? {} : { what },
    };
    return { qualifiers };
  }
  if (tokens.isWord("broadcast", "multicast")) return { condition: takeCast(tokens, protocol) };
  if (protocol === undefined) throw tokens.unexpected("an address, a network or a port is needed");
  return { condition: protocolCondition(tokens, protocol) };
}

/** Consumes `src`, `dst`, `src or dst` or `src and dst`. */
function takeDirection(tokens: Tokens): Direction | undefined {
  if (!tokens.isWord("src", "dst")) return undefined;
  const { text } = tokens.take();
  const other = text === "src" ? "dst" : "src";
  for (const [join, sign, direction] of [["or", "||", "either"], ["and", "&&", "both"]] as const) {
    if (!tokens.isWord(join) && !tokens.isSymbol(sign)) continue;
    if (!tokens.isFollowedByWord(other)) break;
    tokens.take();
    tokens.take();
    return direction;
  }
  return text === "src" ? "source" : "destination";
}

function takeCast(tokens: Tokens, protocol: string | undefined): Condition {
  const token = tokens.take();
  const cast = token.text as "broadcast" | "multicast";
  if (protocol === undefined || LINK_WORDS.has(protocol)) {
    return { kind: "cast", layer: "ether", cast };
  }
  if (protocol === "ip") return { kind: "cast", layer: "ip", cast };
  if (protocol === "ip6" && cast === "multicast") return { kind: "cast", layer: "ip6", cast };
  throw tokens.error(token, `"${protocol} ${cast}" has no meaning; ether, ip and ip6 have`);
}

/** Returns the condition of a protocol's word alone. */
function protocolCondition(tokens: Tokens, word: string): Condition {
  if (isNetwork(word)) return { kind: "network", network: word };
  const etherType = ETHER_TYPES[word] ?? LLC_ADDRESSES[word];
  if (etherType !== undefined) return { kind: "etherType", type: etherType };
  if (Object.hasOwn(IP_PROTOCOLS, word)) return { kind: "protocol", ...IP_PROTOCOLS[word]! };
  if (Object.hasOwn(ISO_PROTOCOLS, word)) return { kind: "iso", protocol: ISO_PROTOCOLS[word]! };
  const types = ISIS_TYPES[word];
  if (types !== undefined) return { kind: "iso", protocol: ISO_PROTOCOLS.isis!, types };
  throw tokens.unexpected(`"${word}" needs host, src, dst, proto, broadcast or multicast`);
}

function parseNumber(tokens: Tokens, side: { side?: Side }): Parsed {
  const field = NUMBER_WORDS[tokens.take().text]!;
  const comparison = takeComparison(tokens) ?? "=";
  return { qualifiers: { of: "number", field, comparison, ...side } };
}

/** Parses `original` and `reply`, which say whose end or count of a flow is meant. */
function parseSide(tokens: Tokens, side: Side): Parsed {
  tokens.take();
  const { token } = tokens;
  if (tokens.isWord("packets", "bytes", "zone")) return parseNumber(tokens, { side });
  const isQualifier = token.kind === "word" &&
    (PROTOCOL_WORDS.has(token.text) || ID_KINDS.includes(token.text as IdKind) ||
      tokens.isWord("src", "dst"));
  const parsed = isQualifier ? parseQualified(tokens, { side }) : undefined;
  if (parsed?.condition !== undefined || parsed === undefined) {
    throw tokens.error(
      token,
      `"${side}" needs host, net, port, src, dst, packets, bytes or zone after it`,
    );
  }
  return parsed;
}

function parseLength(tokens: Tokens, comparison: Comparison): Parsed {
  const { text } = tokens.take();
  const { value } = tokens.expectNumber(`"${text}"`);
  const left: Arithmetic = { kind: "length" };
  return { condition: { kind: "relation", comparison, left, right: CONSTANT(value) } };
}

/** Parses `byte 0 & 1`: a byte of the link header. */
function parseByte(tokens: Tokens): Parsed {
  tokens.take();
  const index = tokens.expectNumber('"byte"');
  const operator = tokens.token.kind === "symbol" ? tokens.token.text : "";
  if (!["&", "|", "<", ">", "=", "=="].includes(operator)) {
    throw tokens.unexpected("one of & | < > = is needed");
  }
  tokens.take();
  const right = CONSTANT(tokens.expectNumber('"byte"', 255).value);
  const byte: Arithmetic = { kind: "load", layer: "ether", index: CONSTANT(index.value), size: 1 };
  if (operator === "&" || operator === "|") {
    const left: Arithmetic = { kind: "binary", operator, left: byte, right };
    return { condition: { kind: "relation", comparison: "!=", left, right: CONSTANT(0) } };
  }
  const comparison = operator === "==" ? "=" : operator as Comparison;
  return { condition: { kind: "relation", comparison, left: byte, right } };
}

function parseTag(tokens: Tokens, tag: keyof typeof TAG_MAX): Parsed {
  tokens.take();
  const isParenthesized = tokens.isSymbol("(");
  if (!isParenthesized && tokens.token.kind !== "number") {
    return { condition: { kind: "tag", tag } };
  }
  if (isParenthesized) tokens.take();
  const { value } = tokens.expectNumber(`"${tag}"`, TAG_MAX[tag]);
  if (isParenthesized) tokens.expectSymbol(")", "");
  return { condition: { kind: "tag", tag, id: value } };
}

function parseLlc(tokens: Tokens): Parsed {
  tokens.take();
  const { token } = tokens;
  const isType = token.kind === "word" && !["and", "or"].includes(token.text);
  if (!isType) return { condition: { kind: "llc", mask: 0, control: 0 } };
  const type = LLC_TYPES[token.text.toLowerCase()];
  if (type === undefined) {
    const names = Object.keys(LLC_TYPES);
    throw tokens.error(
      token,
      `${quoted(token.text)} is not a type of LLC frames${suggestion(token.text, names)}`,
    );
  }
  tokens.take();
  return { condition: { kind: "llc", mask: type[0], control: type[1] } };
}
