/** `nfscribe explain`: an expression in words and in SQL. */

import type { Command } from "../command.ts";

/** `nfscribe explain` */
export const explainCommand: Command = {
  name: "explain",
  summary: "say what an expression chooses, in words and in SQL",
  details: `Prints a sentence, in which parentheses group as nfscribe understood them, and the
condition for each database, over the tables that nfscribe makes: packets, flows, or both. Nothing is
read or connected to.`,
  operands: [{
    name: "EXPR",
    many: true,
    help: "an expression that chooses packets or flows, as in tcp port 22",
  }],
  options: [],
  examples: [
    ["nfscribe explain tcp port 22 or 80 and not src net 10.0.0.0/8", "how it is grouped"],
    [`nfscribe explain 'prefix "DROP*" and in wan0'`, "what to ask a database for"],
  ],
  execute: async (options) => (await import("./explain.ts")).execute(options),
};
