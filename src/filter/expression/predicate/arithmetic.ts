/** Comparisons of arithmetic: unsigned numbers of 32 bits, as the kernel's packet filter counts. */

import { IPPROTO_ICMPV6 } from "../../../packet/protocols.ts";
import { IPV6_HEADER } from "../../../packet/ip_sizes.ts";
import { IPV4_LAYERS } from "../protocols.ts";
import type { Arithmetic, Comparison, Condition, Operator } from "../syntax.ts";
import { type Frame, NetworkCode, type Test } from "./frame.ts";
import { etherTypeTest, networkTest } from "./link.ts";

type Load = Extract<Arithmetic, { kind: "load" }>;
/** Number about the frame's packet, unsigned. */
type Value = () => number;

/** Compiles a comparison. */
export function relationTest(
  { comparison, left, right }: Extract<Condition, { kind: "relation" }>,
  frame: Frame,
): Test {
  const checks = [...checksOf(right, frame), ...checksOf(left, frame)];
  const test = comparisonTest(comparison, valueOf(left, frame), right, frame);
  if (checks.length === 0) return test;
  const [first] = checks as [Test];
  if (checks.length === 1) return () => first() && test();
  return () => {
    for (let i = 0; i < checks.length; i++) if (!checks[i]!()) return false;
    return test();
  };
}

function comparisonTest(
  comparison: Comparison,
  left: Value,
  right: Arithmetic,
  frame: Frame,
): Test {
  const other = valueOf(right, frame);
  if (right.kind === "constant") {
    const { value } = right;
    if (comparison === "=") return () => left() === value;
    if (comparison === "!=") return () => left() !== value;
  }
  switch (comparison) {
    case "=":
      return () => left() === other();
    case "!=":
      return () => left() !== other();
    case "<":
      return () => left() < other();
    case "<=":
      return () => left() <= other();
    case ">":
      return () => left() > other();
    case ">=":
      return () => left() >= other();
  }
}

/**
 * Lists the headers that the packet must have. As in libpcap the right side of an operator asks for
 * none.
 */
function checksOf(arithmetic: Arithmetic, frame: Frame): Test[] {
  switch (arithmetic.kind) {
    case "load":
      return [...checksOf(arithmetic.index, frame), ...layerTests(arithmetic, frame)];
    case "binary":
      return checksOf(arithmetic.left, frame);
    case "negate":
      return checksOf(arithmetic.operand, frame);
    default:
      return [];
  }
}

function layerTests({ layer, etherType }: Load, frame: Frame): Test[] {
  switch (layer) {
    case "ether":
      return [];
    case "network":
      return [etherTypeTest(etherType!, frame)];
    case "ip":
    case "ip6":
    case "arp":
    case "rarp":
      return [networkTest(layer, frame)];
    case "icmp6":
      return [
        () =>
          frame.network === NetworkCode.IPV6 && frame.findTransport() &&
          frame.protocol === IPPROTO_ICMPV6 && frame.fragmentOffset === 0,
      ];
    default: {
      const protocol = IPV4_LAYERS[layer];
      return [
        () =>
          frame.network === NetworkCode.IPV4 && frame.ipv4Protocol === protocol &&
          (frame.load(frame.at + 6, 2) & 0x1fff) === 0,
      ];
    }
  }
}

function valueOf(arithmetic: Arithmetic, frame: Frame): Value {
  switch (arithmetic.kind) {
    case "constant": {
      const { value } = arithmetic;
      return () => value;
    }
    case "length":
      return () => frame.length;
    case "negate": {
      const operand = valueOf(arithmetic.operand, frame);
      return () => -operand() >>> 0;
    }
    case "binary":
      return binary(arithmetic, frame);
    case "load":
      return loadOf(arithmetic, frame);
  }
}

function binary(
  { operator, left, right }: Extract<Arithmetic, { kind: "binary" }>,
  frame: Frame,
): Value {
  const one = valueOf(left, frame);
  const other = valueOf(right, frame);
  if (left.kind === "constant" && right.kind === "constant") {
    const value = apply(operator, left.value, right.value, frame);
    return () => value;
  }
  if (operator === "&" && right.kind === "constant") {
    const { value } = right;
    return () => (one() & value) >>> 0;
  }
  return () => apply(operator, one(), other(), frame);
}

function apply(operator: Operator, one: number, other: number, frame: Frame): number {
  switch (operator) {
    case "+":
      return (one + other) >>> 0;
    case "-":
      return (one - other) >>> 0;
    case "*":
      return Math.imul(one, other) >>> 0;
    case "&":
      return (one & other) >>> 0;
    case "|":
      return (one | other) >>> 0;
    case "^":
      return (one ^ other) >>> 0;
    case "<<":
      return other > 31 ? 0 : (one << other) >>> 0;
    case ">>":
      return other > 31 ? 0 : one >>> other;
    case "/":
    case "%":
      if (other === 0) {
        // The kernel's packet filter ends there, too.
        frame.isCut = true;
        return 0;
      }
      return operator === "/" ? Math.floor(one / other) : one % other;
  }
}

function loadOf({ layer, index, size }: Load, frame: Frame): Value {
  const place = valueOf(index, frame);
  switch (layer) {
    case "ether":
      return () => frame.loadLink(place(), size);
    case "ip":
    case "ip6":
    case "arp":
    case "rarp":
    case "network":
      return () => frame.load(frame.at + place(), size);
    case "icmp6":
      return () => {
        const isIpv6 = frame.network === NetworkCode.IPV6 && frame.findTransport();
        return frame.load((isIpv6 ? frame.transport : frame.at + IPV6_HEADER) + place(), size);
      };
    default:
      // The sum wraps around: tcp[-1] is the byte before the header.
      return () => {
        const header = (frame.load(frame.at, 1) & 0xf) * 4;
        return frame.load(frame.at + ((header + place()) >>> 0), size);
      };
  }
}
