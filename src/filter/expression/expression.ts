/** Expressions for programs: predicates over packets. */

import { Packet } from "../../packet/packet.ts";
import { checkKind } from "./kinds.ts";
import { parseExpression } from "./parser.ts";
import { compilePredicate } from "./predicate/compile.ts";
import type { Expression } from "./syntax.ts";

/** Decides about a packet. */
export type PacketPredicate = (packet: Packet) => boolean;

/**
 * Compiles an expression of pcap-filter(7), with netfilter's words, into a predicate. It chooses the
 * packets that tcpdump would choose, with two differences: a VLAN tag (PPPoE and MPLS, too) never
 * hides what it carries, and extension headers of IPv6 are passed over. A packet is not chosen if
 * the expression asks for bytes that were not captured.
 *
 * @param text The expression, as in `tcp port 22 and not src net 10.0.0.0/8` or `prefix "drop*"`.
 * @returns A function that is true for packets that the expression chooses. It throws
 *   `StalePacketError` if the packet's memory holds another packet by now.
 * @throws {ExpressionError} If the text is no expression about packets.
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
export function expression(text: string): PacketPredicate {
  const chooses = compilePredicate(packetExpression(text));
  return (packet) => chooses(Packet.rawOf(packet));
}

/**
 * Parses an expression about packets.
 *
 * @throws {ExpressionError} If the text is none.
 */
export function packetExpression(text: string): Expression {
  const expression = parseExpression(text);
  checkKind(text, expression, "packet");
  return expression;
}
