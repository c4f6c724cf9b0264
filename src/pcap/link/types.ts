/** Link types of capture files (tcpdump.org/linktypes) that are decoded. */

/** `LINKTYPE_NULL`: a family in 4 bytes, in the byte order of the capturing host. */
export const LINKTYPE_NULL = 0;
/** `LINKTYPE_ETHERNET`, which the C library calls `DLT_EN10MB`. */
export const LINKTYPE_ETHERNET = 1;
/** `LINKTYPE_PPP`: PPP, with or without address and control. */
export const LINKTYPE_PPP = 9;
/** `DLT_RAW` as most systems number it; some programs write it into files. */
export const DLT_RAW = 12;
/** `DLT_RAW` as OpenBSD numbers it. */
export const DLT_RAW_OPENBSD = 14;
/**
 * `LINKTYPE_PPP_HDLC`: PPP of a serial line, or Cisco HDLC; the C library calls it
 * `DLT_PPP_SERIAL`.
 */
export const LINKTYPE_PPP_HDLC = 50;
/** `LINKTYPE_PPP_ETHER`: PPPoE, without its Ethernet header. */
export const LINKTYPE_PPP_ETHER = 51;
/** `LINKTYPE_RAW`: the packet begins with its IPv4 or IPv6 header. */
export const LINKTYPE_RAW = 101;
/** `LINKTYPE_C_HDLC`: Cisco HDLC. */
export const LINKTYPE_C_HDLC = 104;
/** `LINKTYPE_LOOP`: a family in 4 bytes, in network byte order except in some files. */
export const LINKTYPE_LOOP = 108;
/** `LINKTYPE_LINUX_SLL`: `tcpdump -i any` before version 4.99. */
export const LINKTYPE_LINUX_SLL = 113;
/** `LINKTYPE_MPLS`: the packet begins with its MPLS labels. */
export const LINKTYPE_MPLS = 219;
/** `LINKTYPE_IPV4`: the packet begins with its IPv4 header. */
export const LINKTYPE_IPV4 = 228;
/** `LINKTYPE_IPV6`: the packet begins with its IPv6 header. */
export const LINKTYPE_IPV6 = 229;
/** `LINKTYPE_NFLOG`: `struct nfgenmsg`, then the attributes of nfnetlink_log. */
export const LINKTYPE_NFLOG = 239;
/** `LINKTYPE_LINUX_SLL2`: `tcpdump -i any` since version 4.99. */
export const LINKTYPE_LINUX_SLL2 = 276;

const NAMES: ReadonlyMap<number, string> = new Map([
  [LINKTYPE_NULL, "BSD loopback"],
  [LINKTYPE_ETHERNET, "Ethernet"],
  [LINKTYPE_PPP, "PPP"],
  [LINKTYPE_PPP_HDLC, "PPP in HDLC"],
  [LINKTYPE_PPP_ETHER, "PPPoE"],
  [LINKTYPE_RAW, "raw IP"],
  [LINKTYPE_C_HDLC, "Cisco HDLC"],
  [LINKTYPE_LOOP, "OpenBSD loopback"],
  [LINKTYPE_LINUX_SLL, "Linux cooked"],
  [LINKTYPE_MPLS, "MPLS"],
  [LINKTYPE_IPV4, "IPv4"],
  [LINKTYPE_IPV6, "IPv6"],
  [LINKTYPE_NFLOG, "NFLOG"],
  [LINKTYPE_LINUX_SLL2, "Linux cooked 2"],
]);

/** Returns whether packets of a link type are decoded. */
export function isDecoded(linkType: number): boolean {
  return NAMES.has(linkType) || linkType === DLT_RAW || linkType === DLT_RAW_OPENBSD;
}

/** Lists the decoded link types for messages. */
export function decodedLinkTypes(): string {
  return [...NAMES].map(([type, name]) => `${type} (${name})`).join(", ");
}
