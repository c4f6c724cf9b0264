/** Runs `nfscribe doctor`: prints findings as they come. */

import { examinationNeeds, examine } from "../../doctor/examine.ts";
import type { Finding } from "../../finding.ts";
import { findingLines, isWell, summaryLine } from "../../doctor/report.ts";
import { jsonLine } from "../../text/escape.ts";
import { terminalSize } from "../../terminal/stream.ts";
import { type ParsedOptions, UsageError } from "../command.ts";
import { configOf, fileOf, printFlags, withOutput } from "../options.ts";
import { SHORT_SOURCES } from "../part_options.ts";
import { commandNeeds, commandWord } from "../init/place.ts";
import { quoted } from "../../text/shell_quoted.ts";
import { DONE, FAILED } from "../status.ts";
import { isSameRun } from "./same_run.ts";
import { canTypeCheck, typeCheck } from "../type_check.ts";

/** Width of the output where standard output is no terminal. */
const COLUMNS = 80;
/** Longest wait of `--try`, in seconds. */
const TRY_MAX = 3600;

/** Runs the command; returns the exit status. */
export async function execute({ json, ...options }: ParsedOptions): Promise<number> {
  const trySeconds = secondsOf(options.try);
  const file = fileOf(options);
  const config = await configOf(withOutput(options), "doctor");
  if (options.flags !== undefined) {
    printFlags([...examinationNeeds(config, file), ...commandNeeds()], options);
    return DONE;
  }
  const findings: Finding[] = [];
  const isText = json === undefined;
  const look = {
    columns: Deno.stdout.isTerminal() ? terminalSize().columns : COLUMNS,
    colored: Deno.stdout.isTerminal() && !Deno.noColor,
  };
  const examination = {
    config,
    file,
    words: { nfscribe: commandWord(), named: namedAgain(options) },
    canTypeCheck: canTypeCheck(),
    typeCheck,
    isOwn: (words: readonly string[], cwd: string | undefined) =>
      isSameRun({ options, cwd: Deno.cwd() }, words, cwd),
    ...trySeconds !== undefined && { trySeconds },
  };
  for await (const finding of examine(examination)) {
    findings.push(finding);
    if (isText) console.log(findingLines(finding, look).join("\n"));
  }
  const well = isWell(findings);
  if (isText) console.log(`\n${summaryLine(findings)}`);
  else console.log(jsonLine({ config: file ?? null, ok: well, checks: findings }));
  return well ? DONE : FAILED;
}

/** Returns options that name the same configuration for another command. */
function namedAgain(options: ParsedOptions): string {
  const { config } = options;
  const sources = SHORT_SOURCES.flatMap(({ shorthand: { name } }) =>
    options[name] === undefined ? [] : [` --${name} ${quoted(options[name])}`]
  );
  return [...config === undefined ? [] : [` -c ${quoted(config)}`], ...sources].join("");
}

function secondsOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const seconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) : NaN;
  if (seconds > 0 && seconds <= TRY_MAX) return seconds;
  throw new UsageError(`--try must be a number of seconds up to ${TRY_MAX}, not "${text}"`);
}
