/**
 * `nfscribe check`: is the configuration right, and what does it need?
 *
 * @module
 */

import type { Config } from "../config/config.ts";
import { Log } from "../pipeline/log.ts";
import { flagsOf, needsOf } from "../pipeline/needs.ts";
import { loadFilter } from "../pipeline/run.ts";
import type { Command, ParsedOptions } from "./command.ts";
import { pidFileNeeds } from "../service/pid_file.ts";
import {
  CONFIG,
  configOf,
  fileOf,
  FLAGS,
  OUTPUTS,
  printFlags,
  SERVICE,
  SOURCE,
} from "./options.ts";
import { canTypeCheck, typeCheck } from "./type_check.ts";

/** `nfscribe check` */
export const checkCommand: Command = {
  name: "check",
  summary: "check configuration and filter, print the rights that they need",
  details: `Opens no socket and no output. The filter is loaded in its sandbox and its
\`start\` is called; its types are checked where Deno may run itself
(--allow-run). Takes the same options as run.`,
  options: [
    CONFIG,
    ...SOURCE,
    ...OUTPUTS,
    ...SERVICE,
    FLAGS,
  ],
  examples: [
    ["nfscribe check -c /etc/nfscribe.toml", "before a restart"],
    ["nfscribe check --group 1 --pcap trace.pcap --filter filter.ts", "the same for options"],
  ],
  execute,
};

async function execute(options: ParsedOptions): Promise<number> {
  const config = await configOf(options, "check");
  const file = fileOf(options);
  const pidFile = options["pid-file"];
  const needs = [...needsOf(config, file), ...pidFile === undefined ? [] : pidFileNeeds(pidFile)];
  const script = config.filter?.script;
  await typeCheck(script);
  if (options.flags !== undefined) {
    printFlags(needs);
    return 0;
  }
  if (script !== undefined) await loadFilter(config, new Log(config.log, writeError));
  console.log(report(config, file, flagsOf(needs).map(quoted).join(" ")));
  return 0;
}

/** A word as a shell takes it. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function writeError(line: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(line));
}

function report(config: Config, file: string | undefined, flags: string): string {
  const { sources, outputs, filter } = config;
  const names = (parts: readonly { name: string }[]) => parts.map(({ name }) => name).join(", ");
  const types = canTypeCheck()
    ? "types checked, loads"
    : "loads (types not checked: no --allow-run)";
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
    `  ${flags}`,
  ].join("\n");
}
