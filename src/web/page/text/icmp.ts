/** Names of messages of ICMP and ICMPv6. Pure. */

import { ICMP_CODES, ICMP_TYPES, ICMPV6_CODES, ICMPV6_TYPES } from "../../dissect/names.ts";

/**
 * Names a message, as in `echo request`: by its code where this says more, as in `port unreachable`;
 * one without a name by both numbers.
 */
export function icmpMessage(isIpv6: boolean, type: number, code = 0): string {
  const [types, codes] = isIpv6 ? [ICMPV6_TYPES, ICMPV6_CODES] : [ICMP_TYPES, ICMP_CODES];
  const [name, detail] = [types[type], codes[type]?.[code]];
  if (name === undefined) return `type ${type}, code ${code}`;
  return detail?.includes("unreachable") ? detail : detail ? `${name}: ${detail}` : name;
}
