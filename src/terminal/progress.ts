/**
 * How far something is that takes long: a line at the bottom of a terminal.
 *
 * @module
 */

import { type Size, terminalSize, type TextStream, writeText } from "./stream.ts";
import { cutEnd } from "./width.ts";

/** The least time between two looks of the line, in milliseconds. */
const EVERY_MS = 100;
/** Work that ends sooner gets no line, in milliseconds. */
const BEGIN_MS = 200;
/** How wide the bar itself is. */
const BAR_MAX = 30;
/** Without that many columns for it there is none. */
const BAR_LEAST = 8;
/** Time left is a guess; before that much is done, it is none. */
const GUESS_FROM = 0.01;
const ERASE_LINE = "\r\x1b[K";

/** The state that a progress line shows. */
export interface ProgressState {
  /** The work, as in `replay`. */
  label: string;
  /** How much is done, in any unit. */
  done: number;
  /** How much there is to do; undefined where that is unknown. */
  total?: number | undefined;
  /** Further text, as in `1,234 packets`. */
  words?: string | undefined;
  /** How long it has taken so far, in seconds. */
  seconds: number;
  /** Whether what is left takes as long as what is done. */
  isSteady?: boolean | undefined;
}

/**
 * A progress line.
 *
 * @param state What it tells.
 * @param columns How wide it may be.
 * @returns As in `replay  42% ████████░░░░░░░░░░░  1,234 packets  0:12 left`; without a total,
 * the time that has passed in place of the share and the time left.
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

/** Minutes and seconds, and hours where there are any. */
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
  /** How much there is to do, in any unit; undefined where that is unknown. */
  total?: number | undefined;
  /**
   * Where the line is shown.
   *
   * @default {Deno.stderr}
   */
  stream?: TextStream;
  /**
   * Whether the rest takes as long as what is done; otherwise no time left is shown.
   *
   * @default {true}
   */
  isSteady?: boolean;
  /** Whether nothing is shown even on a terminal, as where it shows something else. */
  hidden?: boolean;
  /** How large the terminal is. */
  size?: () => Size;
  /** The time, in milliseconds, of any clock that never goes back. */
  now?: () => number;
}

/**
 * A progress line on a terminal; elsewhere nothing is shown. It is gone when this is
 * disposed of.
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
  /** Whether it goes to a terminal. */
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

  /** Begins to count the time. */
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
   * Shows how far it is; more often than the eye can follow costs nothing.
   *
   * @param done How much is done, in the unit of the total.
   * @param words What else there is to tell.
   */
  show(done: number, words?: string): void {
    const now = this.#now();
    if (!this.isShown || now - this.#shownMs < EVERY_MS) return;
    this.#shownMs = now;
    const [label, total, seconds] = [this.#label, this.#total, (now - this.#beganMs) / 1000];
    // A line that fills the last column would be broken by some terminals.
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

  /** Takes the line away. */
  [Symbol.dispose](): void {
    if (this.#line !== "") writeText(this.#stream, ERASE_LINE);
    this.#line = "";
  }
}
