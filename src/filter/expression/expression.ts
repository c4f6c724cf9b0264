/** Expressions for programs: predicates over packets and flows. */

import { Flow } from "../../flow/flow.ts";
import { Packet } from "../../packet/packet.ts";
import { checkKinds, RECORD_NAMES } from "./kinds.ts";
import { parseExpression } from "./parser.ts";
import { compilePredicate } from "./predicate/compile.ts";
import { compileFlowPredicate } from "./predicate/flow.ts";
import type { Expression, RecordName } from "./syntax.ts";

/** Decides about a packet. */
export type PacketPredicate = (packet: Packet) => boolean;
/** Decides about a packet or a flow. */
export type RecordPredicate = (record: Packet | Flow) => boolean;

/**
 * Compiles an expression of pcap-filter(7), with netfilter's words, into a predicate. It chooses the
 * packets that tcpdump would choose, with two differences: a VLAN tag (PPPoE and MPLS, too) never
 * hides what it carries, and extension headers of IPv6 are passed over. A packet is not chosen if
 * the expression asks for bytes that were not captured. Of flows it chooses those that it is true of;
 * a word that only packets have is true of no flow, and one that only flows have of no packet.
 *
 * @param text The expression, as in `tcp port 22 and not src net 10.0.0.0/8`, `prefix "drop*"` or
 *   `snat and bytes > 1000000`.
 * @returns A function that is true for packets and flows that the expression chooses. It throws
 *   `StalePacketError` or `StaleFlowError` if the record's memory holds another one by now.
 * @throws {ExpressionError} If the text is no expression.
 *
 * @example SSH connections that a rule logged
 * ```ts
 * import { expression, type Packet } from "nfscribe";
 *
 * const isSsh = expression('tcp port 22 and prefix "ssh*"');
 * function countSsh(packets: Packet[]): number {
 *   return packets.filter(isSsh).length;
 * }
 * console.assert(countSsh([]) === 0);
 * ```
 */
export function expression(text: string): RecordPredicate {
  const tree = expressionAbout(text, RECORD_NAMES);
  const choosesPacket = compilePredicate(tree);
  const choosesFlow = compileFlowPredicate(tree);
  return (record) =>
    record instanceof Flow ? choosesFlow(Flow.rawOf(record)) : choosesPacket(Packet.rawOf(record));
}

/**
 * Parses an expression.
 *
 * @param kinds Kinds of record that it chooses from; each of its words must be about one of them.
 * @throws {ExpressionError} If the text is none.
 */
export function expressionAbout(text: string, kinds: readonly RecordName[]): Expression {
  const expression = parseExpression(text);
  checkKinds(text, expression, kinds);
  return expression;
}

/**
 * Parses an expression about packets.
 *
 * @throws {ExpressionError} If the text is none.
 */
export function packetExpression(text: string): Expression {
  return expressionAbout(text, ["packet"]);
}
