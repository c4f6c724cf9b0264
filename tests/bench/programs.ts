/**
 * The measured programs: nfscribe and its peers, with equal settings.
 *
 * @module
 */

import { hasUlogd, LOGEMU_STACK } from "../peers/ulogd.ts";
import { deno, hasProgram, ROOT } from "../system/process.ts";

/** Output of a program. */
export type Kind = "pcap" | "logemu" | "json" | "count";

/** A program that receives the packets of a group. */
export interface Program {
  /** Its name in the table. */
  name: string;
  kind: Kind;
  /** Its NFLOG group. */
  group: number;
  /** Reason why it cannot run; undefined if it can. */
  missing?: string | undefined;
  /** Its command line; it runs in a folder of its own. */
  command: readonly string[];
  /** The file that it writes, in its folder; undefined if it only counts. */
  file?: string;
  /** The C source that it is built from. */
  source?: string;
  /** Name and text of a file that it reads, in its folder. */
  config?: { name: string; text: string };
  environment?: Record<string, string>;
  /** Text that it prints when it is ready; without one, it is ready when it holds its group. */
  ready?: string;
}

/** Settings of all programs, as far as they have them: the defaults of nfscribe. */
const BUFFER_SIZE = 8 * 1024 * 1024;
const QUEUE_THRESHOLD = 512;
const QUEUE_TIMEOUT_MS = 100;

const RIGHTS = ["--allow-ffi", "--allow-read", "--allow-write", "--allow-sys=hostname"];

/** Filters, by what they add to a name: the same port in a script, in an expression, and none. */
const FILTERS = {
  "": ["--filter", `${ROOT}tests/bench/filter.ts`],
  ", expression": ["--where", "udp dst port 9"],
  ", no filter": [],
} as const;

function nfscribe(
  program: string,
  kind: "pcap" | "logemu" | "json",
  group: number,
  filter: keyof typeof FILTERS = "",
): Program {
  const file = `packets.${kind}`;
  const words = ["--group", String(group), `--${kind}`, file, ...FILTERS[filter]];
  return {
    name: `nfscribe ${kind}${filter}`,
    kind,
    group,
    file,
    command: [program, "run", ...words],
    ready: "started",
  };
}

/** Returns a program that uses the library: one thread, no sandbox. */
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

/** Returns ulogd with only the plugins that its output needs. */
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

/** Folders of plugins without a path. */
const PLUGIN_FOLDERS = [
  `/usr/lib/${Deno.build.arch}-linux-gnu/ulogd`,
  "/usr/lib64/ulogd",
  "/usr/lib/ulogd",
];

/**
 * Returns tcpdump. libpcap has no setting for the queue's threshold: the kernel's default of 100
 * packets and one page applies.
 */
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
 * Returns all programs, each with a group of its own, so that all can run while one is measured.
 *
 * @param folder Folder in which programs are built.
 * @param own The command of nfscribe.
 */
export function programs(folder: string, own = `${ROOT}scripts/nfscribe`): Program[] {
  return [
    nfscribe(own, "pcap", 1),
    nfscribe(own, "pcap", 14, ", expression"),
    nfscribe(own, "pcap", 2, ", no filter"),
    library("library.ts", "pcap", 3, "packets.pcap"),
    ulogd("pcap", 4),
    tcpdump(5),
    least(6, folder),
    library("counting.ts", "count", 7),
    nfscribe(own, "logemu", 8),
    nfscribe(own, "logemu", 9, ", no filter"),
    ulogd("logemu", 10),
    nfscribe(own, "json", 11),
    nfscribe(own, "json", 12, ", no filter"),
    ulogd("json", 13),
  ];
}

/** Formats how a program is started, without this machine's folders. */
export function spelled({ command, config }: Program): string {
  const words = command.map((word) =>
    word.replace(ROOT, "").replace(/^.*\/(deno|least|bin\/nfscribe)$/, "$1")
  );
  const line = words.filter((word) => word !== "--quiet" && word !== "--no-prompt").join(" ");
  return config === undefined ? line : `${line}\n${config.text.trimEnd()}`;
}
