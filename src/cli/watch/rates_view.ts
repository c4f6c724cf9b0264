/** Rates on standard output, each second: in place on a terminal, below each other elsewhere. */

import { grouped } from "../../text/figures.ts";
import { jsonLine } from "../../text/escape.ts";
import type { Packet } from "../../packet/packet.ts";
import type { SourceStats } from "../../source/source.ts";
import { Screen } from "../../terminal/screen.ts";
import { cutEnd } from "../../terminal/width.ts";
import type { Stop } from "../stop.ts";
import { bytesText, rateLines, type RateReport, Rates, rateText } from "./rates.ts";

/** Interval of showing them, in milliseconds. */
const EVERY_MS = 1000;
/** A block in a pipe has no bottom that it must end above. */
const ROWS_IN_A_PIPE = 25;

/** Options of showing rates. */
export interface RatesOptions {
  /** An object a line, for other programs. */
  json: boolean;
  /** Number of packets to count; Infinity for all. */
  count: number;
  /** Stopped at the end of the packets, and when standard output is closed. */
  stop: Stop;
  /** The counters of all groups. */
  stats: () => SourceStats;
  /** Number of packets that were received and are not counted here. */
  omitted?: () => number;
  /** Whether another part draws the block, and ends each second. */
  isDrawn?: boolean;
}

/** Counts packets and shows rates. */
export class RatesView {
  readonly #options: RatesOptions;
  readonly #rates = new Rates();
  readonly #screen = new Screen(Deno.stdout);
  readonly #timer: ReturnType<typeof setInterval> | undefined;
  /** Rates of the last second. */
  #report: RateReport;
  #shownMs = performance.now();
  /** Whether nothing can be written any more. */
  #isGone = false;
  #failure: unknown;

  /** Begins to count. */
  constructor(options: RatesOptions) {
    this.#options = options;
    this.#report = this.#rates.report(0);
    if (options.isDrawn !== true) this.#timer = setInterval(() => this.#show(), EVERY_MS);
  }

  /** Ends a second, where {@linkcode RatesOptions.isDrawn}. */
  tick(): void {
    const now = performance.now();
    this.#report = this.#rates.report((now - this.#shownMs) / 1000);
    this.#shownMs = now;
  }

  /** Counts a packet of a group. */
  take(packet: Packet, group: number): void {
    const { count, stop } = this.#options;
    this.#rates.add(packet, group);
    if (this.#rates.packets >= count) stop.now();
  }

  /** Whether standard output was closed by its reader. */
  get isGone(): boolean {
    return this.#isGone;
  }

  /** Losses stand in the block. */
  note(): void {}

  /**
   * Shows them for the last time; on a terminal the last block stays.
   *
   * @throws What went wrong with standard output; a reader that has gone is no failure.
   */
  close(): void {
    clearInterval(this.#timer);
    // With what came since then, or before the first second was over.
    if (!this.#isGone && this.#options.isDrawn !== true) this.#show();
    if (this.#failure !== undefined) throw this.#failure;
  }

  #show(): void {
    this.tick();
    try {
      if (this.#options.json) {
        this.#screen.print(`${jsonLine(this.#json(this.#report))}\n`);
        return;
      }
      const { columns, rows } = this.#screen.size;
      this.#screen.show(this.block(columns, Deno.stdout.isTerminal() ? rows - 1 : ROWS_IN_A_PIPE));
    } catch (error) {
      this.#isGone = true;
      if (!(error instanceof Deno.errors.BrokenPipe)) this.#failure = error;
      clearInterval(this.#timer);
      this.#options.stop.now();
    }
  }

  /** Draws the rates of the last second. */
  block(columns: number, rows: number): string[] {
    const report = this.#report;
    const { packets, bytes } = this.#rates;
    const { stats, omitted } = this.#options;
    const unseen = omitted?.() ?? 0;
    const head = [
      new Date().toLocaleTimeString("en-GB"),
      `${rateText(report.total.packets)} packets/s`,
      `${bytesText(report.total.bytes)}/s`,
      `${grouped(packets)} packets`,
      bytesText(bytes),
      `${grouped(stats().lost)} lost`,
      ...unseen > 0 ? [`${grouped(unseen)} not seen`] : [],
    ].join("   ");
    return [cutEnd(head, columns), "", ...rateLines(report, columns, rows - 2)];
  }

  #json({ total, tables }: RateReport): Record<string, unknown> {
    const time = new Date().toISOString();
    const { packets, bytes } = this.#rates;
    const [groups, prefixes, ports, addresses] = tables.map(({ rows }) =>
      rows.map(([key, rate]) => ({ key, packets: tenth(rate.packets), bytes: tenth(rate.bytes) }))
    );
    return {
      time,
      ...{ packets, bytes, lost: this.#options.stats().lost },
      perSecond: { packets: tenth(total.packets), bytes: tenth(total.bytes) },
      ...{ groups, prefixes, ports, addresses },
    };
  }
}

function tenth(rate: number): number {
  return Math.round(rate * 10) / 10;
}
