/**
 * Parts of the benchmarks of databases: nfscribe under a flood, spools that are full of rows, ulogd.
 *
 * @module
 */

import { readProcFile } from "../../ffi/proc_file.ts";
import { Spooler } from "../../src/output/delivery/spooler.ts";
import { COLUMNS } from "../../src/output/table/columns.ts";
import { RowEncoder } from "../../src/output/table/row_encoder.ts";
import type { RawPacket } from "../../src/packet/raw_packet.ts";
import type { Encoder } from "../../src/record/encoder.ts";
import { holderOf } from "../../src/source/nflog/bind_error.ts";
import { FAST } from "../../scripts/compile.ts";
import { nft } from "../kernel/firewall.ts";
import { startNfscribeWith } from "../kernel/nfscribe.ts";
import { flood } from "../kernel/traffic.ts";
import { startUlogd } from "../peers/ulogd.ts";
import { finish } from "../postgres/firewall_to_table.ts";
import { cpuNanoseconds } from "../ffi/cpu_clock.ts";
import { cpuOf, memoryOf } from "./cpu.ts";
import { type Figures, watch } from "./load_report.ts";
import { onePacket } from "./sample.ts";

const GROUP = 1;
/** Data of a UDP packet of 100 bytes. */
const DATA = 72;
/** Time without a new row after which loading counts as finished, in milliseconds. */
const QUIET_MS = 15_000;
/** Interval of looks at nfscribe's memory, in milliseconds. */
const MEMORY_MS = 200;
/** Time for which ulogd is measured, in milliseconds. */
const ULOGD_MS = 10_000;
/**
 * Packets for ulogd: more than it writes in that time, and no more than its buffer of 16 MiB holds.
 */
const ULOGD_PACKETS = 30_000;
const RULE = [["input", `udp dport 9 counter log group ${GROUP} drop`]] as const;

/** Number of columns. */
export const WIDTH = COLUMNS.length;

/** A table of an output, and how many rows it has. */
export interface Target {
  /** Type of the output. */
  type: string;
  /** Lines of its table in a configuration. */
  lines: string;
  /** Counts the rows that are committed. */
  arrived: () => Promise<number>;
  /** Returns the time of the first packet, in milliseconds since the Unix epoch. */
  firstMs: () => Promise<number>;
  /** Returns the size of the table, in bytes. */
  size: () => Promise<number>;
}

/** Measures nfscribe, from the firewall's rule to the table. */
export async function underFlood(
  folder: string,
  packets: number,
  { type, lines, arrived, firstMs, size }: Target,
): Promise<Figures> {
  const config = `${folder}/nfscribe.toml`;
  await Deno.writeTextFile(
    config,
    `[[source]]\ntype = "nflog"\ngroup = ${GROUP}\ncopy_range = 100\n` +
      `[output.${type}]\nhostname = "gate"\nspool = "${folder}/spool"\n${lines}\n` +
      `[log]\nformat = "json"\n`,
  );
  await using rules = await nft([RULE[0]]);
  await using nfscribe = await startNfscribeWith([FAST, "--allow-net"], "-c", config);
  const before = cpuOf(nfscribe.pid);
  let memory = 0;
  const look = setInterval(() => memory = Math.max(memory, memoryOf(nfscribe.pid)), MEMORY_MS);
  const flooded = flood(packets, DATA);
  const { rows, lastMs } = await watch(arrived, packets, Infinity, QUIET_MS);
  await flooded;
  clearInterval(look);
  // The flooding program takes a while to start; the kernel's stamp of its first packet counts.
  const seconds = (lastMs - await firstMs()) / 1000;
  const cpuMicros = cpuOf(nfscribe.pid) - before;
  const lost = await rules.count() - rows;
  await finish(nfscribe);
  return { rows, seconds, cpuMicros, lost, memory, bytesPerRow: await size() / rows };
}

/** Fills a spool with the rows of packets, as an earlier run would; returns its frames. */
export function fillSpool(
  folder: string,
  packets: number,
  encoder: Encoder<RawPacket> = rowEncoder(),
): Uint8Array[] {
  const session = crypto.randomUUID();
  const options = { folder, limit: 2 ** 40, sync: "off", whenFull: "drop", session } as const;
  const spooler = new Spooler(options, { info() {}, warn: console.error }, () => {});
  const packet = Object.assign(onePacket(), { capture: "nflog:1" });
  const frames: Uint8Array[] = [];
  const out = new Uint8Array(500_000);
  const firstSecond = Math.floor(Date.now() / 1000);
  for (let seq = 0; seq < packets;) {
    let [at, rows] = [0, 0];
    for (; seq < packets; seq++, rows++) {
      const nanoseconds = seq % 400_000 * 2500;
      Object.assign(packet, { seq, seconds: firstSecond + Math.floor(seq / 400_000), nanoseconds });
      const length = encoder.encode(packet, out, at);
      if (length < 0) break;
      at += length;
    }
    frames.push(out.slice(0, at));
    void spooler.append(out.subarray(0, at), rows);
  }
  spooler.close();
  return frames;
}

function rowEncoder(): RowEncoder {
  return new RowEncoder({ hostname: "gate", session: crypto.randomUUID(), payload: false });
}

/** Measures the sender alone; its CPU time is that of this process. */
export async function fromSpool(
  packets: number,
  open: () => Promise<{ figures(): Record<string, number>; close(): Promise<void> }>,
  size: () => Promise<number>,
): Promise<Figures> {
  // The server is a child of this process.
  const own = () => cpuNanoseconds(Deno.pid) / 1000;
  const writer = await open();
  // Once it is open, and its thread is loaded, the first rows are on their way.
  const [cpu, begin] = [own(), performance.now()];
  while (writer.figures().recovered! < packets) await new Promise((go) => setTimeout(go, 5));
  const seconds = (performance.now() - begin) / 1000;
  const cpuMicros = own() - cpu;
  await writer.close();
  return { rows: packets, seconds, cpuMicros, bytesPerRow: await size() / packets };
}

/** Measures ulogd with an output plugin. */
export async function withUlogd(
  folder: string,
  output: { plugin: string; options: string },
  through: readonly string[],
  arrived: () => Promise<number>,
  size: () => Promise<number>,
): Promise<Figures> {
  await using _rules = await nft([RULE[0]]);
  await using ulogd = await startUlogd(folder, GROUP, output, through);
  const pid = holderOf(readProcFile("/proc/net/netfilter/nfnetlink_log") ?? "", GROUP)!;
  await flood(ULOGD_PACKETS, DATA);
  const [early, before, beginMs] = [await arrived(), cpuOf(pid), Date.now()];
  const { rows, lastMs } = await watch(arrived, ULOGD_PACKETS, ULOGD_MS);
  const cpuMicros = cpuOf(pid) - before;
  const bytesPerRow = await size() / rows;
  await ulogd.stop();
  return { rows: rows - early, seconds: (lastMs - beginMs) / 1000, cpuMicros, bytesPerRow };
}
