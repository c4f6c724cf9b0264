/** `nfscribe try`: a network of one's own to try things in. */

import type { Command } from "../command.ts";

/** `nfscribe try` */
export const tryCommand: Command = {
  name: "try",
  summary: "run a command, or a shell, in a network of its own, without root",
  details: `Makes a network namespace in which loopback is up, and runs the command there.
The command may configure that network: load rules, bind groups, send packets.
Nothing outside is changed, and nothing reaches the world outside. All of it
goes when the last program there ends. Users stay who they are; root remains
root. Without a command it is the shell of SHELL, which shows what to try.

The exit status is the command's; 1 where the system gives no network namespace.`,
  operands: [{ name: "COMMAND", isCommand: true, help: "the command; a shell without one" }],
  options: [],
  examples: [
    ["nfscribe try", "a shell, to load rules and log what they match"],
    ["nfscribe try nft -c -f rules.nft", "are these rules right?"],
    ["nfscribe try sh -c 'nft -f rules.nft && nfscribe run'", "both in the same network"],
  ],
  execute: async (options) => (await import("./try.ts")).execute(options),
};
