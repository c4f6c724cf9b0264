/**
 * Logs the same packets with nfscribe and with its peers.
 *
 * @module
 */

import type { Packet } from "nfscribe";
import { captureSoon } from "../kernel/traffic.ts";
import { startNfscribe } from "../kernel/nfscribe.ts";
import type { LogOption } from "../../src/output/lines/options.ts";
import { must, temporaryFolder, until } from "../system/process.ts";
import type { Frame } from "./frames.ts";
import { followKernelLog } from "./kernel_log.ts";
import { watchLoopback } from "./loopback.ts";
import { type Family, layWire } from "./replay.ts";
import { LOGEMU_STACK, startUlogd } from "./ulogd.ts";

/** Options of a rule's log statement, without the destination. */
export interface Way {
  /** `log prefix`; absent for none. */
  prefix?: string;
  /** Bytes of the packet for the groups; absent for all. */
  snaplen?: number;
}

/** `log flags` of nft for each of nfscribe's `log_options`. */
const FLAGS: Readonly<Record<LogOption, string>> = {
  "tcp-sequence": "flags tcp sequence",
  "tcp-options": "flags tcp options",
  "ip-options": "flags ip options",
  "uid": "flags skuid",
  "macdecode": "flags ether",
};

/** Options of {@linkcode record}. */
export interface RecordOptions {
  /** The frames to replay. */
  frames: readonly Frame[];
  /** Log statements that the packets match in turn. */
  ways: readonly Way[];
  /** The peer. */
  peer: "ulogd" | "kernel";
  /** Options of the kernel's LOG target. */
  logOptions?: readonly LogOption[];
  /** See {@linkcode layWire}; on loopback other packets are sent instead of the frames. */
  family?: Family | "loopback";
  /** See {@linkcode layWire}. */
  mark?: string;
}

/** A packet and its lines. */
export interface Line {
  /** The packet, as {@linkcode captureSoon} returns it. */
  packet: Packet;
  /** The peer's line without its end. */
  theirs: string;
  /** nfscribe's line. */
  ours: string;
}

/** NFLOG groups of the peer, of nfscribe, and of the test itself. */
const GROUPS = { ulogd: 911, nfscribe: 912, test: 913 };

/** Marks that packets get in turn. */
const MARKS =
  "meta mark set numgen inc mod 4 map { 0 : 0, 1 : 42, 2 : 0xdeadbeef, 3 : 0xffffffff }";

/**
 * Replays frames and has nfscribe and a peer log them.
 *
 * @returns A line for each packet that the rules matched.
 * @throws {Error} If a log does not have a line for each.
 */
export async function record(options: RecordOptions): Promise<Line[]> {
  const { frames, ways, peer, family = "inet", mark = MARKS, logOptions = [] } = options;
  await using folder = await temporaryFolder();
  const theirFile = `${folder.path}/logemu.log`;
  const ourFile = `${folder.path}/nfscribe.log`;
  const targets = [`group ${GROUPS.nfscribe}`, `group ${GROUPS.test}`];
  const flags = logOptions.map((option) => FLAGS[option]).join(" ");
  targets.push(peer === "ulogd" ? `group ${GROUPS.ulogd}` : `level debug ${flags}`);
  const log = ways.map(({ prefix, snaplen }) =>
    targets.map((target) =>
      ["log", prefix === undefined ? "" : `prefix "${prefix}"`, target]
        .concat(snaplen === undefined ? [] : [`snaplen ${snaplen}`]).join(" ")
    ).join("\n")
  );
  await using wire = family === "loopback"
    ? await watchLoopback({ folder: folder.path, mark, log })
    : await layWire({ folder: folder.path, family, mark, log });

  await using peers = new AsyncDisposableStack();
  let theirs: () => readonly string[] = () => lines(theirFile);
  if (peer === "ulogd") {
    peers.use(await startLogemu(folder.path, GROUPS.ulogd, theirFile));
  } else {
    const kernel = peers.use(await followKernelLog(wire.inKernelLog));
    theirs = () => kernel.lines;
  }
  const dialect = peer === "ulogd" ? "ulogd2" : "kernel";
  const nfscribe = await startOurs(folder.path, GROUPS.nfscribe, [
    { path: ourFile, dialect, logOptions },
  ]);
  await using _nfscribe = nfscribe;
  await using packets = await captureSoon({ group: GROUPS.test });
  const taken: Packet[] = [];
  const taking = (async () => {
    for await (const packet of packets) taken.push(packet);
  })();

  // Only the kernel log overflows; the others are checked at the end.
  await wire.send(frames, (count) => peer === "ulogd" || theirs().length >= count);
  const count = await wire.count();
  const counts = () => [theirs().length, lines(ourFile).length, taken.length];
  try {
    await until("all logs are complete", () => counts().every((lines) => lines >= count), 10_000);
  } catch {
    // Reported below, in figures.
  }
  try {
    nfscribe.kill("SIGTERM");
  } catch {
    // It ended by itself: its status and its last output are reported below.
  }
  const { code, stderr } = await nfscribe.ended();
  await packets.close();
  await taking;
  const found = counts();
  if (code !== 0 || !found.every((lines) => lines === count)) {
    throw new Error(
      `${count} packets were logged; lines of ${peer}, lines of nfscribe, packets captured: ${found}; ` +
        `nfscribe ended with status ${code}:\n${stderr.slice(-2000)}`,
    );
  }
  const [their, our] = [theirs(), lines(ourFile)];
  return taken.map((packet, index) => ({ packet, theirs: their[index]!, ours: our[index]! }));
}

/** Starts ulogd with one LOGEMU output. */
export function startLogemu(folder: string, group: number, file: string): Promise<AsyncDisposable> {
  const output = { plugin: "LOGEMU", options: `file="${file}"\nsync=1` };
  return startUlogd(folder, group, output, LOGEMU_STACK);
}

/** Starts nfscribe with LOGEMU outputs. */
export async function startOurs(
  folder: string,
  group: number,
  outputs: readonly { path: string; dialect: string; logOptions?: readonly LogOption[] }[],
): ReturnType<typeof startNfscribe> {
  // As ulogd reads it; nfscribe is started without the permission.
  const host = (await must(["uname", "--nodename"])).trim();
  const tables = outputs.map(({ path, dialect, logOptions = [] }) =>
    `[output.${dialect}]\ntype = "logemu"\npath = "${path}"\ndialect = "${dialect}"\n` +
    `hostname = "${host}"\nlog_options = ${JSON.stringify(logOptions)}\n`
  );
  const source = `[[source]]\ntype = "nflog"\ngroup = ${group}\nqueue_timeout_ms = 10\n`;
  const config = `${folder}/nfscribe.toml`;
  await Deno.writeTextFile(config, `${source}${tables.join("")}[log]\nformat = "json"\n`);
  return startNfscribe("-c", config);
}

/** Returns the complete lines of a file; none if the file is missing. */
export function lines(path: string): string[] {
  let text = "";
  try {
    text = Deno.readTextFileSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return text.split("\n").slice(0, -1);
}
