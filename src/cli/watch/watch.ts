/**
 * Runs `nfscribe watch`. Without a filter groups are read in this process; a
 * filter is run as `nfscribe run` does it, in the sandbox.
 */

import type { Config } from "../../config/config.ts";
import { needsOf, requireNeeds } from "../../daemon/permissions.ts";
import type { ParsedOptions } from "../command.ts";
import { printFlags } from "../options.ts";
import { DONE } from "../status.ts";
import { Stop } from "../stop.ts";
import { onTrial } from "../trial.ts";
import { typeCheck } from "../type_check.ts";
import { countOf, fileOf, watchConfig } from "./config.ts";
import { watchFiltered } from "./filtered.ts";
import { Chosen } from "./chosen.ts";
import { Groups } from "./groups.ts";
import { Lines } from "./lines.ts";
import { RatesView } from "./rates_view.ts";
import { say, sayBegin, sayTotals, sumOf } from "./totals.ts";

/** Options of showing packets. */
interface View {
  json: boolean;
  count: number;
  stop: Stop;
}

/**
 * Shows packets until a signal, the count, or until standard output is closed.
 *
 * @param options What is asked for.
 * @returns The exit status.
 */
export async function execute(options: ParsedOptions): Promise<number> {
  const watched = await watchConfig(options);
  const { filter, notice } = watched.filter === undefined
    ? { filter: undefined, notice: undefined }
    : onTrial(watched.filter, options);
  const config = { ...watched, filter };
  const count = countOf(options);
  const file = fileOf(options);
  const script = config.filter?.script;
  const needs = needsOf({ ...config, outputs: [] }, file).filter(({ name, why }) =>
    // Without a script there is no sandbox to load.
    script !== undefined || name === "ffi" || why === "the configuration"
  );
  if (options.flags === undefined) requireNeeds(needs);
  await typeCheck(script);
  if (options.flags !== undefined) {
    printFlags(needs, options);
    return DONE;
  }
  using stop = new Stop();
  if (notice !== undefined) say(notice);
  const view = { json: options.json !== undefined, count, stop };
  if (script !== undefined) await showFiltered(config, file, view);
  else if (options.stats !== undefined) await showRates(config, view);
  else await showPackets(config, view);
  return DONE;
}

async function showPackets(config: Config, view: View): Promise<void> {
  const lines = new Lines(view);
  let hasBegun = false;
  // A note waits for its turn among the lines; before there are any, it is written at once.
  const warn = (message: string) => hasBegun ? lines.note(`nfscribe: ${message}`) : say(message);
  await using groups = await Groups.open(config, warn);
  sayBegin(config);
  hasBegun = true;
  const isOne = config.sources.length === 1 && !view.json;
  const chosen = new Chosen(config.filter?.where, {
    take: (record, group) => lines.take(record, isOne || group === undefined ? {} : { group }),
    note: (text) => lines.note(text),
  });
  await groups.watch(chosen, view.stop);
  await lines.close();
  if (!lines.isGone) sayTotals(groups.stats, { ...lines.figures, ...chosen.figures });
}

async function showRates(config: Config, view: View): Promise<void> {
  await using groups = await Groups.open(config, say);
  sayBegin(config);
  const rates = new RatesView({ ...view, stats: () => groups.stats });
  const chosen = new Chosen(config.filter?.where, rates);
  try {
    await groups.watch(chosen, view.stop);
  } finally {
    rates.close();
  }
  if (!rates.isGone) sayTotals(groups.stats, chosen.figures);
}

async function showFiltered(
  config: Config,
  file: string | undefined,
  view: View,
): Promise<void> {
  const lines = new Lines(view);
  const onOpen = () => sayBegin(config);
  const { sources, filter } = await watchFiltered(config, file, { ...view, lines, onOpen });
  await lines.close();
  if (lines.isGone) return;
  const { dropped, failed, timedOut } = filter;
  sayTotals(sumOf(Object.values(sources)), {
    ...lines.figures,
    dropped,
    ...failed > 0 && { failed },
    ...timedOut > 0 && { timedOut },
  });
}
