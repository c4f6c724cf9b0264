/**
 * Outputs of the soak: how each is configured, and how its records are counted in files.
 *
 * @module
 */

import { run } from "../system/process.ts";

/** An output to files. */
export interface FileOutput {
  /** Lines of its table, beside the path and its rotation. */
  table: string;
  /** Counts the packets in a file. */
  count: (path: string) => Promise<number>;
}

/** Outputs to files, by name, which is the file's name, too. */
export const FILE_OUTPUTS: Readonly<Record<string, FileOutput>> = {
  pcap: { table: "", count: countRecords },
  pcapng: {
    table: 'type = "pcap"\nformat = "pcapng"\nlink_type = "nflog"',
    count: countBlocks,
  },
  logemu: { table: 'hostname = "gate"', count: lines("^") },
  gprint: { table: "", count: lines("^") },
  oprint: { table: "", count: lines("^===>PACKET BOUNDARY") },
  xml: { table: "", count: lines("^<log>") },
  json: { table: 'hostname = "gate"', count: lines("}$") },
};

/** Bytes read at a time. */
const CHUNK = 1 << 20;
/** `struct pcap_file_header` and `struct pcap_sf_pkthdr` of a pcap file, in bytes. */
const [FILE_HEADER, RECORD_HEADER] = [24, 16];
/** Enhanced Packet Block (pcapng section 4.3). */
const ENHANCED_PACKET = 6;

/** Returns a function that counts lines in another process. */
function lines(pattern: string): (path: string) => Promise<number> {
  return async (path) => {
    const command = ["env", "LC_ALL=C", "grep", "-c", pattern, path];
    const { code, stdout, stderr } = await run(command);
    // 1 is a file without such a line.
    if (code > 1) throw new Error(stderr);
    return Number(stdout);
  };
}

function countRecords(path: string): Promise<number> {
  return countChained(path, FILE_HEADER, (view, at) => ({
    size: RECORD_HEADER + view.getUint32(at + 8, true),
    isPacket: true,
  }));
}

function countBlocks(path: string): Promise<number> {
  return countChained(path, 0, (view, at) => ({
    size: view.getUint32(at + 4, true),
    isPacket: view.getUint32(at, true) === ENHANCED_PACKET,
  }));
}

/**
 * Walks through a file of records that tell their size.
 *
 * @throws {Error} If the last one is cut.
 */
async function countChained(
  path: string,
  start: number,
  head: (view: DataView, at: number) => { size: number; isPacket: boolean },
): Promise<number> {
  using file = await Deno.open(path);
  const buffer = new Uint8Array(CHUNK);
  const view = new DataView(buffer.buffer);
  let count = 0;
  let skip = start;
  for (let filled = 0;;) {
    const length = await file.read(buffer.subarray(filled));
    if (length === null) {
      if (filled === 0 && skip === 0) return count;
      throw new Error(`${path} does not end at a whole record`);
    }
    filled += length;
    let at = Math.min(skip, filled);
    skip -= at;
    while (filled - at >= RECORD_HEADER) {
      const { size, isPacket } = head(view, at);
      if (isPacket) count++;
      at += size;
      if (at <= filled) continue;
      skip = at - filled;
      at = filled;
    }
    buffer.copyWithin(0, at, filled);
    filled -= at;
  }
}
