/** Columns of the table `flows` in the order of a row: the structured form of a flow. */

import type { Column } from "./columns.ts";

/** Columns of flows: name, type, description with units. */
export const FLOW_COLUMNS = [
  ["time", "time", "The kernel's time of the event, or where there is none the time of receipt"],
  ["host", "text", "Host that tracked the flow"],
  ["capture", "text", "Name of the source that took the record, as in conntrack"],
  ["session", "uuid", "Run of nfscribe that logged the record"],
  [
    "event",
    "text",
    "Reason of the record: new, update, destroy, interim, or inferred for an end that was lost",
  ],
  ["protocol", "uint8", "IP protocol number: 1 ICMP, 6 TCP, 17 UDP, 58 ICMPv6"],
  ["state", "text", "State of TCP, SCTP or DCCP, as in ESTABLISHED"],
  ...direction("original", "Sender of the first packet", "Receiver of the first packet"),
  ...direction("reply", "Sender of answers", "Receiver of answers"),
  ["nat_source", "address", "Address that stands for the sender's; null where it was not changed"],
  ["nat_source_port", "uint16", "Port that stands for the sender's"],
  ["nat_destination", "address", "Address that stands for the receiver's"],
  ["nat_destination_port", "uint16", "Port that stands for the receiver's"],
  ["start_time", "time", "Time of the first packet"],
  ["end_time", "time", "Time of the end"],
  ["duration", "seconds", "Seconds from start to end, to the microsecond"],
  ["timeout", "uint32", "Seconds until the kernel forgets the flow without further packets"],
  [
    "status",
    "uint32",
    "Properties: 2 seen reply, 4 assured, 8 confirmed, 16 SNAT, 32 DNAT, 16384 offload (IPS_*)",
  ],
  ["id", "uint32", "The kernel's identifier: the same in all records of a flow"],
  ["mark", "uint32", "Mark of the flow (ct mark); null for 0"],
  ["zone", "uint16", "Zone of both directions (ct zone); null for the default zone"],
  ["labels", "json", "Numbers of the labels that are set (ct label), as in [3, 17]"],
  ["helper", "text", "Name of the helper that follows the flow's protocol, as in ftp"],
  ["security_context", "text", "Security context (SELinux, Smack)"],
  ["master_source", "address", "Sender of the flow that this one belongs to"],
  ["master_source_port", "uint16", "Port of that sender"],
  ["master_destination", "address", "Receiver of the flow that this one belongs to"],
  ["master_destination_port", "uint16", "Port of that receiver"],
  ["extra", "json", "Fields that the filter attached"],
] as const satisfies readonly Column[];

/** Returns the columns of a direction. */
function direction<Name extends string>(name: Name, sender: string, receiver: string) {
  return [
    [`${name}_source`, "address", `${sender}: IPv4 or IPv6 address`],
    [`${name}_source_port`, "uint16", `Port of that sender: TCP, UDP, UDP-Lite, SCTP, DCCP`],
    [`${name}_destination`, "address", `${receiver}: IPv4 or IPv6 address`],
    [`${name}_destination_port`, "uint16", "Port of that receiver"],
    [`${name}_icmp_type`, "uint8", "Type of ICMP or ICMPv6 messages of this direction"],
    [`${name}_icmp_code`, "uint8", "Code of these messages"],
    [`${name}_icmp_id`, "uint16", "Identifier of these messages"],
    [`${name}_zone`, "uint16", "Zone, where it is that of this direction only"],
    [`${name}_packets`, "count", "Packets of this direction"],
    [`${name}_bytes`, "count", "Bytes of these packets, from their IP headers on"],
  ] as const satisfies readonly Column[];
}
