/**
 * Facts that affect the figures: the machine, its kernel and the programs' versions.
 *
 * @module
 */

import { readProcFile } from "../../ffi/proc_file.ts";
import { hasProgram, run } from "../system/process.ts";

/** Collects facts about this machine, by their names. */
export async function machine(): Promise<Record<string, string>> {
  const cpu = /^model name\s*:\s*(.*)$/m.exec(readProcFile("/proc/cpuinfo") ?? "")?.[1];
  const memory = /^MemTotal:\s*(\d+)/m.exec(readProcFile("/proc/meminfo") ?? "")?.[1];
  return {
    cpu: `${navigator.hardwareConcurrency} × ${cpu ?? Deno.build.arch}`,
    memory: `${(Number(memory) / 1024 / 1024).toFixed(0)} GiB`,
    kernel: await firstLine("uname", "-r"),
    deno: Deno.version.deno,
    v8: Deno.version.v8,
    ulogd: await firstLine("ulogd", "--version"),
    tcpdump: await firstLine("tcpdump", "--version"),
    gcc: await firstLine("gcc", "--version"),
  };
}

/** Returns the first line of a program's output. */
async function firstLine(...command: readonly [string, ...string[]]): Promise<string> {
  if (!hasProgram(command[0])) return "not installed";
  const { stdout, stderr } = await run(command);
  return `${stdout}${stderr}`.split("\n")[0]!;
}
