/** `nfscribe import`: a configuration out of ulogd's. */

import type { Command } from "../command.ts";
import { RULES } from "../common_options.ts";

/** `nfscribe import` */
export const importCommand: Command = {
  name: "import",
  summary: "print a configuration that does what ulogd.conf does",
  details: `Reads a configuration of ulogd 1 or 2 and prints one for nfscribe, with a comment
for each thing that has no counterpart. Changes nothing. A password is never
printed.`,
  operands: [{ name: "FILE", help: "ulogd's configuration; - is standard input" }],
  options: [RULES],
  examples: [
    ["nfscribe import /etc/ulogd.conf > nfscribe.toml", "then: nfscribe check -c nfscribe.toml"],
    [
      "iptables-save | nfscribe import /etc/ulogd.conf --rules -",
      "with what becomes of logged packets",
    ],
  ],
  execute: async (options) => (await import("./import.ts")).execute(options),
};
