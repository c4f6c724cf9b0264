/** Progress of a long operation: a line at the bottom of a terminal. */

import { type Size, terminalSize, type TextStream, writeText } from "./stream.ts";
import { cutEnd } from "./width.ts";

/** Shortest interval between two updates, in milliseconds. */
const EVERY_MS = 100;
/** Delay before the line appears, in milliseconds: short operations need none. */
const BEGIN_MS = 200;
/** Largest width of the bar, in columns. */
const BAR_MAX = 30;
/** Smallest width of the bar, in columns; it is omitted if there is less room. */
const BAR_LEAST = 8;
/** Smallest share done from which the remaining time is estimated. */
const GUESS_FROM = 0.01;
const ERASE_LINE = "\r\x1b[K";

/** The state that a progress line shows. */
export interface ProgressState {
  /** The work, as in `replay`. */
  label: string;
  /** Amount done, in any unit. */
  done: number;
  /** Amount of work in all; undefined if it is unknown. */
  total?: number | undefined;
  /** Further text, as in `1,234 packets`. */
  words?: string | undefined;
  /** Elapsed time in seconds. */
  seconds: number;
  /** Whether the speed is constant, so that the remaining time can be estimated. */
  isSteady?: boolean | undefined;
}

/**
 * Formats a progress line.
 *
 * @param state The state to show.
 * @param columns Width limit.
 * @returns Text such as `replay  42% ████████░░░░░░░░░░░  1,234 packets  0:12 left`; without a
 *   total, the elapsed time in place of the share and the remaining time.
 */
export function progressLine(state: ProgressState, columns: number): string {
  const { label, done, total, words = "", seconds, isSteady = true } = state;
  if (total === undefined) return cutEnd(spaced(label, words, clockText(seconds)), columns);
  const share = total > 0 ? Math.min(1, Math.max(0, done / total)) : 1;
  const left = !isSteady || share < GUESS_FROM
    ? ""
    : `${clockText(seconds / share - seconds)} left`;
  const head = `${label} ${String(Math.floor(share * 100)).padStart(3)}%`;
  const room = columns - spaced(head, words, left).length - 2;
  const bar = room < BAR_LEAST ? "" : barText(share, Math.min(BAR_MAX, room));
  return cutEnd(spaced(head, bar, words, left), columns);
}

function spaced(...parts: string[]): string {
  return parts.filter((part) => part !== "").join("  ");
}

function barText(share: number, width: number): string {
  const filled = Math.floor(share * width);
  return "█".repeat(filled) + "░".repeat(width - filled);
}

/** Formats minutes and seconds, and hours if there are any. */
function clockText(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const rest = String(whole % 60).padStart(2, "0");
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}

/** Options of a {@linkcode Progress}. */
export interface ProgressOptions {
  /** The work, as in `replay`. */
  label: string;
  /** Amount of work in all, in any unit; undefined if it is unknown. */
  total?: number | undefined;
  /**
   * Stream to write to.
   *
   * @default {Deno.stderr}
   */
  stream?: TextStream;
  /**
   * Whether the speed is constant; otherwise no remaining time is shown.
   *
   * @default {true}
   */
  isSteady?: boolean;
  /** Whether nothing is shown even on a terminal, because something else is shown there. */
  hidden?: boolean;
  /** Returns the size of the terminal. */
  size?: () => Size;
  /** Returns the time in milliseconds, of any monotonic clock. */
  now?: () => number;
}

/**
 * A progress line on a terminal; elsewhere nothing is shown. Disposing of it removes the line.
 *
 * @example Rounds of a benchmark
 * ```ts
 * import { Progress } from "./progress.ts";
 *
 * using progress = new Progress({ label: "rounds", total: 3 });
 * for (let round = 1; round <= 3; round++) {
 *   // … measure …
 *   progress.show(round, `round ${round} of 3`);
 * }
 * ```
 */
export class Progress implements Disposable {
  /** Whether it is visible. */
  readonly isShown: boolean;
  readonly #label: string;
  readonly #total: number | undefined;
  readonly #stream: TextStream;
  readonly #isSteady: boolean | undefined;
  readonly #size: () => Size;
  readonly #now: () => number;
  readonly #beganMs: number;
  #shownMs: number;
  #line = "";

  /** Starts the clock. */
  constructor(options: ProgressOptions) {
    const { label, total, stream = Deno.stderr, hidden = false, isSteady, size, now } = options;
    this.#label = label;
    this.#total = total;
    this.#stream = stream;
    this.#isSteady = isSteady;
    this.#size = size ?? terminalSize;
    this.#now = now ?? (() => performance.now());
    this.isShown = !hidden && stream.isTerminal();
    this.#beganMs = this.#now();
    this.#shownMs = this.#beganMs + BEGIN_MS - EVERY_MS;
  }

  /**
   * Updates the line, at most ten times a second.
   *
   * @param done Amount done, in the unit of the total.
   * @param words More information.
   */
  show(done: number, words?: string): void {
    const now = this.#now();
    if (!this.isShown || now - this.#shownMs < EVERY_MS) return;
    this.#shownMs = now;
    const [label, total, seconds] = [this.#label, this.#total, (now - this.#beganMs) / 1000];
    // Some terminals would wrap a line that fills the last column.
    const state = { label, done, total, words, seconds, isSteady: this.#isSteady };
    const line = progressLine(state, this.#size().columns - 1);
    writeText(this.#stream, ERASE_LINE + line);
    this.#line = line;
  }

  /** Writes whole lines above the progress line. */
  print(text: string): void {
    const hides = this.#line !== "";
    writeText(this.#stream, hides ? `${ERASE_LINE}${text}${this.#line}` : text);
  }

  /** Removes the line. */
  [Symbol.dispose](): void {
    if (this.#line !== "") writeText(this.#stream, ERASE_LINE);
    this.#line = "";
  }
}
