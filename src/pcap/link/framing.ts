/** Link types of capture files that nfscribe writes (tcpdump.org/linktypes). */

import { DLT_RAW, LINKTYPE_ETHERNET, LINKTYPE_NFLOG, LINKTYPE_RAW } from "./types.ts";
import type { RawPacket } from "../../packet/raw_packet.ts";

/**
 * Link type of a written file: its records begin with the IP header, an Ethernet header, or NFLOG
 * attributes.
 */
export type LinkType = "raw" | "ethernet" | "nflog";

/** The largest data of a record in bytes, as in tcpdump (`MAXIMUM_SNAPLEN`). */
export const SNAPLEN = 262144;

/** Numbers of the link types in pcap files. */
export const LINKTYPES: Readonly<Record<LinkType, number>> = {
  raw: LINKTYPE_RAW,
  ethernet: LINKTYPE_ETHERNET,
  nflog: LINKTYPE_NFLOG,
};

/**
 * Numbers of the link types in pcapng files. For raw IP it is the one that libpcap uses in memory:
 * libpcap 1.10.3 refuses a second interface of type 101, because it compares that with the 12 that
 * it made of the first; it reads 12 in a file, and so does Wireshark.
 */
export const LINKTYPES_PCAPNG: Readonly<Record<LinkType, number>> = { ...LINKTYPES, raw: DLT_RAW };

const NAMES: Readonly<Record<LinkType, string>> = {
  raw: "raw IP",
  ethernet: "Ethernet",
  nflog: "NFLOG",
};

/**
 * Returns the error text for appending to a file of another link type.
 *
 * @param found The file's link type.
 * @param wanted The link type to write.
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
 * Encodes packets for one link type. State from {@linkcode measure} is kept until {@linkcode
 * write}, which is called with the same packet.
 */
export interface Framing {
  /** Original length of the packet measured last, in bytes. */
  readonly original: number;
  /**
   * Measures a packet.
   *
   * @returns The number of bytes that {@linkcode write} writes, at most {@linkcode SNAPLEN}, or
   *   `UNFIT` if the link type cannot hold it.
   */
  measure(packet: RawPacket): number;
  /** Writes the packet measured last. The caller ensures that there is room. */
  write(packet: RawPacket, out: Uint8Array, at: number): void;
}
