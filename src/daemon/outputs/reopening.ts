/** Reopens a writer's file, as after a rotation by another program. */

import { messageOf } from "../../errors.ts";
import type { OutputLog, Writer } from "../../output/output.ts";

/** Whether a file is reopened before the next write. */
export class Reopening {
  isDue = false;
  readonly #log: OutputLog;

  /** Reopens nothing yet. */
  constructor(log: OutputLog) {
    this.#log = log;
  }

  /** Reopens the file if that is due; the one before stays in use if it fails. */
  async run(writer: Writer): Promise<void> {
    if (!this.isDue) return;
    this.isDue = false;
    try {
      await writer.reopen?.();
    } catch (error) {
      this.#log.warn(`${messageOf(error)}; the file before stays in use`);
    }
  }
}
