/**
 * The link types of capture files (tcpdump.org/linktypes): what a record begins with.
 *
 * @module
 */

import { DLT_RAW, LINKTYPE_ETHERNET, LINKTYPE_NFLOG, LINKTYPE_RAW } from "./types.ts";
import type { RawPacket } from "../../packet/raw_packet.ts";

/** Link type of a file that is written: its records begin with the IP header, an Ethernet header, or NFLOG attributes. */
export type LinkType = "raw" | "ethernet" | "nflog";

/** The most bytes a record's data may have, as tcpdump has it (`MAXIMUM_SNAPLEN`). */
export const SNAPLEN = 262144;

/** The number of each link type in pcap files. */
export const LINKTYPES: Readonly<Record<LinkType, number>> = {
  raw: LINKTYPE_RAW,
  ethernet: LINKTYPE_ETHERNET,
  nflog: LINKTYPE_NFLOG,
};

/**
 * The number of each link type in pcapng files. For raw IP it is the one that libpcap uses
 * in memory: libpcap 1.10.3 refuses a second interface of type 101, for it compares that with
 * the 12 that it has made of the first; it reads 12 in a file, and so does Wireshark.
 */
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
