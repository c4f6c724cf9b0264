/**
 * Fields of packets as tshark decodes them.
 *
 * @module
 */

import { must } from "../system/process.ts";

/** A field of tshark. */
export interface SharkField {
  /** Its name, such as `ip.src`. */
  name: string;
  /** Offset of its first byte in the frame. */
  at: number;
  /** Number of its bytes. */
  size: number;
  /** Its value. */
  show: string;
  /** Whether it is another name for what is shown, such as the version of IPv6 as that of IP. */
  isHidden: boolean;
}

/** Reassembly would move offsets into other bytes; of TCP the numbers are those of the packet. */
const PREFERENCES = [
  "ip.defragment:FALSE",
  "ipv6.defragment:FALSE",
  "tcp.desegment_tcp_streams:FALSE",
  "tcp.relative_sequence_numbers:FALSE",
].flatMap((preference) => ["-o", preference]);
/** Protocols whose fields are printed. */
const PROTOCOLS =
  "eth vlan ieee8021ad arp ip ipv6 tcp udp udplite icmp icmpv6 sctp dccp ah esp gre igmp _ws.malformed";

/** A packet as tshark decodes it. */
export interface SharkPacket {
  /** Its fields. */
  fields: SharkField[];
  /** Whether tshark gave up. */
  isMalformed: boolean;
}

/** Returns each packet of a capture file. */
export async function sharkPackets(path: string): Promise<SharkPacket[]> {
  const xml = await must(
    ["tshark", "-n", "-r", path, "-T", "pdml", "-J", PROTOCOLS, ...PREFERENCES],
  );
  return xml.split("</packet>").slice(0, -1).map((packet) => ({
    isMalformed: packet.includes('<proto name="_ws.malformed"'),
    // Attributes are in this order.
    fields: [
      ...packet.matchAll(
        /<field name="([\w.]+)" showname="[^"]*"( hide="yes")? size="(\d+)" pos="(\d+)" show="([^"]*)"/g,
      ),
    ]
      .map(([, name, hide, size, at, show]) => ({
        name: name!,
        at: Number(at),
        size: Number(size),
        show: show!,
        isHidden: hide !== undefined,
      })),
  }));
}
