/**
 * Kills a process that writes numbered records to an output.
 *
 * @module
 */

import { deno, ROOT } from "../../system/process.ts";
import type { Table } from "./numbered_output.ts";

const RIGHTS = [
  "--allow-ffi",
  "--allow-read",
  "--allow-write",
  "--allow-env",
  "--allow-net=127.0.0.1",
  "--unstable-worker-options",
];

/** Returns the command that writes to an output: see `writing.ts`. */
export function writing(type: string, table: Table, ...args: string[]): string[] {
  const program = deno(...RIGHTS, `${ROOT}tests/conformance/system/writing.ts`);
  return [...program, type, JSON.stringify(table), ...args];
}

/**
 * Writes up to 40,000 records, and is killed before.
 *
 * @param least Number of records that are accounted for then, at least.
 * @returns That number.
 */
export async function takenBeforeKill(type: string, table: Table, least: number): Promise<number> {
  const [command, ...args] = writing(type, table, "40000");
  const child = new Deno.Command(command!, { args, stdin: "null", stdout: "piped" }).spawn();
  let taken = 0;
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    taken = Number(text.trimEnd().split("\n").at(-1));
    if (taken >= least) break;
  }
  child.kill("SIGKILL");
  await child.status;
  return taken;
}
