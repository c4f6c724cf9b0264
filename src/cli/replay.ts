/**
 * `nfscribe replay`: the same pipeline with a capture file as its source.
 *
 * @module
 */

import { needsOf, requireNeeds } from "../pipeline/needs.ts";
import { run } from "../pipeline/run.ts";
import type { Command, ParsedOptions } from "./command.ts";
import { openLog } from "./log.ts";
import { CONFIG, configOf, FLAGS, OUTPUTS, printFlags } from "./options.ts";
import { Signals } from "./signals.ts";
import { DONE, LOST } from "./status.ts";
import { typeCheck } from "./type_check.ts";

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
    { name: "pace", value: "PACE", help: "max (default), or recorded: with the pauses there were" },
    ...OUTPUTS,
    FLAGS,
  ],
  examples: [
    ["nfscribe replay incident.pcap -c /etc/nfscribe.toml", "what today's rules would have done"],
    ["nfscribe replay trace.pcap --logemu -", "a line per packet on the terminal"],
    [
      "ssh gate tcpdump -U -w - | nfscribe replay - --filter filter.ts --logemu -",
      "packets of another machine, live",
    ],
  ],
  execute,
};

async function execute(options: ParsedOptions): Promise<number> {
  const paths = options.FILE!.split("\n");
  const source = {
    type: "pcap",
    path: paths.length === 1 ? paths[0] : paths,
    follow: options.follow !== undefined,
    ...options.pace !== undefined && { pace: options.pace },
  };
  const config = await configOf(options, "replay", source);
  const needs = needsOf(config, options.config);
  if (options.flags === undefined) requireNeeds(needs);
  await typeCheck(config.filter?.script);
  if (options.flags !== undefined) {
    printFlags(needs);
    return 0;
  }
  const log = await openLog(config.log);
  using signals = new Signals();
  const { lost } = await run(config, log, {
    signal: signals.stop,
    onOpen: (control) => signals.control = control,
  });
  return lost === 0 ? DONE : LOST;
}
