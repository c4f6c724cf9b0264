/** `nfscribe import`: a configuration out of ulogd's. */

import type { Command } from "../command.ts";
import { RULES } from "../common_options.ts";

/** `nfscribe import` */
export const importCommand: Command = {
  name: "import",
  summary: "print a configuration that does what ulogd.conf does",
  details: `Reads a configuration of ulogd 1 or 2 and prints one for nfscribe, with a comment
for each thing that has no counterpart. A password is never printed. Changes
nothing; with --service files stay in folders that ulogd had of its own, and a
drop-in, which is shown, lets nfscribe.service write there: that takes root.`,
  operands: [{ name: "FILE", help: "ulogd's configuration; - is standard input" }],
  options: [
    RULES,
    { name: "service", help: "let nfscribe.service write where ulogd did, by a drop-in" },
  ],
  examples: [
    ["nfscribe import /etc/ulogd.conf > nfscribe.toml", "then: nfscribe check -c nfscribe.toml"],
    [
      "iptables-save | nfscribe import /etc/ulogd.conf --rules -",
      "with what becomes of logged packets",
    ],
    [
      "sudo nfscribe import --service /etc/ulogd.conf > nfscribe.toml",
      "with files where they were",
    ],
  ],
  execute: async (options) => (await import("./import.ts")).execute(options),
};
