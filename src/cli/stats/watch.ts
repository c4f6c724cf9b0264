/** `nfscribe stats --watch`: counters each second, in place on a terminal. */

import { jsonLine } from "../../text/escape.ts";
import { Screen } from "../../terminal/screen.ts";
import type { Stats } from "../../daemon/telemetry/stats_client.ts";
import { statsTable } from "./table.ts";
import { Stop } from "../stop.ts";

/** Interval of two questions, in milliseconds. */
const EVERY_MS = 1000;

/** The counters that were shown last, and when. */
interface Answer {
  counters: Stats;
  atMs: number;
}

/**
 * Asks each second and prints, until SIGINT or SIGTERM, or until standard output is closed.
 *
 * @param ask Asks for the counters.
 * @param json Whether to print a document a line, for machines.
 * @throws {InputError} If the running nfscribe no longer answers.
 */
export async function watchStats(ask: () => Promise<Stats>, json: boolean): Promise<void> {
  using stop = new Stop();
  const stopped = new Promise<undefined>((resolve) =>
    stop.signal.addEventListener("abort", () => resolve(undefined))
  );
  const screen = new Screen(Deno.stdout);
  let before: Answer | undefined;
  try {
    for (;;) {
      const counters = await Promise.race([ask(), stopped]);
      if (counters === undefined) return;
      const answer = { counters, atMs: performance.now() };
      if (json) screen.print(`${jsonLine(counters)}\n`);
      else screen.show(block(answer, before));
      before = answer;
      await second(stopped);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  } finally {
    screen.leave();
  }
}

function block({ counters, atMs }: Answer, last: Answer | undefined): string[] {
  const before = last && { counters: last.counters, seconds: (atMs - last.atMs) / 1000 };
  return [new Date().toLocaleTimeString("en-GB"), "", ...statsTable(counters, before)];
}

async function second(stopped: Promise<undefined>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const passed = new Promise<void>((resolve) => timer = setTimeout(resolve, EVERY_MS));
  await Promise.race([passed, stopped]);
  clearTimeout(timer);
}
