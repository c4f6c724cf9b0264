/** Runs `nfscribe replay`. */

import type { Config } from "../../config/config.ts";
import { needsOf, requireNeeds } from "../../daemon/permissions.ts";
import { run } from "../../daemon/run.ts";
import type { ParsedOptions } from "../command.ts";
import { CAPTURE_FILES } from "../part_options.ts";
import { openLog } from "../log.ts";
import { configOf, printFlags } from "../options.ts";
import { Signals } from "../signals.ts";
import { DONE, LOST } from "../status.ts";
import { typeCheck } from "../type_check.ts";
import { ReplayProgress } from "./progress.ts";

/** Runs the command; returns the exit status. */
export async function execute(options: ParsedOptions): Promise<number> {
  const paths = options.FILE!.split("\n");
  const source = {
    type: CAPTURE_FILES.type,
    [CAPTURE_FILES.identity]: paths.length === 1 ? paths[0] : paths,
    follow: options.follow !== undefined,
    ...options.pace !== undefined && { pace: options.pace },
  };
  return await replay(await configOf(options, "replay", source), options.config, options);
}

/**
 * Runs capture files through filter and outputs.
 *
 * @param config The configuration, with the files as its source.
 * @param file The configuration's file.
 * @returns The exit status.
 */
export async function replay(
  config: Config,
  file: string | undefined,
  options: ParsedOptions,
): Promise<number> {
  const needs = needsOf(config, file);
  if (options.flags === undefined) requireNeeds(needs);
  await typeCheck(config.filter?.script);
  if (options.flags !== undefined) {
    printFlags(needs, options);
    return 0;
  }
  using progress = await ReplayProgress.of(config);
  const log = await openLog(config.log, (line) => progress.print(line));
  using signals = new Signals();
  const { lost } = await run(config, log, {
    signal: signals.stop,
    onOpen: (control) => {
      signals.control = control;
      progress.begin(control);
    },
  });
  return lost === 0 ? DONE : LOST;
}
