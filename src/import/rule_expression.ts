/** Says the matches of a rule as an expression, which chooses the same packets. Pure. */

import { packetExpression } from "../filter/expression/expression.ts";
import { ExpressionError } from "../filter/expression/error.ts";
import { icmpType } from "./names.ts";

/** Words of nft, quoted text, and signs. */
const TOKEN = /"[^"]*"|'[^']*'|==|!=|<=|>=|[{}(),&|<>]|[^\s{}(),&|<>=!"']+/g;
const FLAGS = "fin syn rst psh ack urg ece cwr".split(" ");
const PORTS: readonly string[] = ["tcp", "udp", "sctp"];
/** Protocols whose word chooses their packets. */
const PROTOCOLS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    ["tcp", "udp", "sctp", "icmp", "esp", "ah", "igmp"].map((one) => [one, one]),
  ),
  icmpv6: "icmp6",
  "ipv6-icmp": "icmp6",
};

/** Match that no expression says. */
class Unsaid extends Error {}

/**
 * Returns the expression for the matches of a rule.
 *
 * @param matches Matches as nft writes them; those behind a `log` statement are left out.
 * @param family Family of the rule's table.
 * @returns The expression; undefined if there are no matches, or one that no expression says, such
 *   as `ct state`.
 */
export function ruleExpression(matches: string, family: string): string | undefined {
  if (!["ip", "ip6", "inet"].includes(family)) return undefined;
  try {
    const parts = new Matches(matches.match(TOKEN) ?? [], family).parts();
    if (parts.length === 0) return undefined;
    const text = parts.join(" and ");
    packetExpression(text);
    return text;
  } catch (error) {
    if (error instanceof Unsaid || error instanceof ExpressionError) return undefined;
    throw error;
  }
}

/** A comparison's right side. */
interface Right {
  isNegated: boolean;
  values: readonly string[];
}

class Matches {
  readonly #tokens: string[];
  readonly #family: string;
  readonly #parts: string[] = [];
  /** Protocols that a part asks for already. */
  readonly #implied = new Set<string>();

  constructor(tokens: readonly string[], family: string) {
    this.#tokens = [...tokens];
    this.#family = family;
  }

  parts(): string[] {
    for (let word = this.#take(); word !== undefined && word !== "log"; word = this.#take()) {
      if (word === "counter") this.#skipCounts();
      else this.#match(word);
    }
    return [...new Set(this.#parts)].filter((part) => !this.#implied.has(part));
  }

  #take(): string | undefined {
    return this.#tokens.shift();
  }

  #skipCounts(): void {
    if (this.#tokens[0] !== "packets") return;
    this.#tokens.splice(0, 4);
  }

  #match(first: string): void {
    const key = first === "iifname" || first === "oifname" || first === "iif" || first === "oif"
      ? first
      : `${first} ${this.#take() ?? ""}`;
    switch (key) {
      case "iif":
      case "iifname":
      case "meta iifname":
        return this.#put(joined("in", this.#right(), nameText));
      case "oif":
      case "oifname":
      case "meta oifname":
        return this.#put(joined("out", this.#right(), nameText));
      case "ip saddr":
      case "ip6 saddr":
      case "ip daddr":
      case "ip6 daddr":
        return this.#address(key);
      case "meta nfproto":
        return this.#put(oneOf(this.#right(), { ipv4: "ip", ipv6: "ip6" }));
      case "ip protocol":
      case "meta l4proto":
        return this.#protocol(key);
      case "tcp sport":
      case "tcp dport":
      case "udp sport":
      case "udp dport":
      case "sctp sport":
      case "sctp dport":
        return this.#ports(first, key.endsWith("sport") ? "src" : "dst");
      case "th sport":
      case "th dport":
        throw new Unsaid();
      case "tcp flags":
        return this.#flags();
      case "icmp type":
      case "icmp code":
      case "icmpv6 type":
      case "icmpv6 code":
        return this.#icmp(first, key.endsWith("code"));
      case "meta mark":
        return this.#mark();
      case "meta skuid":
        return this.#owner("uid");
      case "meta skgid":
        return this.#owner("gid");
      default:
        throw new Unsaid();
    }
  }

