/** Runs `nfscribe check`: checks the configuration and prints the rights that it needs. */

import type { Config } from "../../config/config.ts";
import { denialLine } from "../../privileges/denied.ts";
import { assumeServiceOf, denialsFor, type Runner, runnerOf } from "../../daemon/runner.ts";
import { mayActFor } from "../../privileges/user.ts";
import { ConfigError } from "../../errors.ts";
import type { FilterOptions } from "../../filter/options.ts";
import { unlessAbsent } from "../../files/place.ts";
import { askReload, type ReloadAnswer } from "../../handover/reload_question.ts";
import { escaped, escapedLines, inOneLine } from "../../text/escape.ts";
import type { Need } from "../../permission.ts";
import { Log } from "../../log/log.ts";
import { flagsOf, needsOf } from "../../daemon/permissions.ts";
import { isGranted } from "../../permission.ts";
import { captureProblem, missingFolders, placeProblem } from "../../daemon/openable.ts";
import { loadFilter } from "../../daemon/run.ts";
import type { ParsedOptions } from "../command.ts";
import { pidFileNeeds } from "../../systemd/pid_file.ts";
import { libcNeed } from "../../source/libc_need.ts";
import { kindOf } from "../../source/define.ts";
import { sources as sourceTypes } from "../../source/sources.ts";
import { configOf, fileOf, printFlags } from "../options.ts";
import { absolute } from "../../text/path.ts";
import { commandWord } from "../init/place.ts";
import { quoted } from "../../text/shell_quoted.ts";
import { DONE } from "../status.ts";
import { canTypeCheck, typeCheck } from "../type_check.ts";

/** Columns that a flag may take, so that its line fits into every terminal. */
const FLAG_MAX = 76;

/** The filter's part of the report. */
const TYPES_CHECKED = "types checked, loads";
const TYPES_UNKNOWN = "loads (types not checked: no --allow-run, --allow-write)";

function printSchema({ default: schema }: { default: unknown }): number {
  console.log(JSON.stringify(schema, null, 2));
  return DONE;
}

/** Runs the command; returns the exit status. */
export async function execute(options: ParsedOptions): Promise<number> {
  if (options.schema !== undefined) {
    return printSchema(
      await import("../../../schema/packet.schema.json", { with: { type: "json" } }),
    );
  }
  if (options["counter-schema"] !== undefined) {
    return printSchema(
      await import("../../../schema/counter.schema.json", { with: { type: "json" } }),
    );
  }
  if (options["flow-schema"] !== undefined) {
    return printSchema(
      await import("../../../schema/flow.schema.json", { with: { type: "json" } }),
    );
  }
  const file = fileOf(options);
  assumeServiceOf(file);
  const config = await configOf(options, "check");
  const pidFile = options["pid-file"];
  const needs = [...needsOf(config, file), ...pidFile === undefined ? [] : pidFileNeeds(pidFile)];
  const script = config.filter?.script;
  await typeCheck(script);
  if (options.flags !== undefined) {
    printFlags(needs, options);
    return DONE;
  }
  const files = script === undefined
    ? []
    : await loadFilter(config, new Log(config.log, writeError));
  for (const source of config.sources) {
    const problem = await captureProblem(source);
    if (problem !== undefined) throw problem;
  }
  const runner = runnerFor(config, file);
  const running = await askRunning(config, file, runner);
  if (options.reload !== undefined && running?.refusal !== undefined) {
    const message = `process ${running.pid} runs on as it was: ${running.refusal}`;
    throw new ConfigError(file!, [{ key: "", message }]);
  }
  // These take what the user may not.
  const [nfscribe, types] = [commandWord(), canTypeCheck() ? TYPES_CHECKED : TYPES_UNKNOWN];
  const user = runner && judge(runner, { config, file, needs, files });
  const problem = config.outputs.map(placeProblem).find((problem) => problem !== undefined);
  if (problem !== undefined) throw problem;
  if (options.quiet !== undefined) return DONE;
  console.log(report(config, file, { flags: flagsOf(needs), types, user, running }));
  // Where options change what the file says, they would have to be typed again.
  if (file !== undefined && Object.keys(options).every((name) => name === "config")) {
    const named = options.config === undefined ? "" : ` -c ${quoted(file)}`;
    console.log(`\n${nextText(runner, config, `${nfscribe} run${named}`, running)}`);
  }
  return DONE;
}

/** Returns the user that nfscribe will act for, as far as this process may ask the system. */
function runnerFor(config: Config, file: string | undefined): Runner | undefined {
  if (!isGranted(libcNeed("who will run it"))) return undefined;
  return runnerOf(config, file === undefined ? undefined : { file, path: absolute(file) });
}

