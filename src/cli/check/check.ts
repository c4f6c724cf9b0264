/**
 * The work of `nfscribe check`: is the configuration right, and what does it need?
 *
 * @module
 */

import type { Config } from "../../config/config.ts";
import { Log } from "../../pipeline/log.ts";
import { flagsOf, needsOf } from "../../pipeline/needs.ts";
import { loadFilter } from "../../pipeline/run.ts";
import type { ParsedOptions } from "../command.ts";
import { pidFileNeeds } from "../../service/pid_file.ts";
import { configOf, fileOf, printFlags } from "../options.ts";
import { commandWord } from "../init/place.ts";
import { quoted } from "../quoted.ts";
import { canTypeCheck, typeCheck } from "../type_check.ts";

/** Columns that a flag may take, so that its line fits into every terminal. */
const FLAG_MAX = 76;

/** Does it; returns the exit status. */
export async function execute(options: ParsedOptions): Promise<number> {
  const config = await configOf(options, "check");
  const file = fileOf(options);
  const pidFile = options["pid-file"];
  const needs = [...needsOf(config, file), ...pidFile === undefined ? [] : pidFileNeeds(pidFile)];
  const script = config.filter?.script;
  await typeCheck(script);
  if (options.flags !== undefined) {
    printFlags(needs, options);
    return 0;
  }
  if (script !== undefined) await loadFilter(config, new Log(config.log, writeError));
  console.log(report(config, file, flagsOf(needs)));
  // Where options change what the file says, they would have to be typed again.
  if (file !== undefined && Object.keys(options).every((name) => name === "config")) {
    const named = options.config === undefined ? "" : ` -c ${quoted(file)}`;
    console.log(`\nNext: ${commandWord()} run${named}`);
  }
  return 0;
}

function writeError(line: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(line));
}

function report(config: Config, file: string | undefined, flags: readonly string[]): string {
  const { sources, outputs, filter } = config;
  const names = (parts: readonly { name: string }[]) => parts.map(({ name }) => name).join(", ");
  const types = canTypeCheck()
    ? "types checked, loads"
    : "loads (types not checked: no --allow-run, --allow-write)";
  return [
    `${file ?? "options"}: ok`,
    `  sources  ${names(sources)}`,
    `  filter   ${
      filter === undefined
        ? "none: every packet goes to every output"
        : `${filter.script}: ${types}`
    }`,
    `  outputs  ${names(outputs)}`,
    "",
    "The least rights that it needs:",
    "",
    toPaste(flags),
  ].join("\n");
}

/** Flags as lines for a shell; one that takes more than a line is repeated, with a value each. */
function toPaste(flags: readonly string[]): string {
  return flags.flatMap((flag) => {
    const [name, values = ""] = flag.split(/=(.*)/);
    return flag.length <= FLAG_MAX ? [flag] : values.split(",").map((value) => `${name}=${value}`);
  }).map((flag) => `  ${quoted(flag)}`).join(" \\\n");
}
