/**
 * `nfscribe stats --watch`: counters each second, in place on a terminal.
 *
 * @module
 */

import { jsonLine } from "../pipeline/escape.ts";
import type { Counters } from "../pipeline/ledger.ts";
import { statsTable } from "./stats_table.ts";

/** What ends it. */
const STOPS = ["SIGINT", "SIGTERM"] as const;
/** How long to wait between two questions, in milliseconds. */
const EVERY_MS = 1000;
/** How many rows a terminal has that does not know (POSIX: it then says 0). */
const ROWS = 24;
/** A line upwards, and what is below it erased (ECMA-48: CPL, ED, EL). */
const UP = (lines: number) => `\x1b[${lines}F`;
const ERASE_BELOW = "\x1b[J";
const ERASE_REST = "\x1b[K";

/** What was told, and when. */
interface Answer {
  counters: Counters;
  atMs: number;
}

/**
 * Asks each second and prints, until SIGINT or SIGTERM, or until nobody reads.
 *
 * @param ask Asks for the counters.
 * @param json Whether to print a document a line, for machines.
 * @throws {InputError} If nobody answers any more.
 */
export async function watchStats(ask: () => Promise<Counters>, json: boolean): Promise<void> {
  const stopped = Promise.withResolvers<void>();
  const stop = () => stopped.resolve();
  for (const signal of STOPS) Deno.addSignalListener(signal, stop);
  const screen = new Screen();
  let before: Answer | undefined;
  try {
    for (;;) {
      const counters = await Promise.race([ask(), stopped.promise]);
      if (counters === undefined) return;
      const answer = { counters, atMs: performance.now() };
      if (json) screen.print(`${jsonLine(counters)}\n`);
      else screen.show(block(answer, before));
      before = answer;
      await second(stopped.promise);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  } finally {
    for (const signal of STOPS) Deno.removeSignalListener(signal, stop);
  }
}

function block({ counters, atMs }: Answer, last: Answer | undefined): string[] {
  const before = last && { counters: last.counters, seconds: (atMs - last.atMs) / 1000 };
  return [new Date().toLocaleTimeString("en-GB"), "", ...statsTable(counters, before)];
}

async function second(stopped: Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const passed = new Promise<void>((resolve) => timer = setTimeout(resolve, EVERY_MS));
  await Promise.race([passed, stopped]);
  clearTimeout(timer);
}

/** Standard output, where one block takes the place of another if it is a terminal. */
class Screen {
  #lines = 0;

  /** Shows a block. */
  show(lines: readonly string[]): void {
    if (!Deno.stdout.isTerminal()) return this.print(`${lines.join("\n")}\n\n`);
    // What does not fit would scroll away, and could not be reached again.
    const rows = Deno.consoleSize().rows || ROWS;
    const shown = lines.slice(0, Math.max(1, rows - 1));
    const back = this.#lines > 0 ? UP(this.#lines) : "";
    this.print(`${back}${shown.map((line) => `${line}${ERASE_REST}\n`).join("")}${ERASE_BELOW}`);
    this.#lines = shown.length;
  }

  /** Writes text as it is. */
  print(text: string): void {
    const bytes = new TextEncoder().encode(text);
    for (let at = 0; at < bytes.length;) at += Deno.stdout.writeSync(bytes.subarray(at));
  }
}
