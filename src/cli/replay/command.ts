/** `nfscribe replay`: the same pipeline with a capture file as its source. */

import type { Command } from "../command.ts";
import { CONFIG, FILTER, FLAGS, WHERE } from "../common_options.ts";
import { OUTPUTS } from "../part_options.ts";

/** `nfscribe replay` */
export const replayCommand: Command = {
  name: "replay",
  summary: "run capture files through filter and outputs",
  details: `Does with the packets of files what run does with those of a firewall: the
filter and the outputs are those of the configuration file, or of options. The
sources of the configuration file stay closed.`,
  operands: [{
    name: "FILE",
    many: true,
    help: "capture files, read in turn; - is standard input",
  }],
  options: [
    CONFIG,
    { name: "follow", help: "wait at the end of a file that grows, until Ctrl-C" },
    {
      name: "pace",
      value: "PACE",
      choices: { max: "as fast as they are taken", recorded: "with the pauses that they had" },
      help: "pace of the packets (max)",
    },
    ...OUTPUTS,
    WHERE,
    FILTER,
    ...FLAGS,
  ],
  examples: [
    [
      "nfscribe replay incident.pcap -c /etc/nfscribe/nfscribe.toml",
      "what today's rules would have done",
    ],
    ["nfscribe replay trace.pcap --logemu -", "a line per packet on the terminal"],
    [
      "ssh gate tcpdump -U -w - | nfscribe replay - --filter filter.ts --logemu -",
      "packets of another machine, live",
    ],
  ],
  execute: async (options) => (await import("./replay.ts")).execute(options),
};
