/**
 * Records as a store returns them, for tests of what is copied from them.
 *
 * @module
 */

import type { Flow, Packet } from "nfscribe";
import { flow, packet } from "nfscribe/testing";
import type { StructuredFlow } from "../../src/flow/structured.ts";
import type { StoredPacket } from "../../src/output/table/stored_packet.ts";
import { structured } from "../../src/packet/structured.ts";
import { structuredFlow } from "../../src/flow/structured.ts";
import { concat, hex, packetOf } from "../packet/sample.ts";

/** A packet, as it was captured and as it is stored. */
export interface PacketSample {
  name: string;
  packet: Packet;
  stored: StoredPacket;
}

/** A flow, as connection tracking has it and as it is stored. */
export interface FlowSample {
  name: string;
  flow: Flow;
  stored: StructuredFlow;
}

const ARP = hex("0001 0800 06 04 0001 02005e100001 c0000201 000000000000 c0000202");
const IPV6 = { source: "2001:db8::1", destination: "2001:db8::2" };

/** Packets of each kind, with what is hostile in their names. */
export const PACKETS: readonly PacketSample[] = Object.entries({
  "TCP": packet({ prefix: "ssh ", tcp: { sourcePort: 40_000, destinationPort: 22 } }),
  "an answer": packet({ tcp: { sourcePort: 443, destinationPort: 51_000, flags: "SYN,ACK" } }),
  "UDP that is forwarded": packet({ udp: {}, inDev: "eth0", outDev: "wan0.100", hook: "forward" }),
  "TCP of IPv6 that leaves": packet({ ...IPV6, tcp: {}, outDev: "wg0", hook: "output", uid: 1000 }),
  "ICMP": packet({ icmp: { type: 3, code: 1 } }),
  "ICMPv6": packet({ ...IPV6, icmpv6: {} }),
  "SCTP": packet({ protocol: 132, data: hex("9c40 0050 00000007 00000000") }),
  "DCCP": packet({ protocol: 33, data: hex("9c40 0050 04 00 0000 05 00 000000000001") }),
  "UDP-Lite": packet({ protocol: 136, data: hex("9c40 0050 0008 0000") }),
  "GRE": packet({ protocol: 47, data: hex("0000 0800") }),
  "ARP": packetOf(ARP, { family: 3, hwProtocol: 0x0806, hook: 0 }),
  "no IP": packetOf(concat(hex("00 01 02 03")), { family: 7, hwProtocol: 0x88cc }),
  "before routing": packet({ hook: "prerouting", tcp: {} }),
  "hostile names": packet({
    prefix: `"'; rm -rf / #*?\\ $(id)`,
    inDev: `a"'$(id);*`,
    hook: "input",
    udp: {},
  }),
}).map(([name, packet]) => ({
  name,
  packet,
  stored: structured(packet) as unknown as StoredPacket,
}));

/** Flows, translated and not. */
export const FLOWS: readonly FlowSample[] = Object.entries({
  "TCP": flow({ source: "10.0.0.7", destination: "192.0.2.1", destinationPort: 443 }),
  "source NAT": flow({
    source: "10.0.0.7",
    destination: "192.0.2.1",
    destinationPort: 443,
    nat: { source: "198.51.100.7", sourcePort: 61_000 },
  }),
  "destination NAT": flow({
    source: "192.0.2.1",
    destination: "198.51.100.7",
    destinationPort: 80,
    nat: { destination: "10.0.0.2", destinationPort: 8080 },
  }),
  "ICMP": flow({ protocol: 1 }),
  "UDP of IPv6": flow({ source: "2001:db8::1", destination: "2001:db8::2", protocol: 17 }),
}).map(([name, flow]) => ({ name, flow, stored: structuredFlow(flow) }));
