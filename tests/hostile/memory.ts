/**
 * Samples the memory of a process and its children while they run.
 *
 * @module
 */

import { entriesOf } from "../../ffi/files.ts";
import { readProcFile } from "../../ffi/proc_file.ts";

/** Interval of samples, in milliseconds. */
const SAMPLE_MS = 50;

/** Figures of a process and its children, in MiB. */
export interface MemoryPeak {
  /** Largest sum of proportional set sizes in one sample. */
  together: number;
  /** Largest resident set of any child, from the kernel (`VmHWM`). */
  child: number;
}

/** Returns the process ids of the present children of a process. */
export function childrenOf(parent: number): number[] {
  return entriesOf("/proc").filter((name) => /^\d+$/.test(name)).map(Number).filter((pid) => {
    // proc_pid_stat(5): "pid (name) state ppid …"
    const stat = readProcFile(`/proc/${pid}/stat`);
    const rest = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
    return Number(rest?.[1]) === parent;
  });
}

/** Reads a figure in kB of a file under /proc as MiB; 0 if the process has ended. */
function figure(path: string, name: string): number {
  const text = readProcFile(path) ?? "";
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(text)?.[1] ?? 0) / 1024;
}

/** Samples the memory of a process and its children until it is disposed. */
export class MemoryWatch implements Disposable {
  /** Largest figures so far. */
  readonly peak: MemoryPeak = { together: 0, child: 0 };
  readonly #timer: ReturnType<typeof setInterval>;

  /** Starts sampling. */
  constructor(pid: number) {
    this.#timer = setInterval(() => this.#sample(pid), SAMPLE_MS);
  }

  /** Ends sampling. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #sample(pid: number): void {
    const children = childrenOf(pid);
    let together = 0;
    for (const each of [pid, ...children]) {
      const pss = figure(`/proc/${each}/smaps_rollup`, "Pss");
      together += pss || figure(`/proc/${each}/status`, "VmRSS");
    }
    this.peak.together = Math.max(this.peak.together, together);
    for (const child of children) {
      this.peak.child = Math.max(this.peak.child, figure(`/proc/${child}/status`, "VmHWM"));
    }
  }
}
