/**
 * The link types of capture files (tcpdump.org/linktypes): what a record begins with.
 *
 * @module
 */

import type { RawPacket } from "../../packet/raw_packet.ts";
import type { LinkType } from "../../output/pcap/options.ts";

/** `LINKTYPE_ETHERNET`: packets begin with their Ethernet header. */
export const LINKTYPE_ETHERNET = 1;
/** `LINKTYPE_RAW`: packets begin with their IPv4 or IPv6 header. */
export const LINKTYPE_RAW = 101;
/** `LINKTYPE_NFLOG`: `struct nfgenmsg`, then the attributes of nfnetlink_log. */
export const LINKTYPE_NFLOG = 239;

/** The most bytes a record's data may have, as tcpdump has it (`MAXIMUM_SNAPLEN`). */
export const SNAPLEN = 262144;

/**
 * What link type RAW is called in pcapng files here: `DLT_RAW`, the number that
 * libpcap knows it by in memory. libpcap (1.10.3, and the
 * sources of 2024) refuses a second interface of type 101, for it compares that with
 * the 12 that it has made of the first; it reads 12 in a file, and so does Wireshark.
 */
const DLT_RAW = 12;

/** The number of each link type in pcap files. */
export const LINKTYPES: Readonly<Record<LinkType, number>> = {
  raw: LINKTYPE_RAW,
  ethernet: LINKTYPE_ETHERNET,
  nflog: LINKTYPE_NFLOG,
};

/** The number of each link type in pcapng files. */
export const LINKTYPES_PCAPNG: Readonly<Record<LinkType, number>> = { ...LINKTYPES, raw: DLT_RAW };

const NAMES: Readonly<Record<LinkType, string>> = {
  raw: "raw IP",
  ethernet: "Ethernet",
  nflog: "NFLOG",
};

/**
 * What is wrong with a file of another link type, for somebody who wants to
 * append to it, and what to do.
 *
 * @param found The file's link type.
 * @param wanted The one that is written.
 */
export function otherLinkType(found: number, wanted: LinkType): string {
  const known = Object.keys(LINKTYPES).find((name) =>
    LINKTYPES[name as LinkType] === found || LINKTYPES_PCAPNG[name as LinkType] === found
  );
  const advice = known === undefined ? "" : `, or the link type "${known}"`;
  return `its link type is ${found}, not ${LINKTYPES[wanted]} (${NAMES[wanted]}); ` +
    `choose another file${advice}`;
}

/**
 * How packets lie in the records of one link type. What {@linkcode measure}
 * finds out is kept until {@linkcode write}, which is called with the same packet.
 */
export interface Framing {
  /** Bytes of the packet measured last, with what was cut off. */
  readonly original: number;
  /**
   * Measures a packet.
   *
   * @param packet The packet.
   * @returns How many bytes {@linkcode write} writes, {@linkcode SNAPLEN} at the
   * most, or `UNFIT` where the link type cannot hold it.
   */
  measure(packet: RawPacket): number;
  /** Writes the packet measured last. There must be room. */
  write(packet: RawPacket, out: Uint8Array, at: number): void;
}
