/**
 * Memory of a process and of those that it has started, sampled while they run.
 *
 * @module
 */

import { entriesOf } from "../../ffi/files.ts";
import { readProcFile } from "../../ffi/proc_file.ts";

/** Milliseconds between two samples. */
const SAMPLE_MS = 50;

/** Figures of a process and its children, in MiB. */
export interface MemoryPeak {
  /** The largest sum of proportional set sizes in one sample. */
  together: number;
  /** The largest resident set that the kernel has noted of any child (`VmHWM`). */
  child: number;
}

/** Process ids of the children that a process has at the moment. */
export function childrenOf(parent: number): number[] {
  return entriesOf("/proc").filter((name) => /^\d+$/.test(name)).map(Number).filter((pid) => {
    // proc_pid_stat(5): "pid (name) state ppid …"
    const stat = readProcFile(`/proc/${pid}/stat`);
    const rest = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
    return Number(rest?.[1]) === parent;
  });
}

/** Reads a figure in kB of a file under /proc as MiB; 0 where the process has gone. */
function figure(path: string, name: string): number {
  const text = readProcFile(path) ?? "";
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(text)?.[1] ?? 0) / 1024;
}

/** Samples the memory of a process and its children until it is disposed. */
export class MemoryWatch implements Disposable {
  /** The largest figures so far. */
  readonly peak: MemoryPeak = { together: 0, child: 0 };
  readonly #timer: ReturnType<typeof setInterval>;

  /** Begins to sample. */
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
