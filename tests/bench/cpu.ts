/**
 * CPU time and memory of another process and its children, to the nanosecond and the
 * page: a sandbox is a process of its own.
 *
 * @module
 */

import { cpuNanoseconds } from "../ffi/cpu_clock.ts";
import { readProcFile } from "../../ffi/proc_file.ts";
import { must } from "../system/process.ts";

/** All of it, in all threads, including ended ones. */
export interface CpuTime {
  /** All of it, in all of its threads, those that have ended among them. */
  total: number;
  /** Part spent outside the kernel. */
  user: number;
  /** Part spent in the kernel. */
  system: number;
}

/** Lists a process and its children. */
export function familyOf(pid: number): number[] {
  const children = readProcFile(`/proc/${pid}/task/${pid}/children`) ?? "";
  return [pid, ...children.split(" ").filter(Boolean).map(Number)];
}

/** Returns the CPU time of a process and its children so far, user and system, in microseconds. */
export function cpuOf(pid: number): number {
  return familyOf(pid).reduce((sum, one) => sum + cpuNanoseconds(one) / 1000, 0);
}

/**
 * Returns the memory of a process and its children in MB; shared memory is divided among them
 * (`Pss`, proc_pid_smaps(5)).
 */
export function memoryOf(pid: number): number {
  return familyOf(pid).reduce((sum, one) => {
    const rollup = readProcFile(`/proc/${one}/smaps_rollup`);
    return sum + kilobytes(rollup, "Pss") * 1024 / 1e6;
  }, 0);
}

/**
 * Returns the most memory that a process and its children ever had, in MB. Peaks at different times
 * add up, so that it is rather too much.
 */
export function mostMemoryOf(pid: number): number {
  return peaksOf(pid).reduce((sum, peak) => sum + peak, 0);
}

/**
 * Returns the most memory that a process and each of its children ever had, in MB (`VmHWM`,
 * proc_pid_status(5)), less the part of its memory now that others have, too.
 */
export function peaksOf(pid: number): number[] {
  return familyOf(pid).map((one) => {
    const peak = kilobytes(readProcFile(`/proc/${one}/status`), "VmHWM");
    const rollup = readProcFile(`/proc/${one}/smaps_rollup`);
    return (peak - kilobytes(rollup, "Rss") + kilobytes(rollup, "Pss")) * 1024 / 1e6;
  });
}

/**
 * Returns the memory of a process and of each of its children that is pages of files, above all of
 * Deno's: every program of Deno has the same ones, and the kernel takes them away and reads them again.
 */
export function filePagesOf(pid: number): number[] {
  return familyOf(pid).map((one) =>
    kilobytes(readProcFile(`/proc/${one}/status`), "RssFile") * 1024 / 1e6
  );
}

/**
 * Returns the most memory of its own that a process and each of its children ever had, in MB: without
 * pages of files, and with half of what a sandbox shares.
 *
 * @param files The most of {@linkcode filePagesOf}.
 */
export function ownPeaksOf(pid: number, files: readonly number[]): number[] {
  return familyOf(pid).map((one, index) => {
    const status = readProcFile(`/proc/${one}/status`);
    const own = kilobytes(status, "VmHWM") - kilobytes(status, "RssShmem") / 2;
    return own * 1024 / 1e6 - files[index]!;
  });
}

/** Returns a number of a file below /proc; 0 for a process that has ended. */
function kilobytes(text: string | undefined, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(text ?? "")?.[1] ?? 0);
}

/** Runs a command; returns its duration in seconds, and its CPU time in microseconds. */
export async function timed(
  command: readonly string[],
): Promise<{ seconds: number; cpuMicros: number }> {
  const inBash = 'TIMEFORMAT="%U %S"; { time "$@"; } 2>&1';
  const begin = performance.now();
  const times = await must(["bash", "-c", inBash, "bash", ...command]);
  const seconds = (performance.now() - begin) / 1000;
  const cpuMicros = times.trim().split(" ").reduce((sum, part) => sum + Number(part) * 1e6, 0);
  return { seconds, cpuMicros };
}

/** Measures the CPU time of a process between two readings. */
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
   * Returns the CPU time used since the start.
   *
   * The sum is the scheduler's and exact. The kernel divides it by samples at its timer's ticks, so
   * the two parts of a second of work are right to a few percent.
   */
  read(): CpuTime {
    const total = cpuOf(this.#pid) - this.#total;
    const [user, system] = ticksOf(this.#pid).map((ticks, part) => ticks - this.#ticks[part]!);
    const share = user! + system! === 0 ? 0 : user! / (user! + system!);
    return { total, user: total * share, system: total * (1 - share) };
  }
}

/**
 * Reads `utime` and `stime` (proc_pid_stat(5)) of a process and its children, in hundredths of a
 * second.
 */
function ticksOf(pid: number): [user: number, system: number] {
  const sum: [user: number, system: number] = [0, 0];
  for (const one of familyOf(pid)) {
    const fields = readProcFile(`/proc/${one}/stat`)!.replace(/^.*\) /, "").split(" ");
    sum[0] += Number(fields[11]);
    sum[1] += Number(fields[12]);
  }
  return sum;
}
