/**
 * `nfscribe run`: the daemon.
 *
 * @module
 */

import { DEFAULT_FILE } from "../config/file.ts";
import { needsOf, requireNeeds } from "../pipeline/needs.ts";
import { run } from "../pipeline/run.ts";
import type { Command, ParsedOptions } from "./command.ts";
import { openLog } from "./log.ts";
import { CONFIG, configOf, OUTPUTS, SOURCE } from "./options.ts";
import { giveUpRights } from "./rights.ts";
import { Signals } from "./signals.ts";
import { DONE, LOST } from "./status.ts";
import { typeCheck } from "./type_check.ts";

/** `nfscribe run` */
export const runCommand: Command = {
  name: "run",
  summary: "write the packets that firewall rules log to files",
  details: `Options say what a small configuration file would; with -c they replace its
sources, filter and outputs of the same kind. Without any option, ${DEFAULT_FILE}
in the current folder is read. SIGINT (Ctrl-C) and SIGTERM end it: what the
kernel still holds is written, the counters are shown. SIGHUP loads the filter
anew, as a change of its file does.`,
  options: [CONFIG, ...SOURCE, ...OUTPUTS],
  examples: [
    [
      "nfscribe run --group 1 --copy-range 100 --pcap trace.pcap",
      "the first 100 bytes of each packet",
    ],
    ["nfscribe run --group 1 --logemu -", "a line per packet on the terminal"],
    ["nfscribe run --group 1 --pcap - | tcpdump -l -r - -n", "watch live"],
    [
      "nfscribe run --group 1 --pcap trace.pcap --logemu fw.log --filter filter.ts",
      "a filter decides which packet goes where",
    ],
    ["nfscribe run -c /etc/nfscribe.toml", "what the file says"],
  ],
  execute,
};

async function execute(options: ParsedOptions): Promise<number> {
  const readConfig = () => configOf(options, "run");
  const config = await readConfig();
  requireNeeds(needsOf(config, options.config));
  await typeCheck(config.filter?.script);
  const log = await openLog(config.log);
  using signals = new Signals();
  const { lost } = await run(config, log, {
    signal: signals.stop,
    ...options.config !== undefined && { readConfig },
    onOpen: (control) => {
      signals.control = control;
      giveUpRights(config, options.config);
    },
  });
  return lost === 0 ? DONE : LOST;
}
