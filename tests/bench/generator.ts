/**
 * Generator of the benchmarks: in C where there is a compiler, which sends half as many again as
 * the one of the tests.
 *
 * @module
 */

import { flood } from "../kernel/traffic.ts";
import { hasProgram, must, ROOT } from "../system/process.ts";

/** Packets to generate. */
export interface Generated {
  count: number;
  /** Bytes of data in each; the packet is 28 bytes longer. */
  size: number;
  port: number;
  /** Packets a second; Infinity for as many as one core can send. */
  rate: number;
  /** Number of addresses that they go to, in turn; more than one takes a compiler. */
  addresses?: number | undefined;
}

/** Path of the program, once it is built. */
let program: Promise<string> | undefined;

/**
 * Sends packets from another process.
 *
 * @returns Packets a second that were sent.
 */
export async function generate(
  { count, size, port, rate, addresses = 1 }: Generated,
): Promise<number> {
  if (!hasProgram("gcc")) return await flood(count, size, port, rate);
  const limit = rate === Infinity ? 0 : rate;
  const words = [count, size, "127.0.0.1", port, limit, addresses].map(String);
  return Number.parseInt(await must([await builtGenerator(), ...words]));
}

/** Returns the path of the generator in C, which is built once. */
export function builtGenerator(): Promise<string> {
  return program ??= built();
}

async function built(): Promise<string> {
  const path = await Deno.makeTempFile({ prefix: "nfscribe-generate-" });
  globalThis.addEventListener("unload", () => Deno.removeSync(path));
  await must(["gcc", "-O2", "-o", path, `${ROOT}tests/bench/generate.c`]);
  return path;
}
