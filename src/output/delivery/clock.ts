/** Compares the system's clock, which may be set at any time, with the monotonic one. Pure. */

/** Largest difference between two looks that is no jump but the clock's drift, in milliseconds. */
const DRIFT_MS = 1000;
/** Time without a change until the clock is believed where packets are deleted, in minutes. */
export const STEADY_MINUTES = 10;

/** The clocks at one moment. */
export interface Moment {
  /** The system's clock, in milliseconds since the Unix epoch. */
  nowMs: number;
  /** The monotonic clock, in milliseconds. */
  elapsedMs: number;
  /** Change of the system's clock since the last look, in milliseconds; 0 for none. */
  jumpMs: number;
  /** Whether no look has found a change for {@linkcode STEADY_MINUTES}. */
  isSteady: boolean;
}

/** Notices when the system's clock is set. */
export class Clock {
  readonly #wallMs: () => number;
  readonly #monotonicMs: () => number;
  #differenceMs: number;
  #steadySinceMs: number;

  constructor(wallMs = () => Date.now(), monotonicMs = () => performance.now()) {
    this.#wallMs = wallMs;
    this.#monotonicMs = monotonicMs;
    this.#steadySinceMs = monotonicMs();
    this.#differenceMs = wallMs() - this.#steadySinceMs;
  }

  /** Looks at both clocks. */
  look(): Moment {
    const [nowMs, elapsedMs] = [this.#wallMs(), this.#monotonicMs()];
    const changeMs = nowMs - elapsedMs - this.#differenceMs;
    const isJump = Math.abs(changeMs) > DRIFT_MS;
    this.#differenceMs += changeMs;
    if (isJump) this.#steadySinceMs = elapsedMs;
    const isSteady = elapsedMs - this.#steadySinceMs >= STEADY_MINUTES * 60_000;
    return { nowMs, elapsedMs, jumpMs: isJump ? changeMs : 0, isSteady };
  }
}
