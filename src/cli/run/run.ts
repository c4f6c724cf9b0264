/**
 * The work of `nfscribe run`: the daemon.
 *
 * @module
 */

import type { Config } from "../../config/config.ts";
import { deniedText } from "../../credentials/denied.ts";
import { ownPathsOf } from "../../credentials/own_paths.ts";
import { Privileges, warnOfRoot } from "../../credentials/privileges.ts";
import { type Credentials, credentialsOf } from "../../credentials/user.ts";
import type { Log } from "../../pipeline/log.ts";
import { needsOf, requireNeeds } from "../../pipeline/needs.ts";
import { run } from "../../pipeline/run.ts";
import { pidFileNeeds } from "../../service/pid_file.ts";
import { Service } from "../../pipeline/service.ts";
import { type ParsedOptions, UsageError } from "../command.ts";
import { openLog } from "../log.ts";
import { configOf, fileOf, printFlags } from "../options.ts";
import { giveUpRights } from "../rights.ts";
import { Signals } from "../signals.ts";
import { DONE, LOST } from "../status.ts";
import { typeCheck } from "../type_check.ts";

/** Does it; returns the exit status. */
export async function execute(options: ParsedOptions): Promise<number> {
  const file = fileOf(options);
  const readConfig = () => configOf(options, "run");
  const config = await readConfig();
  const takeover = takeoverOf(options, config);
  const pidFile = options["pid-file"];
  const needs = needsOf(config, file);
  if (pidFile !== undefined) needs.push(...pidFileNeeds(pidFile));
  if (options.flags !== undefined) {
    await typeCheck(config.filter?.script);
    printFlags(needs, options);
    return DONE;
  }
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
