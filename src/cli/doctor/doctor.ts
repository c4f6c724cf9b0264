/** Runs `nfscribe doctor`: prints findings as they come. */

import { examinationNeeds, examine } from "../../doctor/examine.ts";
import { examineService, serviceNeeds } from "../../doctor/service_reader.ts";
import { ConfigError, OutputError } from "../../errors.ts";
import { type Finding, fix } from "../../finding.ts";
import { needsOf } from "../../daemon/permissions.ts";
import { assumeServiceOf } from "../../daemon/runner.ts";
import { factsIn, type InstalledUnit, installedUnit, UNIT, unitNeeds } from "../../systemd/unit.ts";
import { absolute } from "../../text/path.ts";
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
export async function execute({ json, ...given }: ParsedOptions): Promise<number> {
  const trySeconds = secondsOf(given.try);
  const unit = given.service === undefined ? undefined : serviceUnit(given);
  const options = unit === undefined ? given : { ...given, config: unit.config };
  const file = fileOf(options);
  assumeServiceOf(file);

  const config = await configOf(withOutput(options), "doctor").then((config) => {
    // Throws what is wrong with a password's file.
    if (unit !== undefined) needsOf(config, file);
    return config;
  }).catch((error) => {
    // The service may still be looked at.
    if (unit === undefined) throw error;
    return problemFindings(error);
  });
  if (options.flags !== undefined) {
    const needs = Array.isArray(config) ? [] : examinationNeeds(config, file);
    const ofService = unit === undefined ? [] : [...serviceNeeds(unit.unit), ...unitNeeds()];
    printFlags([...needs, ...ofService, ...commandNeeds()], options);
    return DONE;
  }
  const findings: Finding[] = [];
  const isText = json === undefined;
  const look = {
    columns: Deno.stdout.isTerminal() ? terminalSize().columns : COLUMNS,
    colored: Deno.stdout.isTerminal() && !Deno.noColor,
  };
  const report = (finding: Finding) => {
    findings.push(finding);
    if (isText) console.log(findingLines(finding, look).join("\n"));
  };
  if (unit !== undefined) {
    for (const finding of examineService(unit.unit, unit.config)) report(finding);
  }
  if (Array.isArray(config)) config.forEach(report);
  else {
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
    for await (const finding of examine(examination)) report(finding);
  }
  const well = isWell(findings);
  if (isText) console.log(`\n${summaryLine(findings)}`);
  else console.log(jsonLine({ config: file ?? null, ok: well, checks: findings }));
  return well ? DONE : FAILED;
}

/**
 * Finds the service, and the configuration that it runs.
 *
 * @throws {ConfigError} If there is none.
 * @throws {UsageError} If options name another configuration.
 */
function serviceUnit({ config: named }: ParsedOptions): { unit: InstalledUnit; config: string } {
  const unit = installedUnit();
  const config = unit && factsIn(unit.texts).config;
  if (unit === undefined || config === undefined) {
    throw new ConfigError(unit?.paths.join(", ") ?? UNIT, [{
      key: "",
      message: unit === undefined
        ? "Cannot look at it: there is none; scripts/install and the Debian package bring it, and for " +
          "the one file nfscribe init --service makes it"
        : "its ExecStart= names no configuration with -c",
    }]);
  }
  if (named !== undefined && absolute(named) !== config) {
    throw new UsageError(`--service looks at ${config}, which ${UNIT} runs; leave -c out`);
  }
  return { unit, config };
}

/**
 * Returns the findings for an error of the configuration or of an output.
 *
 * @throws The error, if it is another one.
 */
function problemFindings(error: unknown): Finding[] {
  const finding = (check: string, message: string, named = "") => {
    const [what, ...advice] = message.split("; ");
    return fix(check, `${named}${what}`, advice.join("; ") || "correct it");
  };
  if (error instanceof OutputError) return [finding(`output ${error.output}`, error.message)];
  if (!(error instanceof ConfigError)) throw error;
  return error.problems.map(({ key, message }) =>
    finding("configuration", message, key === "" ? "" : `${key}: `)
  );
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
