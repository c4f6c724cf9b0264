/** `nfscribe test`: a capture file through a filter, without any output. */

import type { Command } from "../command.ts";
import { CONFIG, FLAGS, PERMISSIONS, WHERE } from "../common_options.ts";
import { DEFAULT_OUTPUTS } from "../named_outputs.ts";

/** `nfscribe test` */
export const testCommand: Command = {
  name: "test",
  summary: "show where a filter sends the packets of a capture file",
  details: `Nothing is written: an expression, a filter script or both decide in their sandbox
about the packets of a file, and each packet is shown with where it goes, what the
script attaches to it and the lines that it emits. Outputs and the filter's settings are those of the configuration
file, which is nfscribe.toml in the current folder where neither -c nor --outputs says
other. The filter holds no rights, whatever [filter.permissions] says, unless
--permissions is given: a webhook would be called for packets that are long past. Exit
status 1 tells that the filter failed on a packet.`,
  operands: [
    {
      name: "FILTER",
      isOptional: true,
      help: "the filter script; none where an expression chooses alone",
    },
    { name: "FILE", help: "the pcap file" },
  ],
  options: [
    { ...CONFIG, help: "configuration file (TOML)" },
    { name: "outputs", value: "NAME,…", help: `outputs that there are (${DEFAULT_OUTPUTS})` },
    WHERE,
    PERMISSIONS,
    { name: "json", help: "an object a packet, then one with the totals" },
    ...FLAGS,
  ],
  examples: [
    ["nfscribe test filter.ts trace.pcap", "a table of packets"],
    [
      "nfscribe test trace.pcap --where 'tcp[tcpflags] & tcp-syn != 0'",
      "the packets that an expression chooses",
    ],
    ["nfscribe test filter.ts trace.pcap --json | jq .outputs", "for other programs"],
  ],
  execute: async (options) => (await import("./test.ts")).execute(options),
};
