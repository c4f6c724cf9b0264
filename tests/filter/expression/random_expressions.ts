/**
 * Random expressions of pcap-filter(7), such that libpcap and nfscribe accept them.
 *
 * @module
 */

import type { Random } from "../../fuzz/random.ts";

const ADDRESSES = ["10.0.0.1", "192.0.2.1", "224.0.0.5", "127.0.0.1", "198.51.100.2", "10.1"];
const NETS = ["10", "192.168", "10.0.0.0/8", "224.0.0.0/4", "0.0.0.0/1", "fe80::/10", "ff00::/8"];
const PORTS = ["53", "80", "179", "22", "0x35", "1024", "ssh", "domain", "ntp"];
const PROTOCOLS = ["ip", "ip6", "tcp", "udp", "icmp", "icmp6", "sctp", "igmp", "ah", "pim"];
const FIELDS = ["ip", "ip6", "tcp", "udp", "icmp", "icmp6", "igmp"];
const DIRECTIONS = ["", "src", "dst", "src or dst", "src and dst"];
const COMPARISONS = ["=", "==", "!=", "<", "<=", ">", ">="];
const OPERATORS = ["+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>"];

/** Makes random expressions. */
export class RandomExpressions {
  readonly #random: Random;

  /** Creates them from a random sequence. */
  constructor(random: Random) {
    this.#random = random;
  }

  /** Returns the next expression. */
  next(depth = 3): string {
    const random = this.#random;
    const kind = depth === 0 ? 0 : random.below(8);
    if (kind < 3) return this.#primitive();
    if (kind === 3) return `${random.pick(["not ", "! ", "!"])}${this.#operand(depth)}`;
    const join = random.pick([" and ", " or ", " && ", " || ", "&&", "||"]);
    return this.#operand(depth) + join + this.#operand(depth);
  }

  /** Returns an expression that is one operand. */
  #operand(depth: number): string {
    return this.#random.below(3) === 0 ? this.#primitive() : `(${this.next(depth - 1)})`;
  }

  #primitive(): string {
    const random = this.#random;
    const direction = random.pick(DIRECTIONS);
    switch (random.below(9)) {
      case 0:
        return random.pick(PROTOCOLS);
      case 1:
        return `${direction} host ${random.pick(ADDRESSES)}`.trim();
      case 2:
        return `${direction} net ${random.pick(NETS)}`.trim();
      case 3:
        return `${direction} port ${random.pick(PORTS)}${this.#more(PORTS)}`.trim();
      case 4:
        return `${random.pick(["tcp", "udp", "sctp"])} ${direction} portrange ${
          random.below(2000)
        }-${random.below(0x1_0000)}`;
      case 5:
        return `${random.pick(["", "ip ", "ip6 "])}proto ${random.below(140)}`;
      case 6:
        return `${random.pick(["less", "greater"])} ${random.below(300)}`;
      default:
        return `${this.#arithmetic(2)} ${random.pick(COMPARISONS)} ${this.#arithmetic(1)}`;
    }
  }

  /** Returns further values that share the qualifiers, or nothing. */
  #more(values: readonly string[]): string {
    const random = this.#random;
    return random.below(3) > 0
      ? ""
      : ` ${random.pick(["or", "and", "or not"])} ${random.pick(values)}`;
  }

  #arithmetic(depth: number): string {
    const random = this.#random;
    switch (depth === 0 ? random.below(3) : random.below(6)) {
      case 0:
        return random.pick(["0", "1", "2", "8", "16", "64", "0x0f", "0xff", "255", "1500"]);
      case 1:
        return "len";
      case 2:
      case 3:
        return `${random.pick(FIELDS)}[${random.below(24)}${random.pick(["", ":1", ":2", ":4"])}]`;
      case 4:
        return `(${this.#arithmetic(depth - 1)} ${random.pick(OPERATORS)} ${this.#divisor(depth)})`;
      default:
        return `${this.#arithmetic(depth - 1)} ${random.pick(OPERATORS)} ${this.#divisor(depth)}`;
    }
  }

  /** Returns a right side that no operator refuses. */
  #divisor(depth: number): string {
    const small = String(1 + this.#random.below(31));
    const other = this.#arithmetic(depth - 1);
    return this.#random.below(2) === 0 || /^\d/.test(other) ? small : other;
  }
}
