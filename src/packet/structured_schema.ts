/**
 * The structured form of a packet, described: the check of what another process says and the
 * published JSON Schema are made from it.
 */

import * as v from "valibot";
import { ACTIONS } from "./actions.ts";
import { bits, parseForm, table, text, upTo } from "./form_schema.ts";
import { ITEMS_MAX, STRUCTURED_VERSION, type StructuredPacket } from "./structured.ts";

/** The largest length of a packet that is believed, as `originalLength` has it. */
const LENGTH_MAX = 0x7fff_ffff;

const may = v.exactOptional;
const flag = (description: string) => v.pipe(v.boolean(), v.description(description));
const list = <Item extends v.GenericSchema>(description: string, item: Item) =>
  v.pipe(v.array(item), v.maxLength(ITEMS_MAX), v.description(description));

const ports = {
  sourcePort: bits(16, "Source port."),
  destinationPort: bits(16, "Destination port."),
};
const checksum = bits(16, "Checksum, as it was sent.");
const sequenceNumber = bits(32, "Sequence number.");
const spi = bits(32, "Security parameters index.");
const protocol = bits(8, "Protocol that the packet carries (IANA protocol numbers).");
const nextHeader = bits(8, "What follows (IANA protocol numbers).");

const options = (description: string) =>
  list(
    description,
    v.object({
      type: bits(8, "Type."),
      data: text("Value, without type and length, in hexadecimal."),
    }),
  );

/** Fields of both versions of the IP header. */
const ip = {
  trafficClass: bits(8, "Type of service, or traffic class: DSCP and ECN."),
  dscp: bits(6, "Differentiated services code point (RFC 2474)."),
  ecn: bits(2, "Explicit congestion notification (RFC 3168)."),
  totalLength: upTo(2 ** 32 + 40, "Length of the packet in bytes, as the header says."),
  fragmentOffset: bits(16, "Bytes from the start of the unfragmented packet."),
  moreFragments: flag("Whether fragments of the same packet follow."),
  hopLimit: bits(8, "Hops left."),
  protocol,
  source: text("Sender's address."),
  destination: text("Receiver's address."),
};

const ipv4 = table("IPv4 header.", {
  version: v.literal(4),
  ...ip,
  headerLength: bits(6, "Length of the header in bytes."),
  identification: bits(16, "The same in all fragments of a packet."),
  reserved: flag("Reserved flag."),
  dontFragment: flag("Whether routers must not fragment the packet."),
  headerProtocol: bits(8, "The header's own field: 51 where an authentication header follows."),
  checksum,
  options: may(options("Options, padding left out.")),
});

const ipv6 = table("IPv6 header.", {
  version: v.literal(6),
  ...ip,
  flowLabel: bits(20, "Flow label (RFC 6437)."),
  payloadLength: bits(16, "Bytes behind this header, as it says."),
  nextHeader,
  identification: may(bits(32, "The same in all fragments of a packet.")),
  extensions: may(list(
    "Extension headers, from the outermost inwards.",
    v.object({
      type: bits(8, "Kind of extension header (IANA protocol numbers)."),
      nextHeader,
      data: text("All of it in hexadecimal."),
    }),
  )),
});

const arp = table("ARP packet.", {
  hardwareType: bits(16, "Kind of link (ARPHRD_*)."),
  protocolType: bits(16, "EtherType of the addresses that are resolved."),
  operation: bits(16, "1 request, 2 reply, 3 and 4 the same of RARP."),
  senderHardwareAddress: text("Sender's link address."),
  senderAddress: text("Sender's address."),
  targetHardwareAddress: text("Target's link address."),
  targetAddress: text("Target's address."),
});

const tcp = table("TCP header.", {
  ...ports,
  sequenceNumber,
  acknowledgmentNumber: bits(32, "Acknowledgment number."),
  flags: bits(8, "Flags, FIN is 1 and CWR 128."),
  flagNames: text("Flags by name, from the highest bit down; `none` for none."),
  window: bits(16, "Window, not scaled."),
  headerLength: bits(6, "Length of the header in bytes."),
  checksum,
  urgentPointer: bits(16, "Urgent pointer."),
  options: may(options("Options, padding left out.")),
  mss: may(bits(16, "Maximum segment size, in bytes.")),
  windowScale: may(bits(8, "Window scale.")),
  sackPermitted: flag("Whether selective acknowledgments are welcome."),
  timestamps: may(table("Timestamps (RFC 7323).", {
    value: bits(32, "Sender's clock."),
    echoReply: bits(32, "Receiver's clock as it was seen last."),
  })),
});

