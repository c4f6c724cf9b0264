/** `nfscribe doctor`: why nothing arrives. */

import type { Command } from "../command.ts";
import { CONFIG, FILTER, FLAGS, WHERE } from "../common_options.ts";
import { outputsBeside, SOURCE } from "../part_options.ts";

/** `nfscribe doctor` */
export const doctorCommand: Command = {
  name: "doctor",
  summary: "tell why nothing arrives, and what to do",
  details: `Looks at what a run needs, in the order in which packets meet it: the kernel, the
rights of this process, who holds each group, the rules that feed it and their
counters, the filter, each output. With --try it waits for packets. With --service
it looks at the configuration of nfscribe.service, with the eyes of its user, and
before that at the service itself: unit, state, program, folders, who may change and
read them. Changes nothing. The exit status is 0 where there is nothing to fix.`,
  options: [
    CONFIG,
    ...SOURCE,
    ...outputsBeside("json"),
    WHERE,
    FILTER,
    { name: "service", help: "look at nfscribe.service, and at all as it does; takes root" },
    { name: "try", value: "SECONDS", help: "wait for the first packet of each group" },
    { name: "json", help: "print JSON, for other programs" },
    ...FLAGS,
  ],
  examples: [
    ["nfscribe doctor", "all that can be seen without waiting"],
    ["sudo nfscribe doctor --service", "the same for nfscribe.service, and whether that runs"],
    ["nfscribe doctor --try 10", "and whether packets arrive within ten seconds"],
    ["nfscribe doctor --group 1", "one group, without a configuration"],
    [
      "nfscribe doctor --json | jq '.checks[] | select(.state == \"fix\")'",
      "what is to be fixed, for other programs",
    ],
  ],
  execute: async (options) => (await import("./doctor.ts")).execute(options),
};
