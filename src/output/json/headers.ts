/** The headers of a packet as JSON, in the order of the structured form. */

import { ABSENT } from "../../packet/absent.ts";
import type { Layers } from "../../packet/layers.ts";
import { ARP } from "../../packet/network_kind.ts";
import * as protocols from "../../packet/protocols.ts";
import { KINDS, locate } from "../../packet/transport.ts";
import type { LineWriter } from "../../text/line.ts";
import { HEADER } from "./fields.ts";
import { icmp, icmpv6, type Quote } from "./icmp.ts";
import { ip } from "./ip.ts";
import { arp } from "./network.ts";
import * as transport from "./transport.ts";

/**
 * Writes a packet's headers from the network header on.
 *
 * @param wanted Bits of the headers to write.
 * @param quote Writes the packet that an ICMP error quotes.
 */
export function headers(line: LineWriter, layers: Layers, wanted: number, quote: Quote): void {
  if (layers.network === ARP) {
    if (wanted & HEADER.arp) arp(line, layers);
    return;
  }
  if (wanted & HEADER.ip) ip(line, layers);
  ports(line, layers, wanted, quote);
  if (wanted & HEADER.ah) transport.ah(line, layers);
  portless(line, layers, wanted);
}

/** Writes the headers that come before AH. */
function ports(line: LineWriter, layers: Layers, wanted: number, quote: Quote): void {
  let at: number;
  switch (layers.protocol) {
    case protocols.IPPROTO_TCP:
      at = locate(layers, KINDS.tcp);
      if (at !== ABSENT && wanted & HEADER.tcp) transport.tcp(line, layers, at);
      break;
    case protocols.IPPROTO_UDP:
      at = locate(layers, KINDS.udp);
      if (at !== ABSENT && wanted & HEADER.udp) transport.udp(line, layers, at);
      break;
    case protocols.IPPROTO_UDPLITE:
      at = locate(layers, KINDS.udplite);
      if (at !== ABSENT && wanted & HEADER.udplite) transport.udplite(line, layers, at);
      break;
    case protocols.IPPROTO_ICMP:
      at = locate(layers, KINDS.icmp);
      if (at !== ABSENT && wanted & HEADER.icmp) icmp(line, layers, at, quote);
      break;
    case protocols.IPPROTO_ICMPV6:
      at = locate(layers, KINDS.icmpv6);
      if (at !== ABSENT && wanted & HEADER.icmpv6) icmpv6(line, layers, at, quote);
      break;
    case protocols.IPPROTO_SCTP:
      at = locate(layers, KINDS.sctp);
      if (at !== ABSENT && wanted & HEADER.sctp) transport.sctp(line, layers, at);
      break;
    case protocols.IPPROTO_DCCP:
      at = locate(layers, KINDS.dccp);
      if (at !== ABSENT && wanted & HEADER.dccp) transport.dccp(line, layers, at);
  }
}

/** Writes the headers that come after AH. */
function portless(line: LineWriter, layers: Layers, wanted: number): void {
  let at: number;
  switch (layers.protocol) {
    case protocols.IPPROTO_ESP:
      at = locate(layers, KINDS.esp);
      if (at !== ABSENT && wanted & HEADER.esp) transport.esp(line, layers, at);
      break;
    case protocols.IPPROTO_GRE:
      at = locate(layers, KINDS.gre);
      if (at !== ABSENT && wanted & HEADER.gre) transport.gre(line, layers, at);
      break;
    case protocols.IPPROTO_IGMP:
      at = locate(layers, KINDS.igmp);
      if (at !== ABSENT && wanted & HEADER.igmp) transport.igmp(line, layers, at);
  }
}