const udp = table("UDP header.", {
  ...ports,
  length: bits(16, "Bytes of header and data."),
  checksum,
});

const udplite = table("UDP-Lite header.", {
  ...ports,
  checksumCoverage: bits(16, "Bytes that the checksum covers; 0 for all."),
  checksum,
});

const [ICMP, ICMPV6] = ["ICMP message.", "ICMPv6 message."] as const;
/** Fields of ICMP and ICMPv6. */
const icmpMessage = {
  type: bits(8, "Kind of message."),
  code: bits(8, "Which of its kind."),
  checksum,
  echo: may(v.pipe(v.picklist(["request", "reply"]), v.description("Whether it is an echo."))),
  identifier: may(bits(16, "Identifier.")),
  sequenceNumber: may(bits(16, "Sequence number.")),
  mtu: may(bits(32, "Largest packet for the next hop, in bytes.")),
  pointer: may(bits(32, "Where the error is, in bytes from the quoted packet's start.")),
  restOfHeader: bits(32, "The second 4 bytes as one number."),
};
const icmpFields = {
  ...icmpMessage,
  gateway: may(text("The better router that a redirect names.")),
};
const icmpv6Fields = {
  ...icmpMessage,
  target: may(text("Address that neighbour discovery or a redirect is about.")),
  redirectDestination: may(text("Destination that a redirect names a better first hop for.")),
  group: may(text("Multicast group of a listener message.")),
  options: may(options("Options of neighbour discovery.")),
};

const sctp = table("SCTP common header.", {
  ...ports,
  verificationTag: bits(32, "Verification tag."),
  checksum: bits(32, "Checksum (CRC32c), as it was sent."),
  chunks: may(list(
    "Chunks.",
    v.object({
      type: bits(8, "Type."),
      flags: bits(8, "Flags."),
      length: bits(16, "Length in bytes, type, flags and length included."),
    }),
  )),
});

const dccp = table("DCCP header.", {
  ...ports,
  headerLength: bits(10, "Length of the header in bytes."),
  type: bits(4, "Type, 0 for a request."),
  sequenceNumber: bits(48, "Sequence number."),
});

const ah = table("Outermost authentication header.", {
  nextHeader,
  length: upTo(1028, "Length of the header in bytes."),
  spi,
  sequenceNumber,
});

const esp = table("Readable part of ESP.", { spi, sequenceNumber });

const gre = table("GRE header.", {
  flags: bits(16, "The first two bytes."),
  version: bits(3, "0, or 1 for PPTP."),
  protocol: bits(16, "EtherType of what it carries."),
  checksum: may(checksum),
  key: may(bits(32, "Key.")),
  sequenceNumber: may(sequenceNumber),
});

const igmp = table("IGMP message.", {
  type: bits(8, "Kind of message."),
  version: v.pipe(v.picklist([1, 2, 3]), v.description("Version that has such messages.")),
  maxResponseCode: bits(8, "How long an answer may take, in tenths of a second."),
  checksum,
  group: may(text("Multicast group.")),
});

const defect = table("Reason why a header could not be decoded.", {
  layer: v.picklist([
    ...["vlan", "arp", "ipv4", "ipv6", "tcp", "udp", "udplite", "icmp", "icmpv6"] as const,
    ...["sctp", "dccp", "ah", "esp", "gre", "igmp"] as const,
  ]),
  kind: v.picklist(["truncated", "malformed"]),
});

/** Addresses and protocol, also of a packet that an ICMP error quotes. */
const endpoints = {
  source: may(text("Sender's IP address; of ARP the sender's protocol address.")),
  sourcePort: may(ports.sourcePort),
  destination: may(text("Receiver's IP address; of ARP the target's protocol address.")),
  destinationPort: may(ports.destinationPort),
  protocol: may(v.pipe(
    v.union([v.string(), protocol]),
    v.description("Name of the protocol that IP carries, or its number; or `ARP`."),
  )),
};

