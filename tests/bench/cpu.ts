/**
 * CPU time of another process.
 *
 * @module
 */

import { readProcFile } from "../../ffi/proc_file.ts";

/** `sysconf(_SC_CLK_TCK)`: the unit of CPU times in /proc, 100 a second on every Linux Deno runs on. */
const TICKS_PER_SECOND = 100;

/** CPU time of a process so far, user and system, in microseconds (proc_pid_stat(5)). */
export function cpuOf(pid: number): number {
  const fields = readProcFile(`/proc/${pid}/stat`)!.replace(/^.*\) /, "").split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 1e6 / TICKS_PER_SECOND;
}
