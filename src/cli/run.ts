/**
 * `nfscribe run`: the daemon.
 *
 * @module
 */

import { checkConfig, type LogOptions } from "../config/config.ts";
import { DEFAULT_FILE, readConfigFile } from "../config/file.ts";
import { ConfigError, type ConfigProblem } from "../errors.ts";
import { isTable } from "../schema.ts";
import { Log } from "../pipeline/log.ts";
import { run } from "../pipeline/run.ts";
import { type Command, type ParsedOptions, UsageError } from "./command.ts";

/** `nfscribe run` */
export const runCommand: Command = {
  name: "run",
  summary: "write the packets that firewall rules log to files",
  details: `Options say what a small configuration file would; with -c they replace its
sources and outputs of the same kind. Without any option, ${DEFAULT_FILE} in
the current folder is read. SIGINT (Ctrl-C) and SIGTERM end it: what the kernel
still holds is written, the counters are shown.`,
  options: [
    { name: "config", short: "c", value: "FILE", help: "configuration file (TOML)" },
    { name: "group", value: "N", help: "NFLOG group of the rule, 0 to 65535" },
    { name: "copy-range", value: "N", help: "bytes kept of each packet; 0 keeps all (default)" },
    { name: "pcap", value: "FILE", help: "write a pcap file; - is standard output" },
    { name: "logemu", value: "FILE", help: "write lines as ulogd does; - is standard output" },
  ],
  examples: [
    [
      "nfscribe run --group 1 --copy-range 100 --pcap trace.pcap",
      "the first 100 bytes of each packet",
    ],
    ["nfscribe run --group 1 --logemu -", "a line per packet on the terminal"],
    ["nfscribe run --group 1 --pcap - | tcpdump -l -r - -n", "watch live"],
    ["nfscribe run -c /etc/nfscribe.toml", "what the file says"],
  ],
  execute,
};

async function execute(options: ParsedOptions): Promise<number> {
  const config = checkOptions(options, await readSource(options));
  const log = await openLog(config.log);
  const stop = new AbortController();
  // Listens once: a second signal ends the process in the system's own way.
  const listener = () => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      Deno.removeSignalListener(signal, listener);
    }
    stop.abort();
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, listener);
  try {
    await run(config, log, stop.signal);
  } finally {
    if (!stop.signal.aborted) listener();
  }
  return 0;
}

/** The configuration file, if there is one to read. */
function readSource(
  { config, group, pcap, logemu }: ParsedOptions,
): Promise<Record<string, unknown>> {
  if (config === undefined && (group ?? pcap ?? logemu) !== undefined) {
    return Promise.resolve({});
  }
  return readConfigFile(config ?? DEFAULT_FILE);
}

/** Which option stands for which key. */
const SPELLINGS: readonly (readonly [key: string, option: string])[] = [
  ["source[0].group", "group"],
  ["source[0].copy_range", "copy-range"],
  ["output.pcap.path", "pcap"],
  ["output.logemu.path", "logemu"],
];

/** Puts the options into the configuration, and checks the whole. */
function checkOptions(options: ParsedOptions, value: Record<string, unknown>) {
  const { group } = options;
  const copyRange = options["copy-range"];
  if (group === undefined && value.source === undefined && options.config === undefined) {
    throw new UsageError("--group is missing: the number that the rule names, as in --group 1");
  }
  if (group !== undefined) value.source = [{ type: "nflog", group: numberOf(group) }];
  if (copyRange !== undefined && Array.isArray(value.source)) {
    for (const source of value.source.filter(isTable)) source.copy_range = numberOf(copyRange);
  }
  for (const name of ["pcap", "logemu"]) {
    const path = options[name];
    if (path === undefined) continue;
    value.output ??= {};
    // What is no table is left for the check to name.
    if (isTable(value.output)) value.output[name] = { ...tableOf(value.output[name]), path };
  }
  if (value.output === undefined && options.config === undefined) {
    throw new UsageError("There is no output: say where packets go, as in --pcap trace.pcap");
  }
  const file = options.config ?? DEFAULT_FILE;
  try {
    return checkConfig(value, file);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new ConfigError(
      options.config ?? "nfscribe run",
      error.problems.map((problem) => spelledAsOption(problem, options)),
    );
  }
}

function spelledAsOption(problem: ConfigProblem, options: ParsedOptions): ConfigProblem {
  const option = SPELLINGS.find(([key, name]) => key === problem.key && options[name] !== undefined)
    ?.[1];
  return option === undefined ? problem : { ...problem, key: `--${option}` };
}

function tableOf(value: unknown): Record<string, unknown> {
  return isTable(value) ? value : {};
}

/** A number as it was typed; what is none is left for the check to name. */
function numberOf(text: string): number | string {
  return /^\d+$/.test(text) ? Number(text) : text;
}

async function openLog(options: LogOptions): Promise<Log> {
  const file = options.file === "-"
    ? Deno.stderr
    : await Deno.open(options.file, { append: true, create: true, mode: 0o640 });
  const encoder = new TextEncoder();
  return new Log(options, (line) => file.writeSync(encoder.encode(line)));
}
