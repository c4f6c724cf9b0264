/**
 * `nfscribe import`: a configuration out of ulogd's.
 *
 * @module
 */

import { importUlogd } from "../migrate/ulogd/import.ts";
import type { Command, ParsedOptions } from "./command.ts";
import { readInput } from "./input.ts";

/** `nfscribe import` */
export const importCommand: Command = {
  name: "import",
  summary: "print a configuration that does what ulogd.conf does",
  details: `Reads a configuration of ulogd 1 or 2 and prints one for nfscribe, with a comment
for each thing that has no counterpart. Changes nothing. A password is never
printed.`,
  operands: [{ name: "FILE", help: "ulogd's configuration; - is standard input" }],
  options: [],
  examples: [
    ["nfscribe import /etc/ulogd.conf > nfscribe.toml", "then: nfscribe check -c nfscribe.toml"],
  ],
  execute,
};

async function execute(options: ParsedOptions): Promise<number> {
  const file = options.FILE!;
  const name = file === "-" ? "standard input" : file;
  console.log(importUlogd(await readInput(file), name));
  return 0;
}
