/**
 * The programs that are measured: nfscribe and its peers, each told to do the same.
 *
 * @module
 */

import { hasUlogd, LOGEMU_STACK } from "../peers/ulogd.ts";
import { deno, hasProgram, ROOT } from "../system/process.ts";

/** What a program makes of packets. */
export type Kind = "pcap" | "logemu" | "json" | "count";

/** A program that takes the packets of a group. */
export interface Program {
  /** As the table names it. */
  name: string;
  kind: Kind;
  /** The NFLOG group that it takes. */
  group: number;
  /** Why it cannot run here; undefined where it can. */
  missing?: string | undefined;
  /** Its words; it runs in a folder of its own. */
  command: readonly string[];
  /** The file that it writes, in its folder; undefined for one that only counts. */
  file?: string;
  /** The C source that it is built from. */
  source?: string;
  /** A file that it reads, in its folder, and its text. */
  config?: { name: string; text: string };
  environment?: Record<string, string>;
  /** What it says when it is ready; one without is ready when it holds its group. */
  ready?: string;
}

/** What a program is told, as far as it can be told: the defaults of nfscribe. */
const BUFFER_SIZE = 8 * 1024 * 1024;
const QUEUE_THRESHOLD = 512;
const QUEUE_TIMEOUT_MS = 100;

const FILTER = `${ROOT}tests/bench/filter.ts`;
const RIGHTS = ["--allow-ffi", "--allow-read", "--allow-write", "--allow-sys=hostname"];

function nfscribe(kind: "pcap" | "logemu", group: number, filter: boolean): Program {
  const file = `packets.${kind}`;
  const words = ["--group", String(group), `--${kind}`, file];
  if (filter) words.push("--filter", FILTER);
  return {
    name: filter ? `nfscribe ${kind}` : `nfscribe ${kind}, no filter`,
    kind,
    group,
    file,
    command: [`${ROOT}scripts/nfscribe`, "run", ...words],
    ready: "started",
  };
}

/** A program that uses the library: one thread, no sandbox. */
function library(script: string, kind: Kind, group: number, file?: string): Program {
  const rights = file === undefined ? ["--allow-ffi"] : RIGHTS;
  return {
    name: kind === "count" ? "for await, counting" : `for await, ${kind}`,
    kind,
    group,
    command: deno(
      ...rights,
      `${ROOT}tests/bench/${script}`,
      String(group),
      ...file === undefined ? [] : [file],
    ),
    ...file !== undefined && { file },
  };
}

/** ulogd with no more plugins than its output needs. */
function ulogd(kind: "pcap" | "logemu" | "json", group: number): Program {
  const output = kind.toUpperCase();
  const through = {
    pcap: ["raw2packet_BASE:BASE"],
    logemu: LOGEMU_STACK,
    json: ["raw2packet_BASE:BASE", "filter_IP2STR:IP2STR"],
  }[kind];
  const parts = ["inppkt_NFLOG:NFLOG", ...through, `output_${output}:${output}`]
    .map((part) => part.split(":") as [file: string, plugin: string]);
  const file = `packets.${kind}`;
  const text = `[global]
logfile="ulogd.log"
loglevel=3
${parts.map(([file]) => `plugin="ulogd_${file}.so"`).join("\n")}
stack=${parts.map(([, plugin], index) => `part${index}:${plugin}`).join(",")}
[part0]
group=${group}
netlink_socket_buffer_size=${BUFFER_SIZE}
netlink_socket_buffer_maxsize=${BUFFER_SIZE + 1}
netlink_qthreshold=${QUEUE_THRESHOLD}
netlink_qtimeout=${QUEUE_TIMEOUT_MS / 10}
[part${parts.length - 1}]
file="${file}"
`;
  return {
    name: `ulogd ${kind}`,
    kind,
    group,
    missing: hasUlogd(output) ? undefined : `needs ulogd 2 with ${output}`,
    command: ["ulogd", "-c", "ulogd.conf"],
    file,
    config: { name: "ulogd.conf", text },
    environment: { LD_LIBRARY_PATH: PLUGIN_FOLDERS.join(":") },
  };
}

/** Where plugins are that are named without a folder. */
const PLUGIN_FOLDERS = [
  `/usr/lib/${Deno.build.arch}-linux-gnu/ulogd`,
  "/usr/lib64/ulogd",
  "/usr/lib/ulogd",
];

/** libpcap has no word for the queue's threshold: the kernel's own of 100 packets and one page holds. */
function tcpdump(group: number): Program {
  const file = "packets.pcap";
  const buffer = String(BUFFER_SIZE / 1024);
  return {
    name: "tcpdump pcap",
    kind: "pcap",
    group,
    missing: hasProgram("tcpdump") ? undefined : "needs tcpdump",
    command: ["tcpdump", "-i", `nflog:${group}`, "-B", buffer, "-Z", "root", "-w", file],
    file,
  };
}

function least(group: number, folder: string): Program {
  const file = "packets.pcap";
  return {
    name: "the least in C",
    kind: "pcap",
    group,
    missing: hasProgram("gcc") ? undefined : "needs gcc",
    source: `${ROOT}tests/bench/least.c`,
    command: [`${folder}/least`, String(group), file],
    file,
  };
}

/**
 * All programs, each with a group of its own, so that all can run while one is measured.
 *
 * @param folder Where programs are built.
 */
export function programs(folder: string): Program[] {
  return [
    nfscribe("pcap", 1, true),
    nfscribe("pcap", 2, false),
    library("library.ts", "pcap", 3, "packets.pcap"),
    ulogd("pcap", 4),
    tcpdump(5),
    least(6, folder),
    library("counting.ts", "count", 7),
    nfscribe("logemu", 8, true),
    nfscribe("logemu", 9, false),
    ulogd("logemu", 10),
    ulogd("json", 11),
  ];
}

/** How a program is started, to be read: without this machine's folders. */
export function spelled({ command, config }: Program): string {
  const words = command.map((word) => word.replace(ROOT, "").replace(/^.*\/(deno|least)$/, "$1"));
  const line = words.filter((word) => word !== "--quiet" && word !== "--no-prompt").join(" ");
  return config === undefined ? line : `${line}\n${config.text.trimEnd()}`;
}
