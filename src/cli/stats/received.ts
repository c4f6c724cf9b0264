/** Destinations of what a running nfscribe receives, from the first time that they are looked at. */

import { InputError } from "../../errors.ts";
import { needsOfSocket } from "../../daemon/permissions.ts";
import { fold } from "../../terminal/width.ts";
import { escaped } from "../../text/escape.ts";
import type { TopOrder } from "../keys/controls.ts";
import { giveUpAllBut } from "../rights.ts";
import { Chosen } from "../watch/chosen.ts";
import { destinationLines, Destinations } from "../watch/destinations.ts";
import { Running } from "../watch/running.ts";

/** Destinations of records, which the running nfscribe sends copies of. */
export class Received implements AsyncDisposable {
  readonly #path: string;
  readonly #destinations = new Destinations();
  readonly #chosen = new Chosen(undefined, {
    take: (record) => this.#destinations.add(record),
    note() {},
  });
  readonly #stop = new AbortController();
  #watching: Promise<void> | undefined;
  #running: Running | undefined;
  /** Reason why nothing more comes. */
  #problem: string | undefined;

  /**
   * Asks for nothing so far.
   *
   * @param path Socket for counters.
   */
  constructor(path: string) {
    this.#path = path;
  }

  /** Records that are not looked at, as there are too many. */
  get omitted(): number {
    return this.#running?.omitted ?? 0;
  }

  /** Counts records that an expression chooses, from now on; all without one. */
  choose(where: string | undefined): void {
    this.#chosen.choose(where);
    this.#destinations.clear();
  }

  /** Ends a second. */
  tick(): void {
    this.#destinations.tick();
  }

  /** Draws the page; the first time begins to ask for records. */
  lines(order: TopOrder, size: { columns: number; rows: number }): string[] {
    this.#watching ??= this.#watch();
    if (this.#problem !== undefined) return fold(this.#problem, size.columns - 1).split("\n");
    return destinationLines(this.#destinations, order, size);
  }

  async #watch(): Promise<void> {
    try {
      // What is asked for each second goes over connections of its own.
      await using running = await Running.open(
        this.#path,
        () => giveUpAllBut(needsOfSocket(this.#path)),
      );
      this.#running = running;
      await running.watch(this.#chosen, this.#stop);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      this.#problem = escaped(error.message);
    }
  }

  /** Ends the connection. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#watching;
  }
}
