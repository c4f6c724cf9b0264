/** Downloads as capture files, by the encoder of the output that writes them. Pure. */

import { pcapEncoder } from "../../../output/pcap/encoder.ts";
import { fileHeader } from "../../../pcap/write/pcap.ts";
import { sectionBlock } from "../../../pcap/write/block.ts";
import { SectionJoiner } from "../../../pcap/write/sections.ts";
import { OVERHANG } from "../../../record/encoder.ts";
import type { DownloadFormat } from "./format.ts";
import { StoredPackets } from "./stored_raw.ts";

/** Link type of the files: packets from the IP header on; what is no IP has no place in them. */
const LINK_TYPE = "raw";
/** Size of the memory that records are encoded into: more than the largest one. */
const AREA = 256 * 1024;
const EMPTY = new Uint8Array(0);

/** Returns the format of pcap files. */
export function pcapDownload(): DownloadFormat {
  const encode = recordEncoder("pcap");
  return {
    type: "application/vnd.tcpdump.pcap",
    extension: "pcap",
    takesBytes: true,
    head: () => fileHeader(LINK_TYPE),
    record: (row, payload) => encode(row, payload) ?? EMPTY,
  };
}

/** Returns the format of pcapng files, which also hold what the rule and the kernel told of a packet. */
export function pcapngDownload(): DownloadFormat {
  const encode = recordEncoder("pcapng");
  // Records come as sections of their own; a file is one section.
  const joiner = new SectionJoiner(undefined);
  let isEmpty = true;
  return {
    type: "application/x-pcapng",
    extension: "pcapng",
    takesBytes: true,
    head: () => EMPTY,
    record: (row, payload) => {
      const area = encode(row, payload);
      if (area === undefined) return EMPTY;
      isEmpty = false;
      return joiner.join(area).slice();
    },
    end: () => isEmpty ? sectionBlock() : EMPTY,
  };
}

/** Returns a function that encodes a row, to undefined where a file cannot hold it. */
function recordEncoder(format: "pcap" | "pcapng") {
  const encoder = pcapEncoder({ format, linkType: LINK_TYPE });
  const packets = new StoredPackets();
  const area = new Uint8Array(AREA);
  return (...found: Parameters<StoredPackets["packet"]>): Uint8Array | undefined => {
    const packet = packets.packet(...found);
    if (packet === undefined) return undefined;
    const length = encoder.encode(packet, area.subarray(0, AREA - OVERHANG), 0);
    return length < 0 ? undefined : area.slice(0, length);
  };
}
