/** Runs `nfscribe run`: the daemon. */

import type { Config } from "../../config/config.ts";
import { deniedText } from "../../privileges/denied.ts";
import { ownPathsOf } from "../../daemon/own_paths.ts";
import { requireOpenFiles } from "../../privileges/file_limit.ts";
import { Privileges, warnOfRoot } from "../../privileges/privileges.ts";
import { type Credentials, credentialsOf } from "../../privileges/user.ts";
import type { Log } from "../../log/log.ts";
import { needsOf, requireNeeds } from "../../daemon/permissions.ts";
import { run } from "../../daemon/run.ts";
import {
  checkTypesInProcess,
  mayCheckTypesInProcess,
  uncheckedText,
} from "../../daemon/pool/type_check.ts";
import { pidFileNeeds } from "../../systemd/pid_file.ts";
import { Service } from "../../daemon/service.ts";
import { type ParsedOptions, UsageError } from "../command.ts";
import { openLog } from "../log.ts";
import { configOf, fileOf, printFlags } from "../options.ts";
import { giveUpRights } from "../rights.ts";
import { sources as sourceTypes } from "../../source/sources.ts";
import { Signals } from "../signals.ts";
import { absolute } from "../../text/path.ts";
import { DONE, FAILED, LOST } from "../status.ts";
import { canTypeCheck, typeCheck } from "../type_check.ts";

/** Runs the command; returns the exit status. */
export async function execute(options: ParsedOptions): Promise<number> {
  const file = fileOf(options);
  const config = await configOf(options, "run");
  // Loaded only where it is asked for.
  const page = options.web === undefined ? undefined : await import("./web_page.ts");
  page?.prepareForWeb(config);
  const takeover = takeoverOf(options, config);
  const pidFile = options["pid-file"];
  const needs = needsOf(config, file);
  if (pidFile !== undefined) needs.push(...pidFileNeeds(pidFile));
  if (page !== undefined) needs.push(page.webNeed());
  if (options.flags !== undefined) {
    await typeCheck(config.filter?.script);
    printFlags(needs, options);
    return DONE;
  }
  requireNeeds(needs);
  const webCommand = await page?.webCommandOf(options, config, file);
  if (needs.some(({ name }) => name === "ffi")) requireOpenFiles(config);
  const credentials = credentialsOf(config, file ?? "nfscribe run");
  await typeCheck(config.filter?.script);
  // From the first file on nfscribe acts for the user; only sockets are opened as who started it.
  const privileges = credentials && Privileges.lower(credentials);
  await using log = await openLog(config.log);
  if (credentials !== undefined) warnOfDenied(config, file, credentials, log);
  else if (needs.some(({ name }) => name === "ffi")) warnOfRoot(log, keeperOf(config));
  // What was checked at the start is checked at each change.
  const checksTypes = canTypeCheck() || mayCheckTypesInProcess();
  let checked = config.filter?.script;
  const checkFilter = async ({ filter }: Config) => {
    const script = filter?.script;
    if (!checksTypes || script === undefined || script === checked) return;
    await requireTypes(script, log, signals.stop);
    checked = script;
  };
  using signals = new Signals();
  await using service = Service.open({
    pidFile,
    takeover,
    users: credentials === undefined ? [] : [credentials.uid],
  }, log);
  await using pages = new AsyncDisposableStack();
  let isRefused = false;
  const { lost } = await run(config, log, {
    signal: signals.stop,
    service,
    checksTypes,
    raised: privileges && ((work) => privileges.raised(work)),
    checkFilter,
    ...file !== undefined && {
      readConfig: async () => {
        const next = await configOf(options, "run");
        page?.prepareForWeb(next);
        return next;
      },
      file: absolute(file),
    },
    onOpen: (control) => {
      signals.control = control;
      privileges?.drop(log);
      if (page !== undefined) {
        pages.use(
          new page.WebPage(webCommand!, log, () => {
            isRefused = true;
            signals.end();
          }),
        );
      }
      giveUpRights(config, file);
    },
  });
  // The page has said why.
  if (isRefused) return FAILED;
  return lost === 0 ? DONE : LOST;
}

/**
 * Checks the types of another script than the one that runs.
 *
 * @throws {ConfigError} If there are type errors.
 */
async function requireTypes(script: string, log: Log, signal: AbortSignal): Promise<void> {
  const check = await checkTypesInProcess(script, signal);
  // One that changes right now is checked again when it is loaded.
  if (check === "changed") return;
  if ("failure" in check) log.warn(uncheckedText(check.failure));
  else if (check.error !== undefined) throw check.error;
}

/** Returns the socket of the process to take over from. */
function takeoverOf(options: ParsedOptions, { stats }: Config): string | undefined {
  if (options.takeover === undefined) return undefined;
  if (stats.socket !== undefined) return stats.socket;
  throw new UsageError(
    "--takeover needs [stats] with a socket in the configuration: the running process is asked there",
  );
}

/** Warns of files that the user cannot open again. */
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

/** Returns the name of the first source that takes the rights of the start for good; undefined for none. */
function keeperOf({ sources }: Config): string | undefined {
  return sources.find(({ type, options }) =>
    sourceTypes[type]!.keepsRights?.(options) !== undefined
  )?.name;
}
