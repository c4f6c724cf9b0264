/**
 * CPU time of another process, to the nanosecond.
 *
 * @module
 */

import { cpuNanoseconds } from "../../ffi/cpu_clock.ts";
import { readProcFile } from "../../ffi/proc_file.ts";

/** CPU time of a process, in microseconds. */
export interface CpuTime {
  /** All of it, in all of its threads, those that have ended among them. */
  total: number;
  /** What of it was spent outside of the kernel. */
  user: number;
  /** What of it was spent in the kernel. */
  system: number;
}

/** CPU time of a process so far, user and system, in microseconds. */
export function cpuOf(pid: number): number {
  return cpuNanoseconds(pid) / 1000;
}

/** Two readings of a process. */
export class CpuMeter {
  readonly #pid: number;
  readonly #total: number;
  readonly #ticks: readonly [user: number, system: number];

  /** Begins to measure a process. */
  constructor(pid: number) {
    this.#pid = pid;
    this.#total = cpuOf(pid);
    this.#ticks = ticksOf(pid);
  }

  /**
   * What the process has used since.
   *
   * The sum is the scheduler's and exact. The kernel divides it by what it finds at its
   * timer's ticks, so the two parts of a second of work are right to a few percent.
   */
  read(): CpuTime {
    const total = cpuOf(this.#pid) - this.#total;
    const [user, system] = ticksOf(this.#pid).map((ticks, part) => ticks - this.#ticks[part]!);
    const share = user! + system! === 0 ? 0 : user! / (user! + system!);
    return { total, user: total * share, system: total * (1 - share) };
  }
}

/** `utime` and `stime` (proc_pid_stat(5)), in hundredths of a second. */
function ticksOf(pid: number): [user: number, system: number] {
  const fields = readProcFile(`/proc/${pid}/stat`)!.replace(/^.*\) /, "").split(" ");
  return [Number(fields[11]), Number(fields[12])];
}
