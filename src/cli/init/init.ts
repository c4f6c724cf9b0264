/** Writes what a new configuration consists of. */

import { checkConfig } from "../../config/config.ts";
import { ConfigError, InputError } from "../../errors.ts";
import type { Need } from "../../permission.ts";
import { requireNeeds } from "../../daemon/permissions.ts";
import type { RecordKind } from "../../record/kind.ts";
import { DEFAULT_FILE } from "../../config/file.ts";
import { type ParsedOptions, UsageError } from "../command.ts";
import { type KnownActions, knownActions } from "../../import/actions/known.ts";
import { readInput } from "../input.ts";
import { ALL_OUTPUTS, SHORT_SOURCES, shortTable } from "../part_options.ts";
import { numberOf, printFlags, sourceKey, sourceValue, spelledAsOption } from "../options.ts";
import { absolute } from "../../text/path.ts";
import { DONE } from "../status.ts";
import { commandNeeds, commandWord, denoWord, sourcesUrl } from "./place.ts";
import { nextSteps, requireFree, writeAll } from "./files.ts";
import { initFleet } from "./fleet.ts";
import { NAT_LOG_ADVICE, NAT_LOG_STEPS, natLogAnswers, natLogText } from "./nat_log.ts";
import { type Ask, askOutputs, askSource } from "./questions.ts";
import { filterText, testText } from "./script_texts.ts";
import {
  configText,
  denoText,
  type InitAnswers,
  type InitSource,
  kindsOf,
  type SourceAnswer,
} from "./texts.ts";

/** Sources that a configuration can begin with; the first, where nothing names one. */
const SOURCES = SHORT_SOURCES.filter((source): source is InitSource => source.init !== undefined);
/** Writes the files and says what to do next; returns the exit status. */
export async function init(options: ParsedOptions): Promise<number> {
  if (options.service !== undefined) {
    throw new UsageError("--service is for the one file that deno task onefile builds");
  }
  const folder = absolute(`${options.folder ?? "."}/`);
  const needs = needsOf(folder, options.rules);
  if (options.flags !== undefined) {
    printFlags([...needs, ...commandNeeds()], options);
    return DONE;
  }
  requireNeeds(needs);
  requireRight(options);
  if (options["nat-log"] !== undefined) return await initNatLog(folder, options);
  if (options.servers !== undefined && options.fleet === undefined) {
    throw new UsageError("--servers goes with --fleet, which names the hosts");
  }
  if (options.fleet !== undefined) {
    return await initFleet(folder, options, answersOf(options, undefined));
  }
  requireFree(folder, Object.keys(filesOf(answersOf({}, undefined))));
  const rules = options.rules === undefined
    ? undefined
    : knownActions(await readInput(options.rules));
  const asks = options.yes === undefined && Deno.stdin.isTerminal() && Deno.stdout.isTerminal();
  const answers = answersOf(options, asks ? ask : undefined, rules);
  const files = filesOf(answers);
  await writeAll(folder, files);
  console.log(report(options.folder, Object.keys(files), kindsOf(answers)));
  return DONE;
}

/** Writes the configuration of a NAT log and says what to do next. */
async function initNatLog(folder: string, options: ParsedOptions): Promise<number> {
  const files = { [DEFAULT_FILE]: natLogText(natLogAnswers(options), sourcesUrl()) };
  requireFree(folder, Object.keys(files));
  await writeAll(folder, files);
  const lines = NAT_LOG_STEPS.map(([line, help]) => [`${commandWord()} ${line}`, help] as const);
  console.log(nextSteps(options.folder, Object.keys(files), lines, NAT_LOG_ADVICE));
  return DONE;
}

/** Returns the permissions that are needed in any case. */
function needsOf(folder: string, rules = "-"): Need[] {
  const why = "the folder of the new files";
  return [
    { name: "read", value: folder, why },
    { name: "write", value: folder, why },
    ...rules === "-" ? [] : [{ name: "read", value: rules, why: "the rules" } as const],
  ];
}

/** @throws {InputError} If Ctrl-C or Ctrl-D ends the questions. */
function ask(question: string, byDefault: string): string {
  // A default of prompt()'s own would stand in the line, in front of what is typed.
  const answer = prompt(`${question} [${byDefault}]:`);
  if (answer === null) {
    throw new InputError(
      "standard input",
      "Nothing was written: a question was left without an answer; --yes asks none",
    );
  }
  return answer || byDefault;
}

