/** Progress of `nfscribe replay`, on a terminal. */

import { grouped } from "../../text/figures.ts";
import type { Config } from "../../config/config.ts";
import type { RunControl } from "../../daemon/run.ts";
import { Progress } from "../../terminal/progress.ts";

/** Interval of updates, in milliseconds. */
const EVERY_MS = 200;

/** Shows a bar at the bottom of standard error, above which lines may be written. */
export class ReplayProgress implements Disposable {
  readonly #progress: Progress;
  #timer: ReturnType<typeof setInterval> | undefined;

  private constructor(progress: Progress) {
    this.#progress = progress;
  }

  /**
   * Makes the bar; there is none where packets go to the same terminal.
   *
   * @param config What is replayed: files whose size is known give a percentage.
   */
  static async of({ sources, outputs }: Config): Promise<ReplayProgress> {
    const hidden = Deno.stdout.isTerminal() &&
      outputs.some(({ options: { path } }) => path === "-");
    const { path, follow, pace } = sources[0]!.options;
    const total = follow === true ? undefined : await sizeOf([path].flat() as string[]);
    return new ReplayProgress(
      new Progress({ label: "replay", total, isSteady: pace !== "recorded", hidden }),
    );
  }

  /** Begins to show a run. */
  begin(control: RunControl): void {
    if (!this.#progress.isShown) return;
    const beganMs = performance.now();
    this.#timer = setInterval(() => {
      const packets = Object.values(control.counters.sources)[0]!.received;
      const rate = Math.round(packets / (performance.now() - beganMs) * 1000);
      this.#progress.show(control.bytesRead, `${grouped(packets)} packets  ${grouped(rate)}/s`);
    }, EVERY_MS);
  }

  /** Writes lines of the log to standard error. */
  print(text: string): void {
    this.#progress.print(text);
  }

  /** Takes the bar away. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#progress[Symbol.dispose]();
  }
}

/** Bytes of all files; undefined where one of them is a pipe. */
async function sizeOf(paths: readonly string[]): Promise<number | undefined> {
  let sum = 0;
  for (const path of paths) {
    const { isFile, size } = path === "-" ? { isFile: false, size: 0 } : await statOf(path);
    if (!isFile) return undefined;
    sum += size;
  }
  return sum;
}

/** Returns the size of a file; opening it reports what is wrong with it. */
async function statOf(path: string): Promise<{ isFile: boolean; size: number }> {
  try {
    return await Deno.stat(path);
  } catch {
    return { isFile: false, size: 0 };
  }
}
