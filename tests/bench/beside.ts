/**
 * nfscribe beside ulogd and tcpdump: CPU per packet and loss on the same flood, in
 * one run, in a network namespace of its own.
 *
 *     deno task bench [PACKETS [ROUNDS]]
 *
 * Each program takes UDP packets of 100 bytes from one NFLOG group, one program at a
 * time, with a warm-up first. CPU is user and system time of its whole process.
 * nfscribe writes every batch at once (`sync = true`, its default); ulogd collects,
 * which is its default and cheaper for it.
 *
 * @module
 */

import { readProcFile } from "../../ffi/proc_file.ts";
import { holderOf } from "../../src/source/nflog/bind_error.ts";
import { nft } from "../kernel/firewall.ts";
import { startNfscribe } from "../kernel/nfscribe.ts";
import { flood } from "../kernel/traffic.ts";
import { hasUlogd, LOGEMU_STACK, startUlogd } from "../peers/ulogd.ts";
import { deno, hasProgram, must, temporaryFolder, until } from "../system/process.ts";

const PACKETS = Number(Deno.args[0] ?? 500_000);
const ROUNDS = Number(Deno.args[1] ?? 3);
const GROUP = 1;
/** Data of a UDP packet of 100 bytes. */
const DATA = 72;
/** `sysconf(_SC_CLK_TCK)`: the unit of CPU times in /proc, 100 a second on every Linux Deno runs on. */
const TICKS_PER_SECOND = 100;
/** The file must not grow for so long before a round counts as over. */
const QUIET_MS = 300;

/** A program that takes packets and writes them to a file. */
interface Consumer {
  name: string;
  file: string;
  /** Undefined where it runs, else why not. */
  missing: string | undefined;
  start(folder: string): Promise<AsyncDisposable>;
  kept(path: string): Promise<number>;
}

const pcapRecords = async (path: string) => ((await Deno.stat(path)).size - 24) / 116;
const textLines = async (path: string) => Number((await must(["wc", "-l", path])).split(" ")[0]);
const ulogdMissing = (plugin: string) =>
  hasUlogd(plugin) ? undefined : `needs ulogd 2 with ${plugin}, and root`;

const FILTER = new URL("filter.ts", import.meta.url).pathname;

/** `nfscribe run` with one output, with or without a filter. */
function nfscribe(name: string, output: "pcap" | "logemu", ...filter: string[]): Consumer {
  const file = `n.${output}`;
  return {
    name,
    file,
    missing: undefined,
    start: (folder) =>
      startNfscribe("--group", String(GROUP), `--${output}`, `${folder}/${file}`, ...filter),
    kept: output === "pcap" ? pcapRecords : textLines,
  };
}

const CONSUMERS: readonly Consumer[] = [
  nfscribe("nfscribe pcap", "pcap", "--filter", FILTER),
  nfscribe("  no filter", "pcap"),
  {
    name: "  no sandbox",
    file: "l.pcap",
    missing: undefined,
    start: startLibrary,
    kept: pcapRecords,
  },
  {
    name: "ulogd pcap",
    file: "u.pcap",
    missing: ulogdMissing("PCAP"),
    start: (folder) =>
      startUlogd(folder, GROUP, {
        plugin: "PCAP",
        options: `file="${folder}/u.pcap"`,
      }, ["raw2packet_BASE:BASE"]),
    kept: pcapRecords,
  },
  {
    name: "tcpdump pcap",
    file: "t.pcap",
    missing: hasProgram("tcpdump") ? undefined : "needs tcpdump",
    start: startTcpdump,
    // Records of link type NFLOG are longer by the kernel's attributes.
    kept: async (path) => Number((await must(["tcpdump", "-r", path, "--count"])).split(" ")[0]),
  },
  nfscribe("nfscribe logemu", "logemu", "--filter", FILTER),
  nfscribe("  no filter", "logemu"),
  {
    name: "ulogd logemu",
    file: "u.log",
    missing: ulogdMissing("LOGEMU"),
    start: (folder) =>
      startUlogd(folder, GROUP, {
        plugin: "LOGEMU",
        options: `file="${folder}/u.log"`,
      }, LOGEMU_STACK),
    kept: textLines,
  },
];

