/** Decodes the bytes of a packet into a tree of fields. */

import { ABSENT } from "../../packet/absent.ts";
import * as e from "../../packet/ether_types.ts";
import * as ip from "../../packet/protocols.ts";
import { arp } from "./arp.ts";
import type { Field } from "./field.ts";
import { gre } from "./gre.ts";
import { icmp } from "./icmp.ts";
import { icmpv6 } from "./icmpv6.ts";
import { igmp } from "./igmp.ts";
import { authentication, esp } from "./ipsec.ts";
import { ipv4, type Payload } from "./ipv4.ts";
import { ipv6 } from "./ipv6.ts";
import { Extent, Layer } from "./layer.ts";
import { ethernet, mpls, pppoe, vlan } from "./link.ts";
import { IPPROTO_IPIP, IPPROTO_IPV6 } from "./names.ts";
import { finish, quotedBy } from "./quoted.ts";
import { sctp } from "./sctp.ts";
import { type Known, startOf } from "./start.ts";
import { tcp } from "./tcp.ts";
import { dccp, udp, udplite } from "./udp.ts";

/** EtherType of Ethernet in GRE (RFC 1701). */
const ETH_P_TEB = 0x6558;

/**
 * Decodes a packet. Any bytes are fine: where they are torn or contradict themselves a field
 * `truncated` or `malformed` says so, and what is not known stays bytes. The fields of the result
 * cover all bytes, each once.
 *
 * @param bytes The captured bytes, as a table has them in `payload`.
 * @param known Facts of its row.
 *
 * @example
 * ```ts
 * import { dissect } from "./dissect.ts";
 * import { assertEquals } from "@std/assert";
 * import { packet } from "nfscribe/testing";
 *
 * const bytes = packet({ tcp: { destinationPort: 443, flags: "SYN" } }).payload!;
 * const [ip, tcp] = dissect(bytes, { etherType: 0x0800 });
 * assertEquals([ip!.name, ip!.value], ["IPv4", "192.0.2.1 > 192.0.2.2"]);
 * const { name, ...port } = tcp!.fields![1]!;
 * assertEquals([name, port], ["destinationPort", { value: "443 (https)", offset: 22, length: 2 }]);
 * ```
 */
export function dissect(bytes: Uint8Array, known: Known = {}): Field[] {
  const root = new Layer(new Extent(bytes, bytes.length), 0, Infinity);
  const { hasEthernet, type } = startOf(bytes, known);
  network(root, hasEthernet ? ethernet(root) : type);
  finish(root);
  return root.fields;
}

/** Reads a packet whose first header belongs to an EtherType. */
function network(into: Layer, type: number): void {
  for (let next: number = type; !into.isOver;) {
    switch (next) {
      case e.ETH_P_8021Q:
        next = vlan(into, "VLAN tag");
        break;
      case e.ETH_P_8021AD:
        next = vlan(into, "service VLAN tag");
        break;
      case e.ETH_P_PPP_SES:
        next = pppoe(into);
        break;
      case e.ETH_P_MPLS_UC:
      case e.ETH_P_MPLS_MC:
        next = mpls(into);
        break;
      case e.ETH_P_IP:
        return transport(into, ipv4(into));
      case e.ETH_P_IPV6:
        return transport(into, ipv6(into));
      case e.ETH_P_ARP:
      case e.ETH_P_RARP:
        return arp(into);
      default:
        return into.rest();
    }
  }
}

const quotedIpv4 = quotedBy((into) => network(into, e.ETH_P_IP));
const quotedIpv6 = quotedBy((into) => network(into, e.ETH_P_IPV6));

/** Reads the payload of IP. */
function transport(into: Layer, payload: Payload): void {
  let { protocol } = payload;
  if (payload.isLaterFragment) return into.rest();
  while (protocol === ip.IPPROTO_AH && !into.isOver) protocol = authentication(into);
  switch (protocol) {
    case ip.IPPROTO_TCP:
      return tcp(into);
    case ip.IPPROTO_UDP:
      return udp(into);
    case ip.IPPROTO_UDPLITE:
      return udplite(into);
    case ip.IPPROTO_SCTP:
      return sctp(into);
    case ip.IPPROTO_DCCP:
      return dccp(into);
    case ip.IPPROTO_ICMP:
      return icmp(into, quotedIpv4);
    case ip.IPPROTO_ICMPV6:
      return icmpv6(into, quotedIpv6);
    case ip.IPPROTO_IGMP:
      return igmp(into);
    case ip.IPPROTO_ESP:
      return esp(into);
    case ip.IPPROTO_GRE:
      return tunnelled(into, gre(into));
    case IPPROTO_IPIP:
      return tunnelled(into, e.ETH_P_IP);
    case IPPROTO_IPV6:
      return tunnelled(into, e.ETH_P_IPV6);
    default:
      return into.rest();
  }
}

/** Reads a packet in a tunnel. */
function tunnelled(into: Layer, type: number): void {
  const { room } = into.extent;
  if (room.depth === 0 || type === ABSENT) return into.rest();
  room.depth--;
  if (type === ETH_P_TEB) network(into, ethernet(into));
  else network(into, type);
  room.depth++;
}
