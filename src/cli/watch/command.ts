/** `nfscribe watch`: packets on the terminal, live. */

import type { Command } from "../command.ts";
import { CONFIG, FILTER, FLAGS, PERMISSIONS, WHERE } from "../common_options.ts";
import { DEFAULT_OUTPUTS } from "../named_outputs.ts";

/** `nfscribe watch` */
export const watchCommand: Command = {
  name: "watch",
  summary: "show packets, flows and counters on the terminal as they come",
  details: `A line a record, until Ctrl-C. Nothing is written to any file. A terminal or pipe
that is slow holds nothing up: packets that it does not take are counted and
told, as are those that the kernel could not hand over. An expression, in the language
of tcpdump and with words such as prefix and snat, chooses among them. With --filter the script
runs in its sandbox, and what it would pass is shown, and where to; it holds no rights,
whatever [filter.permissions] says, unless --permissions is given. A group has one reader;
what a running nfscribe receives is shown with --running, which takes no group: it asks
the socket under [stats], as stats does. So does watch alone, where that nfscribe runs.
On a terminal there are keys: q quits, p pauses, / filters by an expression, t shows the
top destinations, ? tells the others.`,
  operands: [{
    name: "EXPR",
    many: true,
    isOptional: true,
    help: "an expression that chooses packets or flows, as in tcp port 22",
  }],
  options: [
    {
      name: "group",
      value: "N",
      many: true,
      help: "NFLOG group of the rule; may be repeated",
      like: /^\d+$/,
      letter: "i",
    },
    {
      name: "conntrack",
      value: "LIST",
      help: "flows: new, update and destroy, as in new,destroy",
      like: /^(new|update|destroy)\b/,
    },
    {
      name: "accounting",
      value: "N",
      help: "counters of nfacct and nftables, every so many seconds",
    },
    { ...CONFIG, help: "watch the sources of this file (TOML)" },
    { name: "running", help: "what a running nfscribe receives, without a group" },
    { name: "socket", value: "PATH", help: "its socket, instead of the configuration's" },
    { name: "copy-range", value: "N", help: "bytes kept of each packet; 0 keeps all (default)" },
    WHERE,
    { ...FILTER, help: "show what this filter script would pass" },
    { name: "outputs", value: "NAME,…", help: `outputs that it may name (${DEFAULT_OUTPUTS})` },
    PERMISSIONS,
    { name: "count", value: "N", help: "end after so many packets" },
    { name: "stats", help: "rates by group, prefix, port and address instead" },
    { name: "json", help: "an object a line, for other programs" },
    ...FLAGS,
  ],
  examples: [
    ["nfscribe watch --group 1", "what the rule logs, live"],
    [
      `nfscribe watch --group 1 'tcp port 22 and prefix "ssh*"'`,
      "what an expression chooses of it",
    ],
    ["nfscribe watch --running", "what the nfscribe that runs receives"],
    ["nfscribe watch --conntrack new,destroy", "who talks to whom, and how much"],
    ["nfscribe watch --conntrack destroy 'snat and bytes > 1000000'", "of these the large ones"],
    ["nfscribe watch --accounting 10", "how much each counter counts"],
    ["nfscribe watch --group 1 --stats", "who sends how much where to"],
    ["nfscribe watch --group 1 --filter filter.ts", "what a filter would do with it"],
    ["nfscribe watch --group 1 | grep 192.0.2.1", "whole lines, without colours"],
    ["nfscribe watch --group 1 --json --count 10 | jq .source", "for other programs"],
  ],
  execute: async (options) => (await import("./watch.ts")).execute(options),
};
