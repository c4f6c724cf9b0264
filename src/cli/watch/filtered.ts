/**
 * Watching what a filter would pass: it runs in its sandbox, as in `nfscribe run`,
 * and nothing is written.
 */

import type { Config } from "../../config/config.ts";
import { Log } from "../../log/log.ts";
import { run } from "../../daemon/run.ts";
import type { Counters } from "../../daemon/telemetry/ledger.ts";
import { giveUpRights } from "../rights.ts";
import type { Stop } from "../stop.ts";
import type { LineTaker } from "./lines.ts";

/** Messages of a run about itself, which `watch` has its own for. */
const OF_ITSELF = /^nfscribe: (started|stopped|so far)\b/;

/**
 * Shows packets that a filter passes, until it is stopped.
 *
 * @param config What is watched, and the filter.
 * @param file The configuration file; undefined without one.
 * @param how Lines for packets and for what the script logs; what ends it; a call once groups are open.
 * @returns What became of every packet.
 */
export async function watchFiltered(
  config: Config,
  file: string | undefined,
  { lines, stop, onOpen }: { lines: LineTaker; stop: Stop; onOpen: () => void },
): Promise<Counters> {
  const log = new Log({ ...config.log, level: "info", format: "text" }, (text) => {
    if (!OF_ITSELF.test(text)) text.trimEnd().split("\n").forEach((line) => lines.note(line));
  });
  const { counters } = await run(config, log, {
    signal: stop.signal,
    onOpen: () => {
      giveUpRights({ ...config, outputs: [] }, file);
      onOpen();
    },
    onTrace: (rows) => {
      for (const { packet, flow, counter, outputs, error, attached } of rows) {
        if (stop.signal.aborted) return;
        const record = packet ?? flow ?? counter;
        if (record === undefined) continue;
        if (outputs.length === 0 && error === undefined) continue;
        lines.take(record, { outputs, error, attached });
      }
    },
  });
  return counters;
}