  /**
   * Adds a part.
   *
   * @param protocol Protocol that it asks for.
   */
  #put(part: string, protocol?: string): void {
    this.#parts.push(part);
    if (protocol !== undefined) this.#implied.add(protocol);
  }

  /** Takes a comparison for equality with a value, or several. */
  #right(): Right {
    const isNegated = this.#tokens[0] === "!=";
    if (isNegated || this.#tokens[0] === "==") this.#take();
    const first = this.#take() ?? "";
    if (/^[<>&|]|^[<>]=$/.test(first) || first.startsWith("@")) throw new Unsaid();
    if (first !== "{") return { isNegated, values: [first] };
    const values: string[] = [];
    for (let word = this.#take(); word !== "}"; word = this.#take()) {
      if (word === undefined || word === "{") throw new Unsaid();
      if (word !== ",") values.push(word);
    }
    return { isNegated, values };
  }

  #address(key: string): void {
    const [version, field] = key.split(" ") as [string, string];
    const end = field === "saddr" ? "src" : "dst";
    const right = this.#right();
    // A rule for both versions matches packets of this one only.
    if (right.isNegated && this.#family !== version) this.#put(version);
    const isNet = right.values.some((value) => value.includes("/"));
    const bits = version === "ip" ? 32 : 128;
    this.#put(joined(isNet ? `${end} net` : `${end} host`, right, (value) => {
      if (!/^[\da-f.:]+(\/\d+)?$/i.test(value)) throw new Unsaid();
      return isNet && !value.includes("/") ? `${value}/${bits}` : value;
    }));
  }

  #protocol(key: string): void {
    const right = this.#right();
    const ip = key === "ip protocol" ? "ip " : "";
    if (ip !== "" && right.isNegated && this.#family !== "ip") this.#put("ip");
    const plain = ip === "" && right.values.every((value) => PROTOCOLS[value] !== undefined);
    if (plain) return this.#put(oneOf(right, PROTOCOLS));
    this.#put(joined(`${ip}proto`, right, (value) => value));
  }

  #ports(protocol: string, end: string): void {
    if (!PORTS.includes(protocol)) throw new Unsaid();
    const { isNegated, values } = this.#right();
    const single = values.filter((value) => !value.includes("-") || /[a-z]/i.test(value));
    const parts = [
      ...single.length === 0
        ? []
        : [joined(`${protocol} ${end} port`, { isNegated: false, values: single }, (text) => text)],
      ...values.filter((value) => !single.includes(value))
        .map((range) => `${protocol} ${end} portrange ${range}`),
    ];
    const any = parts.length === 1 ? parts[0]! : `(${parts.join(" or ")})`;
    if (isNegated) {
      this.#put(protocol);
      this.#put(`not ${any}`);
    } else {
      this.#put(any, protocol);
    }
  }

  /** Bytes of TCP are those of IPv4. */
  #flags(): void {
    if (this.#family !== "ip" || this.#take() !== "&") throw new Unsaid();
    const mask = this.#bits();
    const operator = this.#take();
    if (operator !== "==" && operator !== "!=") throw new Unsaid();
    const first = this.#tokens[0];
    const value = first === "0" || first === "0x0" ? (this.#take(), "0") : this.#bits();
    this.#put(`tcp[tcpflags] & ${mask} ${operator} ${value}`, "tcp");
  }

  #bits(): string {
    const names: string[] = [];
    const isParenthesized = this.#tokens[0] === "(";
    if (isParenthesized) this.#take();
    for (;;) {
      const name = this.#take() ?? "";
      if (!FLAGS.includes(name)) throw new Unsaid();
      names.push(`tcp-${name === "psh" ? "push" : name}`);
      if (this.#tokens[0] !== "|") break;
      this.#take();
    }
    if (isParenthesized && this.#take() !== ")") throw new Unsaid();
    return names.length === 1 ? names[0]! : `(${names.join("|")})`;
  }

  #icmp(protocol: string, isCode: boolean): void {
    const name = protocol === "icmp" ? "icmp" : "icmp6";
    const field = `${name}[${name}${isCode ? "code" : "type"}]`;
    const { isNegated, values } = this.#right();
    const parts = values.map((value) => {
      const known = isCode ? undefined : icmpType(value, protocol as "icmp" | "icmpv6");
      const number = known?.type ?? value;
      if (known?.code !== undefined || !/^\d+$/.test(`${number}`)) throw new Unsaid();
      return `${field} ${isNegated ? "!=" : "="} ${number}`;
    });
    const join = isNegated ? " and " : " or ";
    this.#put(parts.length === 1 ? parts[0]! : `(${parts.join(join)})`, name);
  }

  #mark(): void {
    let mask = "";
    if (this.#tokens[0] === "&") {
      this.#take();
      mask = `/${this.#take() ?? ""}`;
    }
    this.#put(joined("mark", this.#right(), (value) => {
      if (!/^(0x[\da-f]+|\d+)$/i.test(value)) throw new Unsaid();
      return value + mask;
    }));
  }

  /** A packet without a socket matches neither a user nor its contrary. */
  #owner(field: string): void {
    const { isNegated, values: [value = "", ...others] } = this.#right();
    const [, first, last] = /^(\d+)(?:-(\d+))?$/.exec(value) ?? [];
    if (first === undefined || others.length > 0) throw new Unsaid();
    if (last === undefined) return this.#put(`${field} ${isNegated ? "!= " : ""}${first}`);
    this.#put(
      isNegated
        ? `(${field} < ${first} or ${field} > ${last})`
        : `${field} >= ${first} and ${field} <= ${last}`,
    );
  }
}

/** Returns words with a value behind them, or several in parentheses. */
function joined(
  words: string,
  { isNegated, values }: Right,
  say: (value: string) => string,
): string {
  const texts = values.map((value) => say(value));
  const text = texts.length === 1 ? texts[0]! : `(${texts.join(" or ")})`;
  return `${isNegated ? "not " : ""}${words} ${text}`;
}

/** Returns words for values. */
function oneOf({ isNegated, values }: Right, words: Readonly<Record<string, string>>): string {
  const texts = values.map((value) => words[value]);
  if (texts.includes(undefined)) throw new Unsaid();
  const text = texts.length === 1 ? texts[0]! : `(${texts.join(" or ")})`;
  return isNegated ? `not ${text}` : text;
}

/** Returns an interface's name, in which only an asterisk at the end stands for any text. */
function nameText(value: string): string {
  const name = value.replaceAll(/^["']|["']$/g, "");
  const pattern = name.replaceAll(/[\\?]|\*(?!$)/g, "\\$&");
  return /^[\w.:@-]+\*?$/.test(name) ? pattern : `"${pattern}"`;
}
