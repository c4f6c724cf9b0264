/**
 * `nfscribe run`: the daemon.
 *
 * @module
 */

import type { Config } from "../config/config.ts";
import { DEFAULT_FILE } from "../config/file.ts";
import { deniedText } from "../credentials/denied.ts";
import { ownPathsOf } from "../credentials/own_paths.ts";
import { Privileges, warnOfRoot } from "../credentials/privileges.ts";
import { type Credentials, credentialsOf } from "../credentials/user.ts";
import type { Log } from "../pipeline/log.ts";
import { needsOf, requireNeeds } from "../pipeline/needs.ts";
import { run } from "../pipeline/run.ts";
import { pidFileNeeds } from "../service/pid_file.ts";
import { Service } from "../pipeline/service.ts";
import { type Command, type ParsedOptions, UsageError } from "./command.ts";
import { openLog } from "./log.ts";
import { CONFIG, configOf, fileOf, OUTPUTS, SERVICE, SOURCE } from "./options.ts";
import { giveUpRights } from "./rights.ts";
import { Signals } from "./signals.ts";
import { DONE, LOST } from "./status.ts";
import { typeCheck } from "./type_check.ts";

/** `nfscribe run` */
export const runCommand: Command = {
  name: "run",
  summary: "write the packets that firewall rules log to files",
  details: `Options say what a small configuration file would; with -c they replace its
sources, filter and outputs of the same kind. Without any option, ${DEFAULT_FILE}
in the current folder is read. SIGINT (Ctrl-C) and SIGTERM end it: what the
kernel still holds is written, the counters are shown. SIGHUP opens files anew
and takes the configuration and the filter as they are now; SIGUSR1 shows the
counters. Exit status 3 tells that packets were lost.`,
  options: [
    CONFIG,
    ...SOURCE,
    ...OUTPUTS,
    ...SERVICE,
  ],
  examples: [
    [
      "nfscribe run --group 1 --copy-range 100 --pcap trace.pcap",
      "the first 100 bytes of each packet",
    ],
    ["nfscribe run --group 1 --logemu -", "a line per packet on the terminal"],
    ["nfscribe run --group 1 --pcap - | tcpdump -l -r - -n", "watch live"],
    [
      "nfscribe run --group 1 --pcap trace.pcap --logemu fw.log --filter filter.ts",
      "a filter decides which packet goes where",
    ],
    ["nfscribe run -c /etc/nfscribe.toml", "what the file says"],
  ],
  execute,
};

async function execute(options: ParsedOptions): Promise<number> {
  const file = fileOf(options);
  const readConfig = () => configOf(options, "run");
  const config = await readConfig();
  const takeover = takeoverOf(options, config);
  const pidFile = options["pid-file"];
  const needs = needsOf(config, file);
  if (pidFile !== undefined) needs.push(...pidFileNeeds(pidFile));
  requireNeeds(needs);
  const credentials = credentialsOf(config, file ?? "nfscribe run");
  await typeCheck(config.filter?.script);
  // From the first file on nfscribe acts for the user; only sockets are opened as who started it.
  const privileges = credentials && Privileges.lower(credentials);
  const log = await openLog(config.log);
  if (credentials !== undefined) warnOfDenied(config, file, credentials, log);
  else if (needs.some(({ name }) => name === "ffi")) warnOfRoot(log);
  using signals = new Signals();
  await using service = Service.open({
    pidFile,
    takeover,
    users: credentials === undefined ? [] : [credentials.uid],
  }, log);
  const { lost } = await run(config, log, {
    signal: signals.stop,
    service,
    raised: privileges && ((work) => privileges.raised(work)),
    ...file !== undefined && { readConfig },
    onOpen: (control) => {
      signals.control = control;
      privileges?.drop(log);
      giveUpRights(config, file);
    },
  });
  return lost === 0 ? DONE : LOST;
}

/** The socket of the process to take over from. */
function takeoverOf(options: ParsedOptions, { stats }: Config): string | undefined {
  if (options.takeover === undefined) return undefined;
  if (stats.socket !== undefined) return stats.socket;
  throw new UsageError(
    "--takeover needs [stats] with a socket in the configuration: the running process is asked there",
  );
}

/** Tells what the user will not be able to open again. */
function warnOfDenied(
  config: Config,
  file: string | undefined,
  credentials: Credentials,
  log: Log,
): void {
  const needs = needsOf({ ...config, sources: [] }, file);
  const denied = deniedText(ownPathsOf(config, needs), credentials);
  if (denied !== undefined) log.warn(denied);
}
