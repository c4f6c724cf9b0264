/** Conditions about what the firewall says of a packet. */

import { ABSENT } from "../../../packet/absent.ts";
import { type Action, ACTIONS } from "../../../packet/actions.ts";
import { hookName } from "../../../packet/hook_name.ts";
import type { InterfaceTable } from "../../../packet/interface.ts";
import { encodePattern, matchesPattern, type Pattern } from "../../../text/pattern.ts";
import { exactText } from "../pattern.ts";
import type { Comparison, Condition } from "../syntax.ts";
import { NEVER } from "./combine.ts";
import type { Frame, Test } from "./frame.ts";

/** Families by name (`NFPROTO_*`, linux/netfilter.h). */
const FAMILIES: Readonly<Record<string, number>> = {
  ip: 2,
  arp: 3,
  netdev: 5,
  bridge: 7,
  ip6: 10,
};
/** Interface indexes whose names are compared once per table of names. */
const CACHED_MAX = 1024;

/** Compiles a condition about a text of the packet. */
export function textTest(
  { field, pattern }: Extract<Condition, { kind: "text" }>,
  frame: Frame,
): Test {
  switch (field) {
    case "prefix":
      return prefixTest(pattern, frame);
    case "capture":
      return nameTest(pattern, () => frame.packet.capture);
    case "sender":
      return nameTest(pattern, () => frame.packet.host);
    case "in":
      return interfaceTest(pattern, () => frame.packet.inDev, frame);
    case "out":
      return interfaceTest(pattern, () => frame.packet.outDev, frame);
    case "physin":
      return interfaceTest(pattern, () => frame.packet.physInDev, frame);
    case "physout":
      return interfaceTest(pattern, () => frame.packet.physOutDev, frame);
    case "helper":
      return NEVER;
  }
}

/** Compiles a condition about the source's or the host's name; its pattern is matched once for each. */
export function nameTest(pattern: Pattern, nameOf: () => string): Test {
  const isOf = textMatcher(pattern);
  let [last, result] = ["", isOf("")];
  return () => {
    const name = nameOf();
    if (name !== last) [last, result] = [name, isOf(name)];
    return result;
  };
}

/** Compiles a condition about the rule's prefix; a rule without one has an empty prefix. */
function prefixTest(pattern: Pattern, frame: Frame): Test {
  const exact = exactText(pattern);
  if (exact !== undefined) {
    const wanted = new TextEncoder().encode(exact);
    return () => {
      const { bytes, prefixOffset, prefixLength } = frame.packet;
      if (Math.max(prefixLength, 0) !== wanted.length) return false;
      for (let i = 0; i < wanted.length; i++) {
        if (bytes[prefixOffset + i] !== wanted[i]) return false;
      }
      return true;
    };
  }
  const encoded = encodePattern(pattern);
  return () => {
    const { bytes, prefixOffset, prefixLength } = frame.packet;
    return matchesPattern(encoded, bytes, prefixOffset, prefixOffset + Math.max(prefixLength, 0));
  };
}

/** Compiles a condition about an interface; one without a known name has its index as name. */
function interfaceTest(pattern: Pattern, index: () => number, frame: Frame): Test {
  const isOf = textMatcher(pattern);
  let table: InterfaceTable | undefined;
  const known = new Map<number, boolean>();
  return () => {
    const number = index();
    if (number === ABSENT) return false;
    const { interfaces } = frame.packet;
    if (interfaces !== table || known.size > CACHED_MAX) {
      known.clear();
      table = interfaces;
    }
    const before = known.get(number);
    if (before !== undefined) return before;
    const result = isOf(interfaces.get(number).toString());
    known.set(number, result);
    return result;
  };
}

function textMatcher(pattern: Pattern): (text: string) => boolean {
  const encoded = encodePattern(pattern);
  const encoder = new TextEncoder();
  return (text) => {
    const bytes = encoder.encode(text);
    return matchesPattern(encoded, bytes, 0, bytes.length);
  };
}

/** Compiles a condition about a value that has a name. */
export function choiceTest(
  { field, choice }: Extract<Condition, { kind: "choice" }>,
  frame: Frame,
): Test {
  switch (field) {
    case "hook":
      return () => hookName(frame.packet.family, frame.packet.hook) === choice;
    case "family": {
      const family = FAMILIES[choice];
      return () => frame.packet.family === family;
    }
    case "action": {
      const action = ACTIONS.indexOf(choice as Action);
      return () => frame.packet.actions.find(frame.packet) === action;
    }
    default:
      return NEVER;
  }
}

/** Compiles a condition about the mark; the kernel does not send a mark of 0. */
export function markTest(
  { value, mask }: Extract<Condition, { kind: "mark" }>,
  frame: Frame,
): Test {
  const holds = markMatcher(value, mask);
  return () => holds(frame.packet.mark);
}

/** Returns whether bits of a mark have a value. */
export function markMatcher(value: number, mask: number): (mark: number) => boolean {
  const wanted = value | 0;
  return (mark) => ((mark === ABSENT ? 0 : mark) & mask) === wanted;
}

/** Compiles a condition about a number; packets without it do not fulfil it. */
export function numberTest(
  { field, comparison, value }: Extract<Condition, { kind: "number" }>,
  frame: Frame,
): Test {
  const holds = comparisonOf(comparison, value);
  switch (field) {
    case "uid":
    case "gid":
    case "group":
      return () => holds(frame.packet[field]);
    case "ifindex":
      return () => holds(frame.packet.inDev) || holds(frame.packet.outDev);
    default:
      return NEVER;
  }
}

/** Compiles a comparison with a number, which an absent one does not fulfil. */
export function comparisonOf(comparison: Comparison, value: number): (found: number) => boolean {
  switch (comparison) {
    case "=":
      return (found) => found === value;
    case "!=":
      return (found) => found !== ABSENT && found !== value;
    case "<":
      return (found) => found !== ABSENT && found < value;
    case "<=":
      return (found) => found !== ABSENT && found <= value;
    case ">":
      return (found) => found > value;
    case ">=":
      return (found) => found !== ABSENT && found >= value;
  }
}
