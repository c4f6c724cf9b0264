/**
 * What a pipeline is put together from.
 *
 * @module
 */

import type { Ends } from "./ends.ts";
import type { Journey } from "./journey.ts";
import type { Sandbox } from "./sandbox.ts";

/** What looks after sandboxes: makes new ones where they fail. */
export interface Team {
  /** The sandboxes that new slots go to. */
  readonly members: readonly Sandbox[];
  /** Looks for sandboxes that hang, ended or eat memory; called now and then. */
  check(nowMs: number): void;
  /** When it must be called again at the latest, for a sandbox's `tick`; Infinity for never. */
  readonly nextTickMs: number;
  /** Sandboxes whose `tick` is due; each is handed out once. */
  dueTicks(nowMs: number): Sandbox[];
  /** Moves what ended sandboxes have left undone to those that took their place. */
  handOnOrphans(journeys: readonly Journey[]): void;
}

/** Who is told that the loop turns. */
export interface Pulse {
  /** When to turn again at the latest, as `performance.now()` tells it; Infinity for no matter when. */
  readonly nextMs: number;
  /** The loop turns. */
  beat(nowMs: number): void;
  /** Waits for something slow that is not the loop's fault. */
  during<Value>(work: Promise<Value>): Promise<Value>;
  /** Something was written, and so its numbers are behind it. */
  written(): void;
}

/** What takes the place of a pipeline's parts while it runs. */
export interface Parts {
  /** The sandboxes, made for these sources and outputs. */
  team: Team;
  /** The sources and outputs. */
  ends: Ends;
}