/** Headers, also of a packet that an ICMP error quotes. */
const headers = {
  arp: may(arp),
  ip: may(v.variant("version", [ipv4, ipv6])),
  tcp: may(tcp),
  udp: may(udp),
  udplite: may(udplite),
  sctp: may(sctp),
  dccp: may(dccp),
  ah: may(ah),
  esp: may(esp),
  gre: may(gre),
  igmp: may(igmp),
};

const quoted = table("Packet that an ICMP error is about.", {
  ...endpoints,
  defect: may(defect),
  ...headers,
  icmp: may(table(ICMP, icmpFields)),
  icmpv6: may(table(ICMPV6, icmpv6Fields)),
});
const embedded = may(quoted);

const vlan = table("VLAN tag (IEEE 802.1Q).", {
  protocol: bits(16, "EtherType of the tag."),
  id: bits(12, "VLAN identifier."),
  priority: bits(3, "Priority code point."),
  dropEligible: flag("Whether the frame may be dropped before others."),
});

const ethernet = table("Ethernet header.", {
  destination: text("Receiver's address."),
  source: text("Sender's address."),
  etherType: bits(16, "EtherType of what follows; below 0x0600 a length."),
});

/** Parts of the form that the JSON Schema has by name. */
export const structuredParts = {
  ...{ ipv4, ipv6, arp, tcp, udp, udplite, sctp, dccp, ah, esp, gre, igmp },
  ...{ defect, quoted, vlan, ethernet },
};

/** The structured form of a packet. */
export const structuredSchema = v.object({
  type: v.pipe(v.literal("packet"), v.description("Kind of record.")),
  version: v.pipe(
    v.literal(STRUCTURED_VERSION),
    v.description("Version of the form: it is raised where a name gets another meaning."),
  ),
  time: text("The kernel's stamp, else the time of receipt: RFC 3339, in UTC, with microseconds."),
  host: may(text("Name of the host that logged the packet.")),
  capture: may(text("Name of the source that took the packet.")),
  session: may(text("Identifier of the run of nfscribe: a UUID.")),
  seq: may(bits(32, "Number of the packet in its group.")),
  prefix: may(text("The rule's prefix.")),
  action: may(v.pipe(
    v.picklist(ACTIONS),
    v.description("Action of the rule, by its prefix: `[actions]` of the configuration."),
  )),
  hook: may(v.pipe(
    v.union([v.string(), bits(8, "Number of the hook.")]),
    v.description("Name of the hook, or its number where it has no name here."),
  )),
  in: may(text("Interface that the packet came in by: its name, else its number.")),
  out: may(text("Interface that the packet leaves by.")),
  physIn: may(text("Bridge port that the packet came in by.")),
  physOut: may(text("Bridge port that the packet leaves by.")),
  mark: may(bits(32, "The packet's mark.")),
  uid: may(bits(32, "User id of the local socket's owner.")),
  gid: may(bits(32, "Group id of the local socket's owner.")),
  ...endpoints,
  length: may(upTo(LENGTH_MAX, "Length of the packet in bytes, as its IP header states it.")),
  captured: may(upTo(LENGTH_MAX, "Captured bytes, where they are fewer.")),
  defect: may(defect),
  etherType: may(bits(16, "EtherType of the payload.")),
  ethernet: may(ethernet),
  vlan: may(vlan),
  vlans: may(
    list("All VLAN tags from the outermost inwards, where there are others than `vlan`.", vlan),
  ),
  ...headers,
  icmp: may(table(ICMP, { ...icmpFields, embedded })),
  icmpv6: may(table(ICMPV6, { ...icmpv6Fields, embedded })),
  extra: may(
    v.pipe(v.record(v.string(), v.unknown()), v.description("Fields that a filter attached.")),
  ),
  payload: may(text("Captured bytes in base64 (RFC 4648), on request.")),
});

/**
 * Returns the structured form that a text holds, fields that the form does not have left out, and
 * fields that a filter attached; undefined where it holds none.
 *
 * @param json A text from another process.
 */
export function parseStructured(json: string): StructuredPacket | undefined {
  const form = parseForm(structuredSchema, json);
  if (form === undefined) return undefined;
  const { extra: _, ...rest } = form;
  return rest;
}
