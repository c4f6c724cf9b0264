/**
 * Memory and descriptors of nfscribe and its sandboxes.
 *
 * @module
 */

import { entriesOf } from "../../ffi/files.ts";
import { readProcFile } from "../../ffi/proc_file.ts";
import { familyOf, memoryOf } from "../bench/cpu.ts";

/** Resources of all processes at one time. */
export interface Sample {
  /** Time since the start, in seconds. */
  seconds: number;
  /** Memory of all processes in MB; what they share counts once (`Pss`). */
  memory: number;
  /** Sum of the most memory that each ever had, in MB (`VmHWM`); what they share counts in each. */
  most: number;
  /** Open descriptors. */
  descriptors: number;
  /** Time until the counters' socket answered, in milliseconds; undefined if it did not. */
  answerMs: number | undefined;
}

/** Reads the resources of a process and its children. */
export function resourcesOf(pid: number): Pick<Sample, "memory" | "most" | "descriptors"> {
  const family = familyOf(pid);
  const sum = (figure: (pid: number) => number) =>
    family.reduce((total, one) => total + figure(one), 0);
  return { memory: memoryOf(pid), most: sum(mostOf), descriptors: sum(descriptorsOf) };
}

function mostOf(pid: number): number {
  const status = readProcFile(`/proc/${pid}/status`) ?? "";
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024 / 1e6;
}

function descriptorsOf(pid: number): number {
  return entriesOf(`/proc/${pid}/fd`).length;
}