/** A program that uses the library: one thread, no sandbox, an object per packet. */
async function startLibrary(folder: string): Promise<AsyncDisposable> {
  const [command, ...args] = deno(
    "--allow-ffi",
    "--allow-read",
    "--allow-write",
    new URL("library.ts", import.meta.url).pathname,
    String(GROUP),
    `${folder}/l.pcap`,
  );
  const child = new Deno.Command(command!, { args, stdin: "null", stdout: "null" }).spawn();
  await until("the program holds its group", () => holder() !== undefined);
  return {
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await child.status;
    },
  };
}

async function startTcpdump(folder: string): Promise<AsyncDisposable> {
  const child = new Deno.Command("tcpdump", {
    args: ["-i", `nflog:${GROUP}`, "-B", "16384", "-Z", "root", "-w", `${folder}/t.pcap`],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  await until("tcpdump holds its group", () => holder() !== undefined);
  return {
    async [Symbol.asyncDispose]() {
      child.kill("SIGINT");
      await child.status;
    },
  };
}

/** The process that holds the group: each of these programs has one netfilter socket. */
function holder(): number | undefined {
  return holderOf(readProcFile("/proc/net/netfilter/nfnetlink_log") ?? "", GROUP);
}

/** CPU time of a process so far, in microseconds. */
function cpuOf(pid: number): number {
  const fields = readProcFile(`/proc/${pid}/stat`)!.replace(/^.*\) /, "").split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 1e6 / TICKS_PER_SECOND;
}

/** Waits until a file no longer grows. */
async function quiet(path: string): Promise<void> {
  let size = -1;
  let since = performance.now();
  await until(`${path} is quiet`, async () => {
    const now = (await Deno.stat(path)).size;
    if (now !== size) since = performance.now();
    size = now;
    return performance.now() - since > QUIET_MS;
  });
}

/** CPU per packet of each round, in microseconds, and how many packets were lost. */
async function measure(consumer: Consumer): Promise<{ cpu: number[]; lost: number }> {
  await using folder = await temporaryFolder();
  await using rules = await nft([["input", `udp dport 9 counter log group ${GROUP} drop`]]);
  const path = `${folder.path}/${consumer.file}`;
  const cpu: number[] = [];
  {
    await using _running = await consumer.start(folder.path);
    const pid = holder()!;
    for (let round = 0; round <= ROUNDS; round++) {
      const before = cpuOf(pid);
      await flood(PACKETS, DATA);
      await quiet(path);
      if (round > 0) cpu.push((cpuOf(pid) - before) / PACKETS);
    }
  }
  return { cpu, lost: await rules.count() - await consumer.kept(path) };
}

const medians = new Map<string, number>();
console.log(`${PACKETS} packets of 100 bytes a round, ${ROUNDS} rounds after a warm-up`);
console.log("program            CPU per packet (least to most)    lost");
for (const consumer of CONSUMERS) {
  if (consumer.missing !== undefined) {
    console.log(`${consumer.name.padEnd(17)}  skipped: ${consumer.missing}`);
    continue;
  }
  const { cpu, lost } = await measure(consumer);
  cpu.sort((a, b) => a - b);
  const median = cpu[cpu.length >> 1]!;
  medians.set(consumer.name, median);
  const [least, most] = [cpu[0]!, cpu.at(-1)!].map((value) => value.toFixed(2));
  const share = (100 * lost / (PACKETS * (ROUNDS + 1))).toFixed(2);
  console.log(
    `${consumer.name.padEnd(17)}  ${median.toFixed(2)} µs (${least} to ${most})`.padEnd(52) +
      `${lost} (${share} %)`,
  );
}
for (
  const [ours, theirs] of [
    ["nfscribe pcap", "ulogd pcap"],
    ["nfscribe pcap", "tcpdump pcap"],
    ["nfscribe logemu", "ulogd logemu"],
  ] as const
) {
  const [a, b] = [medians.get(ours), medians.get(theirs)];
  if (a !== undefined && b !== undefined) {
    console.log(`${ours} takes ${(a / b).toFixed(2)} × ${theirs}`);
  }
}
