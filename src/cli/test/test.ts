/** Runs `nfscribe test`: a capture file through a filter, without any output. */

import { checkConfig, type Config } from "../../config/config.ts";
import { ConfigError } from "../../errors.ts";
import { isTable } from "../../schema.ts";
import { foundFile } from "../../config/file.ts";
import { Log } from "../../log/log.ts";
import { needsOf, requireNeeds } from "../../daemon/permissions.ts";
import { run } from "../../daemon/run.ts";
import { type ParsedOptions, UsageError } from "../command.ts";
import { quotedPath } from "../../text/shell_quoted.ts";
import { readFoundFile } from "../found_config.ts";
import { CAPTURE_FILES } from "../part_options.ts";
import { DEFAULT_OUTPUTS, namedOutputs } from "../named_outputs.ts";
import { terminalSize } from "../../terminal/stream.ts";
import { printFlags, spelledAsOption, withAbsolutePaths } from "../options.ts";
import { onTrial } from "../trial.ts";
import { typeCheck } from "../type_check.ts";
import { type RowText, terminalRows, wholeRow } from "./rows.ts";
import { jsonRow, Totals } from "./totals.ts";

/** Runs the command; returns the exit status. */
export async function execute(options: ParsedOptions): Promise<number> {
  requireOrder(options);
  const file = fileOf(options);
  const { config, notice } = await configFor(options, file);
  // Nothing is written, whatever outputs there are.
  const needs = needsOf({ ...config, outputs: [] }, file);
  if (options.flags === undefined) requireNeeds(needs);
  await typeCheck(config.filter?.script);
  if (options.flags !== undefined) {
    printFlags(needs, options);
    return 0;
  }
  const isJson = options.json !== undefined;
  const totals = new Totals(config.outputs.map(({ name }) => name));
  const textOf = isJson ? jsonRow : rowText();
  // The filter's own messages are worth seeing; the pipeline's are not.
  const encoder = new TextEncoder();
  const log = new Log({ ...config.log, level: "info" }, (line) => {
    if (!/: (started|stopped)/.test(line)) Deno.stderr.writeSync(encoder.encode(line));
  });
  if (file !== undefined && options.config === undefined) {
    log.info(`Outputs and the filter's settings are those of ${file}`);
  }
  if (notice !== undefined) log.info(notice);
  const { signal } = new AbortController();
  const { counters } = await run(config, log, {
    signal,
    onTrace: (rows) => {
      for (const row of rows) {
        totals.add(row);
        console.log(textOf(totals.sum.packets, row));
      }
    },
  });
  // Nothing is written, so that only what has no record fails.
  for (const [name, { failed }] of Object.entries(counters.outputs)) totals.addUnfit(name, failed);
  const { received, malformed } = Object.values(counters.sources)[0]!;
  console.log(isJson ? totals.json(malformed) : totals.text(malformed));
  const { packets, failed } = totals.sum;
  return failed > 0 || packets < received - malformed ? 1 : 0;
}

const SCRIPT = /\.[mc]?[jt]s$/;

/** Refuses a capture file in front of its filter, and a filter alone. */
function requireOrder({ FILTER, FILE }: ParsedOptions): void {
  if (!SCRIPT.test(FILE!)) return;
  if (FILTER === undefined) throw new UsageError("FILE is missing: the pcap file");
  if (SCRIPT.test(FILTER)) return;
  const words = [FILE!, FILTER].map(quotedPath).join(" ");
  throw new UsageError(`The filter comes first: nfscribe test ${words}`);
}

/**
 * Returns the configuration file: the one that is named, or, where nothing says what outputs there
 * are, the usual one, if there is one.
 */
function fileOf({ config, outputs }: ParsedOptions): string | undefined {
  if (config !== undefined || outputs !== undefined) return config;
  return foundFile();
}

/**
 * Returns the configuration's filter settings and outputs, with this script and this
 * capture file.
 */
async function configFor(options: ParsedOptions, file: string | undefined) {
  const value = file === undefined ? {} : await readFoundFile(file, options);
  const names = options.outputs ?? (value.output === undefined ? DEFAULT_OUTPUTS : undefined);
  if (names !== undefined) value.output = namedOutputs(names);
  // The capture file may be one that an output writes otherwise: that is for runs to refuse.
  const { sources } = checkConfig({
    source: [capturesOf(options.FILE!)],
    output: namedOutputs(DEFAULT_OUTPUTS),
  }, "nfscribe test");
  value.source = [capturesOf("-")];
  const { script: _, ...filter } = isTable(value.filter) ? value.filter : {};
  const { FILTER: script, where = filter.where } = options;
  if (script === undefined && where === undefined) {
    throw new UsageError(
      "FILTER is missing: the filter script; or write an expression, as in --where 'tcp port 22'",
    );
  }
  value.filter = {
    ...filter,
    ...script !== undefined && { script },
    ...where !== undefined && { where },
    workers: 1,
  };
  const config = check(value, file ?? "nfscribe test", options);
  const trial = onTrial(withAbsolutePaths(config.filter!), options);
  // Counters are not served, and messages go to standard error.
  const unused = { stats: {}, log: { ...config.log, file: "-" } };
  return { config: { ...config, ...unused, sources, filter: trial.filter }, notice: trial.notice };
}

function check(value: Record<string, unknown>, file: string, options: ParsedOptions): Config {
  try {
    return checkConfig(value, file);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new ConfigError(file, error.problems.map((problem) => spelledAsOption(problem, options)));
  }
}

/** Returns the table of a source that reads a capture file. */
function capturesOf(file: string): Record<string, unknown> {
  return { type: CAPTURE_FILES.type, [CAPTURE_FILES.identity]: file };
}

/** Returns how rows are written: for people, or for programs. */
function rowText(): RowText {
  if (!Deno.stdout.isTerminal()) return wholeRow;
  return terminalRows(terminalSize().columns, !Deno.noColor);
}
