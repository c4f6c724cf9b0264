/** `nfscribe run`: the daemon. */

import type { Command } from "../command.ts";
import { CONFIG, FILTER, FLAGS, SERVICE, WHERE } from "../common_options.ts";
import { OUTPUTS, SOURCE } from "../part_options.ts";

/** `nfscribe run` */
export const runCommand: Command = {
  name: "run",
  summary: "write the packets that firewall rules log to files",
  details: `Options say what a small configuration file would; with -c they replace its
sources, filter and outputs of the same kind. Without any option, nfscribe.toml
in the current folder is read, or /etc/nfscribe/nfscribe.toml where there is
none. SIGINT (Ctrl-C) and SIGTERM end it: what the
kernel still holds is written, the counters are shown. SIGHUP opens files anew
and takes the configuration and the filter as they are now; SIGUSR1 shows the
counters. Exit status 3 tells that packets were lost.`,
  options: [
    CONFIG,
    ...SOURCE,
    ...OUTPUTS,
    WHERE,
    FILTER,
    { name: "web", help: "show them in a browser, too, as nfscribe web does" },
    ...SERVICE,
    ...FLAGS,
  ],
  examples: [
    [
      "nfscribe run --group 1 --copy-range 100 --pcap trace.pcap",
      "the first 100 bytes of each packet",
    ],
    ["nfscribe run --group 1 --logemu -", "a line per packet on the terminal"],
    ["nfscribe run --group 1 --pcap - | tcpdump -l -r - -n", "watch live"],
    [
      "nfscribe run --group 1 --pcap ssh.pcap --where 'tcp port 22'",
      "only packets that an expression chooses",
    ],
    [
      "nfscribe run --group 1 --pcap trace.pcap --logemu fw.log --filter filter.ts",
      "a filter decides which packet goes where",
    ],
    ["nfscribe run --group 1 --sqlite nfscribe.db --web", "in a database, and in a browser"],
    ["nfscribe run -c /etc/nfscribe/nfscribe.toml", "what the file says"],
  ],
  execute: async (options) => (await import("./run.ts")).execute(options),
};