/** Asks the process that runs this file, if there is one, whether a reload takes it. */
async function askRunning(
  { stats }: Config,
  file: string | undefined,
  runner: Runner | undefined,
): Promise<ReloadAnswer | undefined> {
  const { socket } = stats;
  if (file === undefined || socket === undefined) return undefined;
  if (!isGranted(libcNeed("a question to the running nfscribe"))) return undefined;
  const users = runner === undefined ? [] : [runner.credentials.uid];
  const answer = await askReload(absolute(socket), users);
  return answer !== undefined && isSamePath(answer.file, file) ? answer : undefined;
}

function isSamePath(one: string, other: string): boolean {
  return unlessAbsent(() => Deno.realPathSync(one)) === Deno.realPathSync(other);
}

/** The subject of a check. */
interface Judged {
  config: Config;
  file: string | undefined;
  needs: readonly Need[];
  files: readonly string[];
}

/**
 * Looks at what the user who will run it may not use, and acts for that user from then on.
 *
 * @returns What the report says of that user.
 * @throws {ConfigError} If there is something.
 */
function judge(runner: Runner, { config, file, needs, files }: Judged): string {
  const { credentials: { uid, name }, service } = runner;
  const by = service === undefined ? "" : `, as ${service.unit} says`;
  if (!mayActFor(uid)) return `${name}${by}; as root, check sees what that user may use`;
  const denials = denialsFor(runner, config, needs, files);
  if (denials.length === 0) return `${name}${by}; may use all of this`;
  throw new ConfigError(file ?? "options", [{
    key: "",
    message: [`user ${name}${by && `${by},`} cannot use these:`, ...denials.map(denialLine)].join(
      "\n",
    ),
  }]);
}

function nextText(
  runner: Runner | undefined,
  config: Config,
  run: string,
  running: ReloadAnswer | undefined,
): string {
  // Files that root's own run makes are none that the service may write.
  if (runner?.service === undefined) {
    const missing = missingFolders(config);
    const make = `mkdir -p ${missing.map(quoted).join(" ")}`;
    return `Next: ${missing.length === 0 ? "" : `${make}\n      `}${run}`;
  }
  const name = runner.service.unit.replace(/\.service$/, "");
  const again = running?.refusal === undefined ? "reload" : "restart";
  return `Next: systemctl enable --now ${name}\n      systemctl ${again} ${name}, where it runs already`;
}

function writeError(line: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(line));
}

function report(
  config: Config,
  file: string | undefined,
  { flags, types, user, running }: {
    flags: readonly string[];
    types: string;
    user: string | undefined;
    running: ReloadAnswer | undefined;
  },
): string {
  const { sources, outputs, filter } = config;
  const names = (parts: readonly { name: string }[]) => parts.map(({ name }) => name).join(", ");
  return [
    `${file ?? "options"}: ok`,
    `  sources  ${names(sources)}`,
    `  filter   ${
      filter === undefined
        ? `none: every ${recordWord(config)} goes to every output of its source`
        : filterText(filter, types)
    }`,
    `  outputs  ${names(outputs)}`,
    ...user === undefined ? [] : [`  user     ${user}`],
    ...running === undefined ? [] : [`  reload   ${reloadText(running)}`],
    "",
    "The least rights that it needs:",
    "",
    toPaste(flags),
  ].join("\n");
}

/** Returns the word for records of the sources: as in `packet`, or `record` of several kinds. */
function recordWord({ sources }: Config): string {
  const kinds = new Set(sources.map(({ type, options }) => kindOf(sourceTypes[type]!, options)));
  return kinds.size === 1 ? [...kinds][0]! : "record";
}

function filterText({ script, where }: FilterOptions, types: string): string {
  const parts = [
    ...where === undefined ? [] : [escaped(inOneLine(where))],
    ...script === undefined ? [] : [`${script}: ${types}`],
  ];
  return parts.join("\n           ");
}

function reloadText({ pid, refusal }: ReloadAnswer): string {
  return refusal === undefined
    ? `process ${pid}, which runs with this file, takes it`
    : `process ${pid}, which runs with this file, refuses it: ${escapedLines(refusal)}`;
}

/** Flags as lines for a shell; one that takes more than a line is repeated, with a value each. */
function toPaste(flags: readonly string[]): string {
  return flags.flatMap((flag) => {
    const [name, values = ""] = flag.split(/=(.*)/);
    return flag.length <= FLAG_MAX ? [flag] : values.split(",").map((value) => `${name}=${value}`);
  }).map((flag) => `  ${quoted(flag)}`).join(" \\\n");
}
