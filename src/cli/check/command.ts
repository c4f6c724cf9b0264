/** `nfscribe check`: checks the configuration and prints the rights that it needs. */

import type { Command } from "../command.ts";
import { CONFIG, FILTER, FLAGS, SERVICE, WHERE } from "../common_options.ts";
import { OUTPUTS, SOURCE } from "../part_options.ts";

/** `nfscribe check` */
export const checkCommand: Command = {
  name: "check",
  summary: "check configuration and filter, print the rights that they need",
  details: `Opens no socket and no output. The filter is loaded in its sandbox and its
\`start\` is called; its types are checked where Deno may run itself
(--allow-run). Run as root it looks whether the user may use all files that
nfscribe will act for: that of the configuration, or of the service that runs it
with this file. A running nfscribe with the same file, asked on the socket of
[stats], tells whether a reload takes it. Takes the same options as run.`,
  options: [
    CONFIG,
    ...SOURCE,
    ...OUTPUTS,
    WHERE,
    FILTER,
    ...SERVICE,
    { name: "schema", help: "print the JSON Schema of a packet as JSON has it, and end" },
    { name: "flow-schema", help: "print the JSON Schema of a flow as JSON has it, and end" },
    { name: "counter-schema", help: "print the JSON Schema of a counter as JSON has it, and end" },
    { name: "quiet", help: "print nothing where all is right" },
    { name: "reload", help: "fail where the running nfscribe would refuse it" },
    ...FLAGS,
  ],
  examples: [
    ["nfscribe check -c /etc/nfscribe/nfscribe.toml", "before a restart"],
    ["nfscribe check --group 1 --pcap trace.pcap --filter filter.ts", "the same for options"],
    ["nfscribe check --schema > packet.schema.json", "for programs that read lines of JSON"],
    ["nfscribe check --flow-schema > flow.schema.json", "the same for flows"],
  ],
  execute: async (options) => (await import("./check.ts")).execute(options),
};
