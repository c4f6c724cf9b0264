/**
 * The pcap output for the conformance suites: records are read by the strict reader of tests and
 * by the decoder of the pcap source.
 *
 * @module
 */

import type { Options } from "../../../src/definition.ts";
import { Packet } from "../../../src/packet/packet.ts";
import type { RawPacket } from "../../../src/packet/raw_packet.ts";
import { readBlocks } from "../../output/pcap/blocks.ts";
import { rawPacket } from "../../packet/sample.ts";
import { decodeRecord } from "../../source/pcap/sample.ts";
import { allOf, type OutputFixture, type Shown } from "./fixture.ts";

const LINKTYPES: Readonly<Record<string, number>> = { raw: 101, ethernet: 1, nflog: 239 };

/** Bytes of a pcap file before its first record. */
const FILE_HEADER = 24;

/** A record as it lies in either format. */
interface FileRecord {
  /** Microseconds since the Unix epoch. */
  time: number;
  data: Uint8Array;
  comment?: string | undefined;
}

function* recordsOf(bytes: Uint8Array): Generator<FileRecord> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at < bytes.length;) {
    const [seconds, micros, captured] = [0, 4, 8].map((word) => view.getUint32(at + word, true));
    const end = at + 16 + captured!;
    if (end > bytes.length) throw new Error(`a record at ${at} is cut`);
    yield { time: seconds! * 1e6 + micros!, data: bytes.subarray(at + 16, end) };
    at = end;
  }
}

function shown({ time, data, comment = "" }: FileRecord, linkType: string): Shown {
  const found = allOf(Packet.rawOf(decodeRecord(LINKTYPES[linkType]!, data)));
  const field = (pattern: RegExp) => pattern.exec(comment)?.[1];
  const number = (text: string | undefined, base = 10) =>
    text === undefined ? undefined : Number.parseInt(text, base);
  const told = linkType === "nflog" ? found : {
    prefix: field(/^prefix="(.*?)"(?: |$)/),
    mark: number(field(/ ?mark=0x([0-9a-f]+)/), 16),
    uid: number(field(/ ?uid=(\d+)/)),
    gid: number(field(/ ?gid=(\d+)/)),
    seq: number(field(/ ?seq=(\d+)/)),
    in: field(/ ?in=(\S+)/),
    out: field(/ ?out=(\S+)/),
  };
  return { ...found, ...told, time };
}

/** The pcap output. */
export const pcap: OutputFixture = {
  variants: ["pcap", "pcapng"].flatMap((format) =>
    Object.keys(LINKTYPES).map((linkType) => ({ format, link_type: linkType }))
  ),
  place: (folder) => ({ path: `${folder}/out` }),
  read(bytes, { format, linkType }) {
    const records = format === "pcap"
      ? [...recordsOf(bytes)]
      : readBlocks(bytes).packets.map(({ time, data, comment }) => ({
        time: Number(time / 1000n),
        data,
        comment,
      }));
    return records.map((record) => shown(record, linkType as string));
  },
  shows(packet: RawPacket, { format, linkType }: Options) {
    const all = allOf(packet);
    const { time, source, destination, sourcePort, destinationPort, payload, length } = all;
    const isIp = payload !== undefined && /^[46]/.test(payload);
    if (linkType === "raw" && !isIp) return undefined;
    const bytes = { time, source, destination, sourcePort, destinationPort, payload, length };
    const { mark, uid, gid, seq } = all;
    // An empty prefix is not noted, and NFLOG has one for each packet.
    const prefix = linkType === "nflog" ? all.prefix : all.prefix || undefined;
    const told = { prefix, mark, uid, gid, seq };
    if (linkType === "nflog") return { ...bytes, ...told, hook: all.hook };
    return format === "pcap" ? bytes : { ...bytes, ...told, in: all.in, out: all.out };
  },
  misfits: ({ linkType }) =>
    linkType === "raw" ? [rawPacket(new Uint8Array(28), { family: 3 })] : [],
  readFile(bytes, options) {
    return pcap.read(options.format === "pcap" ? bytes.subarray(FILE_HEADER) : bytes, options);
  },
  losses: (bytes) => readBlocks(bytes).losses.map(({ dropped }) => Number(dropped)),
  exceptions: ({ format, linkType }) => ({
    ...format === "pcap" && { "loss marks": "the format has no place for them" },
    ...linkType !== "raw" && { unfit: "every packet has a place in the link type" },
  }),
};
