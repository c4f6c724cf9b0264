/**
 * Runs ulogd 2 as another process.
 *
 * @module
 */

import { fromFileUrl } from "../../src/text/file_url.ts";
import { readProcFile } from "../../ffi/proc_file.ts";
import { holderOf } from "../../src/source/nflog/bind_error.ts";
import { hasProgram, must, until } from "../system/process.ts";

/** Folders of its plugins on Debian and other systems. */
const PLUGIN_FOLDERS = [
  `/usr/lib/${Deno.build.arch}-linux-gnu/ulogd`,
  "/usr/lib64/ulogd",
  "/usr/lib/ulogd",
];

/**
 * Finds the folder of a plugin.
 *
 * @param plugin A plugin such as `output_PCAP`.
 * @returns Its path; undefined if ulogd or the plugin is not installed.
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

/**
 * File in which the kernel lists the holders of groups; only root of the initial user namespace may
 * read it.
 */
const HOLDERS = "/proc/net/netfilter/nfnetlink_log";

/**
 * Returns whether ulogd can be started with an output plugin, and its readiness can be detected.
 *
 * @param plugin A plugin such as `PCAP`.
 */
export function hasUlogd(plugin: string): boolean {
  return hasProgram("ulogd") && pluginFolder(`output_${plugin}`) !== undefined &&
    readProcFile(HOLDERS) !== undefined;
}

/** The plugins between NFLOG and outputs that print keys, as Debian's configuration names them. */
export const KEYS_STACK: readonly string[] = [
  "raw2packet_BASE:BASE",
  "filter_IFINDEX:IFINDEX",
  "filter_IP2STR:IP2STR",
  "filter_HWHDR:HWHDR",
];

/** The plugins between NFLOG and LOGEMU. */
export const LOGEMU_STACK: readonly string[] = [...KEYS_STACK, "filter_PRINTPKT:PRINTPKT"];

/** A running ulogd; disposing stops it, after it has written its buffers. */
export interface Ulogd extends AsyncDisposable {
  /** Stops it. */
  stop(): Promise<void>;
}

/**
 * Starts ulogd on a group with one output.
 *
 * @param folder Folder for its configuration and log.
 * @param group The NFLOG group.
 * @param output The output plugin, such as `PCAP`, and its options.
 * @param through Plugins between input and output, such as `["raw2packet_BASE:BASE"]`.
 * @returns The process, once it has bound its group.
 */
export async function startUlogd(
  folder: string,
  group: number,
  output: { plugin: string; options: string },
  through: readonly string[],
): Promise<Ulogd> {
  return await startUlogdStacks(folder, group, [{ ...output, through }]);
}

/** An output plugin at the end of a stack. */
export interface UlogdOutput {
  /** The plugin, such as `PCAP`. */
  plugin: string;
  /** Its options, one a line. */
  options: string;
  /** Plugins between input and output, such as `["raw2packet_BASE:BASE"]`. */
  through: readonly string[];
}

/**
 * Starts ulogd on a group with several outputs, each in a stack of its own.
 *
 * @param folder Folder for its configuration and log.
 * @param group The NFLOG group.
 * @param outputs The outputs.
 * @param options Variables of its environment, and further settings of its input.
 * @returns The process, once it has bound its group.
 */
export async function startUlogdStacks(
  folder: string,
  group: number,
  outputs: readonly UlogdOutput[],
  { environment = {}, input = [] }: { environment?: Record<string, string>; input?: string[] } = {},
): Promise<Ulogd> {
  return await start(folder, outputs, {
    name: "inppkt_NFLOG:NFLOG",
    options: [
      `group=${group}`,
      "netlink_socket_buffer_size=16777216",
      "netlink_socket_buffer_maxsize=134217728",
      ...input,
    ],
    environment,
    isReady: () => holderOf(readProcFile(HOLDERS) ?? "", group) !== undefined,
  });
}

/**
 * Starts ulogd on a ULOG group to which other processes send.
 *
 * @param folder Folder for its configuration, its log and the shim.
 * @param group The ULOG group, 1 to 32.
 * @param output The output plugin, and its options.
 * @param through Plugins between input and output.
 * @returns The process, once it has joined the group.
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
  return await start(folder, [{ ...output, through }], {
    name: "inppkt_ULOG:ULOG",
    options: [`nlgroup=${group}`],
    environment: { LD_PRELOAD: shim },
    // A bit for each group with a member, in the column after the process id.
    isReady: () =>
      (readProcFile("/proc/net/netlink") ?? "").split("\n").some((line) => {
        const [, family, , groups] = line.trim().split(/\s+/);
        return family === "2" && (parseInt(groups!, 16) >>> (group - 1) & 1) === 1;
      }),
  });
}

/**
 * Starts ulogd on the events of connection tracking, as they come: it takes new and ended flows.
 *
 * @param folder Folder for its configuration and log.
 * @param outputs The outputs.
 * @returns The process, once it has joined the groups.
 */
export async function startUlogdOnFlows(
  folder: string,
  outputs: readonly UlogdOutput[],
): Promise<Ulogd> {
  return await start(folder, outputs, {
    name: "inpflow_NFCT:NFCT",
    options: [
      "hash_enable=0",
      "netlink_socket_buffer_size=16777216",
      "netlink_socket_buffer_maxsize=134217728",
    ],
    isReady: () =>
      (readProcFile("/proc/net/netlink") ?? "").split("\n").some((line) => {
        const [, family, , groups] = line.trim().split(/\s+/);
        return family === "12" && (parseInt(groups!, 16) & 0b101) === 0b101;
      }),
  });
}

/**
 * Starts ulogd on the objects of nfacct, which it reads each second and does not reset.
 *
 * @param folder Folder for its configuration and log.
 * @param output The output plugin, and its options.
 * @returns The process; its first lines come after a second.
 */
export async function startUlogdOnAccounts(
  folder: string,
  output: Omit<UlogdOutput, "through">,
): Promise<Ulogd> {
  return await start(folder, [{ ...output, through: [] }], {
    name: "inpflow_NFACCT:NFACCT",
    options: ["pollinterval=1", "zerocounter=0", "timestamp=1"],
    isReady: () => true,
  });
}

/** An input, and the test of its readiness. */
interface Input {
  name: string;
  options: readonly string[];
  environment?: Record<string, string>;
  isReady: () => boolean;
}

/** A plugin in a stack: its file, its name, and the name of its instance. */
type Instance = readonly [file: string, plugin: string, id: string];

async function start(
  folder: string,
  outputs: readonly UlogdOutput[],
  input: Input,
): Promise<Ulogd> {
  const plugins = pluginFolder(`output_${outputs[0]!.plugin}`)!;
  const stacks = outputs.map(({ plugin, through }, stack) =>
    [input.name, ...through, `output_${plugin}:${plugin}`].map((name, index): Instance => {
      const [file, plugin] = name.split(":") as [string, string];
      return [file, plugin, index === 0 ? "input" : `part${stack}x${index}`];
    })
  );
  const files = new Set(stacks.flat().map(([file]) => file));
  const log = `${folder}/ulogd.log`;
  const config = [
    "[global]",
    `logfile="${log}"`,
    "loglevel=3",
    ...[...files].map((file) => `plugin="${plugins}/ulogd_${file}.so"`),
    ...stacks.map((parts) => `stack=${parts.map(([, plugin, id]) => `${id}:${plugin}`).join(",")}`),
    "[input]",
    ...input.options,
    ...outputs.flatMap(({ options }, stack) => [`[${stacks[stack]!.at(-1)![2]}]`, options]),
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
