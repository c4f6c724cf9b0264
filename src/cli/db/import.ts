/** `nfscribe db import`: packets of capture files into a table. */

import { checkConfig, type Config } from "../../config/config.ts";
import { type ParsedOptions, UsageError } from "../command.ts";
import { CAPTURE_FILES } from "../part_options.ts";
import { replay } from "../replay/replay.ts";
import type { DatabaseOutput } from "./options.ts";

/**
 * Runs the files through the output into the table, without filter.
 *
 * @returns The exit status.
 * @throws {ConfigError} If the output's options are wrong.
 */
export async function importFiles(output: DatabaseOutput, given: ParsedOptions): Promise<number> {
  if (given.EXPR === undefined) {
    throw new UsageError("db import needs capture files, as in nfscribe db import trace.pcap");
  }
  return await replay(configOf(output, given.EXPR.split("\n")), output.file, given);
}

function configOf({ type, table, options, file, name }: DatabaseOutput, files: string[]): Config {
  // A running nfscribe has the output's own spool.
  const spool = `${options.spool}-import`;
  return checkConfig({
    source: [{ type: CAPTURE_FILES.type, [CAPTURE_FILES.identity]: files }],
    output: { [name ?? type.type]: { ...table, type: type.type, spool } },
  }, file ?? "nfscribe db import");
}
