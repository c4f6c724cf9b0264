/**
 * Runs `nfscribe watch`. Without a filter groups are read in this process, or a running nfscribe is
 * asked; a filter is run as `nfscribe run` does it, in the sandbox.
 */

import type { Config } from "../../config/config.ts";
import { InputError } from "../../errors.ts";
import { needsOf, requireNeeds } from "../../daemon/permissions.ts";
import type { Counters } from "../../daemon/telemetry/ledger.ts";
import { hasKeyboard } from "../../terminal/keyboard_reader.ts";
import type { ParsedOptions } from "../command.ts";
import { keyboardNeeds } from "../keys/needs.ts";
import { printFlags } from "../options.ts";
import { DONE } from "../status.ts";
import { Stop } from "../stop.ts";
import { onTrial } from "../trial.ts";
import { typeCheck } from "../type_check.ts";
import { countOf, fileOf, watchConfig } from "./config.ts";
import { watchFiltered } from "./filtered.ts";
import { Groups } from "./groups.ts";
import { Lines, type LineTaker } from "./lines.ts";
import type { Origin } from "./origin.ts";
import {
  namedRunning,
  openIfRunning,
  openRunning,
  runningNeeds,
  runningWhere,
} from "./running_options.ts";
import type { Steered } from "./steered.ts";
import { writeText } from "../../terminal/stream.ts";
import { linesOf, ratesOf, steer, type View } from "./views.ts";
import { say, sayBegin, sayTotals, sayWatched, sumOf } from "./totals.ts";

/**
 * Shows records until a signal, the count, or until standard output is closed.
 *
 * @param options What is asked for.
 * @returns The exit status.
 */
export async function execute(options: ParsedOptions): Promise<number> {
  const [isRunning, count] = [namedRunning(options), countOf(options)];
  const json = options.json !== undefined;
  const keys = () => ({ hasKeys: !json && hasKeyboard() });
  const common = { json, count, rates: options.stats !== undefined };
  if (isRunning) {
    const where = runningWhere(options);
    const needs = [...runningNeeds(options), ...keyboardNeeds()];
    if (options.flags !== undefined) {
      printFlags(needs, options);
      return DONE;
    }
    requireNeeds(needs);
    using stop = new Stop();
    const view = { ...common, ...keys(), stop, where };
    return await show(() => openRunning(options), sayWatched, view);
  }
  const watched = await watchConfig(options);
  const { filter, notice } = watched.filter === undefined
    ? { filter: undefined, notice: undefined }
    : onTrial(watched.filter, options);
  const config = { ...watched, filter };
  const file = fileOf(options);
  const script = config.filter?.script;
  const needs = needsOf({ ...config, outputs: [] }, file).filter(({ name, why }) =>
    // Without a script there is no sandbox to load.
    script !== undefined || name === "ffi" || why === "the configuration"
  );
  needs.push(...keyboardNeeds());
  if (options.flags === undefined) requireNeeds(needs);
  await typeCheck(script);
  if (options.flags !== undefined) {
    printFlags(needs, options);
    return DONE;
  }
  using stop = new Stop();
  if (notice !== undefined) say(notice);
  const view = { ...common, ...keys(), stop, where: config.filter?.where };
  if (script !== undefined) await showFiltered(config, file, view);
  else {
    const running = await openIfRunning(options);
    if (running !== undefined) return await show(() => Promise.resolve(running), sayWatched, view);
    await show((warn) => Groups.open(config, warn), () => sayBegin(config), view);
  }
  return DONE;
}

/** Shows records, or rates of packets. */
async function show<From extends Origin>(
  open: (warn: (message: string) => void) => Promise<From>,
  begin: (origin: From) => void,
  view: View,
): Promise<number> {
  let note = say;
  await using origin = await open((message) => note(message));
  begin(origin);
  const shown = view.rates ? ratesOf(origin, view) : linesOf(origin, view);
  note = (message) => shown.chosen.note(`nfscribe: ${message}`);
  let failure: InputError | undefined;
  try {
    await origin.watch(shown.chosen, view.stop);
  } catch (error) {
    // A running nfscribe that ends.
    if (!(error instanceof InputError)) throw error;
    failure = error;
  } finally {
    await shown.close();
  }
  if (!shown.isGone()) sayTotals(origin.stats, { ...shown.figures(), ...shown.chosen.figures });
  if (failure !== undefined) throw failure;
  return DONE;
}

async function showFiltered(
  config: Config,
  file: string | undefined,
  view: View,
): Promise<void> {
  // An expression is about records, and a script decides about them in its sandbox.
  let steered: Steered | undefined;
  let lines: Lines | undefined;
  const taker: LineTaker = {
    take(record, beside) {
      if (steered?.shows(record) !== false) lines!.take(record, beside);
    },
    note(text) {
      if (lines === undefined) writeText(Deno.stderr, `${text}\n`);
      else lines.note(text);
    },
  };
  const onOpen = () => {
    sayBegin(config);
    steered = steer(view, {});
    lines = new Lines({ ...view, stream: steered?.session.terminal });
  };
  let counters: Counters;
  try {
    counters = await watchFiltered(config, file, { ...view, lines: taker, onOpen });
  } finally {
    await steered?.session.close();
    await lines?.close();
  }
  if (lines?.isGone !== false) return;
  const { sources, filter: { dropped, failed, timedOut } } = counters;
  sayTotals(sumOf(Object.values(sources)), {
    ...lines.figures,
    ...steered?.figures,
    dropped,
    ...failed > 0 && { failed },
    ...timedOut > 0 && { timedOut },
  });
}
