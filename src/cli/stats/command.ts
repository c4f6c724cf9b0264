/** `nfscribe stats`: the counters of a running nfscribe. */

import type { Command } from "../command.ts";
import { CONFIG, FLAGS } from "../common_options.ts";

/** `nfscribe stats` */
export const statsCommand: Command = {
  name: "stats",
  summary: "show the counters of a running nfscribe",
  details: `Asks the socket that the configuration names under [stats]. Each row adds up:
what a source received was passed, dropped, failed or timed out at the filter;
what was passed or not is written, spooled, dropped, failed or filtered at each
output.`,
  options: [
    CONFIG,
    { name: "socket", value: "PATH", help: "the socket, instead of the configuration's" },
    { name: "watch", help: "print them each second, with what came in it; ? tells the keys" },
    { name: "json", help: "print JSON, for machines; with --watch a document a line" },
    ...FLAGS,
  ],
  examples: [
    ["nfscribe stats -c /etc/nfscribe/nfscribe.toml", "the counters so far"],
    ["nfscribe stats -c /etc/nfscribe/nfscribe.toml --watch", "the counters and rates, live"],
    ["nfscribe stats --socket /run/nfscribe.sock --json | jq .outputs", "one part of them"],
  ],
  execute: async (options) => (await import("./stats.ts")).execute(options),
};
