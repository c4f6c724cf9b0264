/**
 * The work of `nfscribe test`: a capture file through a filter, without any output.
 *
 * @module
 */

import { checkConfig, type Config } from "../../config/config.ts";
import { readConfigFile } from "../../config/file.ts";
import { Log } from "../../pipeline/log.ts";
import { needsOf, requireNeeds } from "../../pipeline/needs.ts";
import { run } from "../../pipeline/run.ts";
import type { TraceRow } from "../../sandbox/setup.ts";
import type { ParsedOptions } from "../command.ts";
import { DEFAULT_OUTPUTS, namedOutputs } from "../named_outputs.ts";
import { terminalSize } from "../../terminal/stream.ts";
import { printFlags, withAbsolutePaths } from "../options.ts";
import { typeCheck } from "../type_check.ts";
import { type RowText, terminalRows, wholeRow } from "./rows.ts";

/** Does it; returns the exit status. */
export async function execute(options: ParsedOptions): Promise<number> {
  const config = await configFor(options);
  // Nothing is written, whatever outputs there are.
  const needs = needsOf({ ...config, outputs: [] }, options.config);
  if (options.flags === undefined) requireNeeds(needs);
  await typeCheck(config.filter?.script);
  if (options.flags !== undefined) {
    printFlags(needs, options);
    return 0;
  }
  const json = options.json !== undefined;
  const totals = new Map<string, number>(config.outputs.map(({ name }) => [name, 0]));
  const sum = { packets: 0, dropped: 0, failed: 0 };
  const textOf = rowText();
  const show = (row: TraceRow) => {
    sum.packets++;
    if (row.error !== undefined) sum.failed++;
    if (row.outputs.length === 0) sum.dropped++;
    for (const name of row.outputs) totals.set(name, (totals.get(name) ?? 0) + 1);
    console.log(json ? JSON.stringify({ number: sum.packets, ...row }) : textOf(sum.packets, row));
  };
  // The filter's own messages are worth seeing; the pipeline's are not.
  const encoder = new TextEncoder();
  const log = new Log({ ...config.log, level: "info" }, (line) => {
    if (!/: (started|stopped)/.test(line)) Deno.stderr.writeSync(encoder.encode(line));
  });
  const { signal } = new AbortController();
  const { counters } = await run(config, log, { signal, onTrace: (rows) => rows.forEach(show) });
  const { received, malformed } = Object.values(counters.sources)[0]!;
  const outputs = Object.fromEntries(totals);
  if (json) console.log(JSON.stringify({ ...sum, malformed, outputs }));
  else console.log(totalText({ ...sum, malformed }, outputs));
  return sum.failed > 0 || sum.packets < received - malformed ? 1 : 0;
}

/** The configuration's filter settings and outputs, with this script and this file. */
async function configFor(options: ParsedOptions): Promise<Config> {
  const value = options.config === undefined ? {} : await readConfigFile(options.config);
  const names = options.outputs ?? (value.output === undefined ? DEFAULT_OUTPUTS : undefined);
  if (names !== undefined) value.output = namedOutputs(names);
  value.source = [{ type: "pcap", path: options.FILE! }];
  const filter = typeof value.filter === "object" ? value.filter : {};
  value.filter = { ...filter, script: options.FILTER!, workers: 1 };
  const config = checkConfig(value, options.config ?? "nfscribe test");
  return { ...config, filter: withAbsolutePaths(config.filter!) };
}

/** How rows are shown: to a person, or to whatever reads them. */
function rowText(): RowText {
  if (!Deno.stdout.isTerminal()) return wholeRow;
  return terminalRows(terminalSize().columns, !Deno.noColor);
}

function totalText(sum: Record<string, number>, outputs: Record<string, number>): string {
  const pairs = (table: Record<string, number>) =>
    Object.entries(table).map(([name, count]) => `${name} ${count}`).join(", ");
  return `\n${pairs(sum)}\noutputs: ${pairs(outputs)}`;
}