/** Collects options, then answers, then what firewall rules tell, then defaults. */
function answersOf(
  options: ParsedOptions,
  ask: Ask | undefined,
  rules?: KnownActions,
): InitAnswers {
  const named = ALL_OUTPUTS.flatMap((type) => {
    const value = options[type.type];
    return value === undefined ? [] : [{ type, value }];
  });
  const chosen = SOURCES.filter(({ shorthand }) => options[shorthand.name] !== undefined);
  const sources = (chosen.length === 0 ? SOURCES.slice(0, 1) : chosen).map((type) => ({
    type,
    ...sourceOf(type, options[type.shorthand.name], ask, rules?.groups ?? []),
  }));
  const kinds = kindsOf({ sources });
  return {
    sources,
    copyRange: Number(options["copy-range"] ?? 0),
    outputs: named.length > 0
      ? named
      : ask === undefined
      ? offeredFor(kinds)
      : askOutputs(ask, offeredFor(kinds)),
    ...rules !== undefined && { actions: rules },
  };
}

/** Returns the outputs where none is named: those that are offered, and one for each kind at least. */
function offeredFor(kinds: readonly RecordKind[]): InitAnswers["outputs"] {
  const accepting = (kind: RecordKind) =>
    ALL_OUTPUTS.filter((output) => output.kinds.includes(kind));
  const chosen = new Set(kinds.flatMap((kind) => {
    const offered = accepting(kind).filter(({ init }) => init.isOffered);
    return offered.length > 0 ? offered : accepting(kind).slice(0, 1);
  }));
  return ALL_OUTPUTS.filter((type) => chosen.has(type))
    .map((type) => ({ type, value: type.init.value }));
}

/** Returns the source's key and value; `groups` are those that rules log to. */
function sourceOf(
  type: InitSource,
  given: string | undefined,
  ask: Ask | undefined,
  groups: readonly number[],
): Omit<SourceAnswer, "type"> {
  if (given === undefined && type.several !== undefined && groups.length > 1) {
    return { key: type.several.name, value: groups };
  }
  const first = groups[0] === undefined ? type.init.value : String(groups[0]);
  const value = given ?? (ask === undefined ? first : askSource(ask, type, first));
  return { key: sourceKey(type), value: sourceValue(type, value) };
}

/** Makes the texts of the files, by name. */
function filesOf(wishes: InitAnswers): Record<string, string> {
  const sources = sourcesUrl();
  const files = {
    [DEFAULT_FILE]: configText(wishes, sources),
    "filter.ts": filterText(wishes),
  };
  // Without sources there is nothing that a test could import.
  if (sources === undefined) return files;
  return { ...files, "filter_test.ts": testText(wishes), "deno.json": denoText(sources) };
}

/** Options may be wrong, and are looked at before anything is asked or written. */
function requireRight(options: ParsedOptions): void {
  const isNatLog = options["nat-log"] !== undefined;
  const answers = isNatLog ? natLogAnswers(options) : answersOf(options, undefined);
  const { sources, outputs } = answers;
  const copyRange = options["copy-range"];
  const ranged = sources.find(({ type }) => Object.hasOwn(type.entries, "copyRange")) ?? sources[0];
  const output = Object.fromEntries(
    outputs.map(({ type, value }) => [type.type, shortTable(type, value)]),
  );
  for (const source of sources) {
    const { type: { type }, key, value } = source;
    const range = source === ranged && copyRange !== undefined
      ? { copy_range: numberOf(copyRange) }
      : {};
    try {
      checkConfig({ source: [{ type, [key]: value, ...range }], output }, "nfscribe init");
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      throw new ConfigError(
        error.file,
        error.problems.map((problem) => spelledAsOption(problem, options)),
      );
    }
  }
}

/** Reports the files that were written, and the commands to type next. */
function report(
  folder: string | undefined,
  names: readonly string[],
  kinds: readonly RecordKind[],
): string {
  const word = commandWord();
  const hasRules = kinds.includes("packet");
  const rules = ["rules", "prints firewall rules that feed it: load one form of them"] as const;
  const lines = ([
    ...hasRules ? [rules] : [],
    ["check", "is the configuration right, and which rights does it take?"],
    ["run", `logs until Ctrl-C; it ${hasRules ? "and the rules take" : "takes"} root`],
  ] as const).map(([name, help]) => [`${word} ${name}`, help] as const);
  const advice = names.includes("deno.json")
    ? `${denoWord()} test runs the filter's test.`
    : "This nfscribe is one file: editors complete filters, and deno test runs their tests, where\n" +
      "nfscribe's sources are.";
  return nextSteps(folder, names, lines, advice);
}
