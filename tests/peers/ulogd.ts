/**
 * ulogd 2 as another process.
 *
 * @module
 */

import { fromFileUrl } from "../../src/text/file_url.ts";
import { readProcFile } from "../../ffi/proc_file.ts";
import { holderOf } from "../../src/source/nflog/bind_error.ts";
import { hasProgram, must, until } from "../system/process.ts";

/** Where Debian and others keep its plugins. */
const PLUGIN_FOLDERS = [
  `/usr/lib/${Deno.build.arch}-linux-gnu/ulogd`,
  "/usr/lib64/ulogd",
  "/usr/lib/ulogd",
];

/**
 * The folder that holds a plugin.
 *
 * @param plugin As in `output_PCAP`.
 * @returns Its path; undefined where ulogd or the plugin is not installed.
 */
function pluginFolder(plugin: string): string | undefined {
  return PLUGIN_FOLDERS.find((folder) => {
    try {
      return Deno.statSync(`${folder}/ulogd_${plugin}.so`).isFile;
    } catch {
      return false;
    }
  });
}

/** Where the kernel tells who holds which group; only root of the first user namespace may read it. */
const HOLDERS = "/proc/net/netfilter/nfnetlink_log";

/**
 * Whether ulogd can be started here with an output plugin, and seen to be ready.
 *
 * @param plugin As in `PCAP`.
 */
export function hasUlogd(plugin: string): boolean {
  return hasProgram("ulogd") && pluginFolder(`output_${plugin}`) !== undefined &&
    readProcFile(HOLDERS) !== undefined;
}

/** The plugins between NFLOG and LOGEMU, as Debian's configuration names them. */
export const LOGEMU_STACK: readonly string[] = [
  "raw2packet_BASE:BASE",
  "filter_IFINDEX:IFINDEX",
  "filter_IP2STR:IP2STR",
  "filter_HWHDR:HWHDR",
  "filter_PRINTPKT:PRINTPKT",
];

/** A running ulogd; disposing ends it, after it has written what it has. */
export interface Ulogd extends AsyncDisposable {
  /** Ends it. */
  stop(): Promise<void>;
}

/**
 * Starts ulogd on a group with one output.
 *
 * @param folder For its configuration and log.
 * @param group The NFLOG group.
 * @param output The output plugin, as in `PCAP`, and its options.
 * @param through Plugins between input and output, as in `["raw2packet_BASE:BASE"]`.
 * @returns It, once it has bound its group.
 */
export async function startUlogd(
  folder: string,
  group: number,
  output: { plugin: string; options: string },
  through: readonly string[],
): Promise<Ulogd> {
  return await start(folder, output, {
    names: ["inppkt_NFLOG:NFLOG", ...through],
    options: [
      `group=${group}`,
      "netlink_socket_buffer_size=16777216",
      "netlink_socket_buffer_maxsize=134217728",
    ],
    isReady: () => holderOf(readProcFile(HOLDERS) ?? "", group) !== undefined,
  });
}

/**
 * Starts ulogd on a ULOG group that other processes send to.
 *
 * @param folder For its configuration, its log and the shim.
 * @param group The ULOG group, 1 to 32.
 * @param output The output plugin, and its options.
 * @param through Plugins between input and output.
 * @returns It, once it has joined the group.
 */
export async function startUlogdOnUlog(
  folder: string,
  group: number,
  output: { plugin: string; options: string },
  through: readonly string[],
): Promise<Ulogd> {
  const source = fromFileUrl(new URL("ulog_shim.c", import.meta.url).href);
  const shim = `${folder}/ulog_shim.so`;
  await must(["gcc", "-shared", "-fPIC", "-o", shim, source, "-ldl"]);
  return await start(folder, output, {
    names: ["inppkt_ULOG:ULOG", ...through],
    options: [`nlgroup=${group}`],
    environment: { LD_PRELOAD: shim },
    // A bit for each group that somebody has joined, in the column behind the process id.
    isReady: () =>
      (readProcFile("/proc/net/netlink") ?? "").split("\n").some((line) => {
        const [, family, , groups] = line.trim().split(/\s+/);
        return family === "2" && (parseInt(groups!, 16) >>> (group - 1) & 1) === 1;
      }),
  });
}

/** Where packets come from, and how it is seen that they may. */
interface Input {
  names: readonly string[];
  options: readonly string[];
  environment?: Record<string, string>;
  isReady: () => boolean;
}

async function start(
  folder: string,
  output: { plugin: string; options: string },
  input: Input,
): Promise<Ulogd> {
  const plugins = pluginFolder(`output_${output.plugin}`)!;
  const names = [...input.names, `output_${output.plugin}:${output.plugin}`];
  const parts = names.map((name) => name.split(":") as [file: string, plugin: string]);
  const log = `${folder}/ulogd.log`;
  const config = [
    "[global]",
    `logfile="${log}"`,
    "loglevel=3",
    ...parts.map(([file]) => `plugin="${plugins}/ulogd_${file}.so"`),
    `stack=${parts.map(([, plugin], index) => `part${index}:${plugin}`).join(",")}`,
    "[part0]",
    ...input.options,
    `[part${parts.length - 1}]`,
    output.options,
  ];
  await Deno.writeTextFile(`${folder}/ulogd.conf`, config.join("\n") + "\n");
  const child = new Deno.Command("ulogd", {
    args: ["-c", `${folder}/ulogd.conf`],
    env: input.environment ?? {},
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  let ended = false;
  const status = child.status.then(() => ended = true);
  await until("ulogd holds its group", async () => {
    if (ended) throw new Error(`ulogd ended: ${await Deno.readTextFile(log)}`);
    return input.isReady();
  });
  const stop = async () => {
    if (!ended) child.kill("SIGTERM");
    await status;
  };
  return { stop, [Symbol.asyncDispose]: stop };
}
