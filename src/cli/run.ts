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
  const config = await configOf(options, "run");
  requireNeeds(needsOf(config, options.config));
  await typeCheck(config.filter?.script);
  const log = await openLog(config.log);
  const stop = new AbortController();
  let reload: (() => void) | undefined;
  const onHangup = () => reload?.();
  // Listens once: a second signal ends the process in the system's own way.
  const onStop = () => {
    removeListeners();
    stop.abort();
  };
  const removeListeners = () => {
    for (const signal of STOPS) Deno.removeSignalListener(signal, onStop);
    Deno.removeSignalListener("SIGHUP", onHangup);
  };
  for (const signal of STOPS) Deno.addSignalListener(signal, onStop);
  Deno.addSignalListener("SIGHUP", onHangup);
  try {
    await run(config, log, {
      signal: stop.signal,
      onReload: (again) => reload = again,
      onOpen: () => giveUpRights(config),
    });
  } finally {
    if (!stop.signal.aborted) removeListeners();
  }
  return 0;
}

const STOPS = ["SIGINT", "SIGTERM"] as const;
