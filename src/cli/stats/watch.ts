/** `nfscribe stats --watch`: counters each second, in place on a terminal, which keys control. */

import { expression } from "../../filter/expression/expression.ts";
import { isGranted } from "../../permission.ts";
import { libcNeed } from "../../source/libc_need.ts";
import { jsonLine } from "../../text/escape.ts";
import { Screen } from "../../terminal/screen.ts";
import type { Stats } from "../../daemon/telemetry/stats_client.ts";
import { Received } from "./received.ts";
import { statsTable } from "./table.ts";
import { Session } from "../keys/session.ts";
import { hasKeyboard } from "../../terminal/keyboard_reader.ts";
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
 * @param path Socket for counters, which is also asked for records when keys want their destinations.
 * @param ask Asks for the counters.
 * @param json Whether to print a document a line, for machines.
 * @throws {InputError} If the running nfscribe no longer answers.
 */
export async function watchStats(
  path: string,
  ask: () => Promise<Stats>,
  json: boolean,
): Promise<void> {
  using stop = new Stop();
  const view = !json && hasKeyboard() ? new KeyView(path, stop) : new PlainView(json);
  const stopped = new Promise<undefined>((resolve) =>
    stop.signal.addEventListener("abort", () => resolve(undefined))
  );
  try {
    for (;;) {
      const counters = await Promise.race([ask(), stopped]);
      if (counters === undefined) return;
      view.show({ counters, atMs: performance.now() });
      await second(stopped);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  } finally {
    await view.close();
  }
}

/** Prints counters without regard to keys. */
class PlainView {
  readonly #screen = new Screen(Deno.stdout);
  readonly #json: boolean;
  #before: Answer | undefined;

  constructor(json: boolean) {
    this.#json = json;
  }

  show(answer: Answer): void {
    if (this.#json) this.#screen.print(`${jsonLine(answer.counters)}\n`);
    else this.#screen.show(block(answer, this.#before));
    this.#before = answer;
  }

  close(): void {
    this.#screen.leave();
  }
}

/** Shows counters, and destinations of records, under the control of keys. */
class KeyView {
  readonly #session: Session;
  readonly #received: Received;
  #lines: readonly string[] = [];
  #last: Answer | undefined;

  constructor(path: string, stop: Stop) {
    const received = this.#received = new Received(path);
    const hasTop = isGranted(libcNeed("Unix sockets"));
    this.#session = new Session({
      stop,
      hasTop,
      ...hasTop && { check: expression, filtersTop: true },
      block: () => this.#lines,
      top: (columns, rows, { order }) => received.lines(order, { columns, rows }),
      onFilter: (where) => received.choose(where),
      onSecond: () => {
        received.tick();
        this.#session.omitted = received.omitted;
      },
    });
  }

  show(answer: Answer): void {
    const { controls, trend } = this.#session;
    const last = this.#last;
    const more = last === undefined ? 0 : received(answer.counters) - received(last.counters);
    trend.add(Math.max(0, more));
    if (controls.isPaused) this.#session.pass(Math.max(0, more));
    else this.#lines = block(answer, last);
    this.#last = answer;
    this.#session.draw();
  }

  async close(): Promise<void> {
    await this.#session.close();
    await this.#received[Symbol.asyncDispose]();
  }
}

/** Returns the records that all sources have received. */
function received({ sources }: Stats): number {
  return Object.values(sources).reduce((sum, { received }) => sum + received, 0);
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
