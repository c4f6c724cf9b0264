/** Conditions about the protocol above IP. */

import { ABSENT } from "../../../packet/absent.ts";
import { ahLength } from "../../../packet/ah.ts";
import { IPPROTO_AH } from "../../../packet/protocols.ts";
import type { Condition } from "../syntax.ts";
import { type Frame, NetworkCode, type Test } from "./frame.ts";

/**
 * Compiles a condition about the protocol: IPv4's own, of IPv6 any of the chain of headers. With
 * `protochain` the headers of IPv4 after AH count, too.
 */
export function protocolTest(
  { kind, network, protocol }: Extract<Condition, { kind: "protocol" | "protochain" }>,
  frame: Frame,
): Test {
  const four = kind === "protochain"
    ? () => hasInIpv4Chain(frame, protocol)
    : () => frame.ipv4Protocol === protocol;
  return () => {
    if (frame.network === NetworkCode.IPV4) return network !== "ip6" && four();
    return frame.network === NetworkCode.IPV6 && network !== "ip" && frame.hasInChain(protocol);
  };
}

function hasInIpv4Chain(frame: Frame, protocol: number): boolean {
  let found = frame.ipv4Protocol;
  let at = frame.at + (frame.load(frame.at, 1) & 0xf) * 4;
  while (found === IPPROTO_AH && protocol !== IPPROTO_AH) {
    if (at + 2 > frame.end) return frame.cut();
    found = frame.bytes[at]!;
    at += ahLength(frame.bytes, at);
  }
  return found !== ABSENT && found === protocol;
}
