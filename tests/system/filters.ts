/**
 * Filters and capture files for tests of commands.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { pcapFile } from "nfscribe";
import { arpPacket, udpPacket } from "./packets.ts";
import { deno, ROOT, temporaryFolder } from "./process.ts";

/** Creates a folder with `trace.pcap`, three UDP packets, and a filter script. */
export async function folderWith(script: string): Promise<{ path: string } & AsyncDisposable> {
  const folder = await temporaryFolder();
  await using file = await pcapFile(`${folder.path}/trace.pcap`);
  for (const size of [1, 2, 3]) await file.write(udpPacket(size));
  assertEquals(await file.write(arpPacket()), false);
  await Deno.writeTextFile(`${folder.path}/filter.ts`, script);
  return folder;
}

/** Returns the command line of `nfscribe` with permissions to read and to run Deno. */
export function nfscribe(...args: readonly string[]): string[] {
  return deno(
    "--allow-ffi",
    "--allow-read",
    "--allow-write=/tmp",
    "--allow-run=deno",
    `${ROOT}main.ts`,
    ...args,
  );
}

/** A filter that decides by the length of packets, and fails for one of them. */
export const BY_LENGTH = `import type { Filter } from "nfscribe";
export default ((packet) => {
  if (packet.originalLength === 30) throw new Error("thirty");
  return packet.originalLength === 29 ? "pcap" : undefined;
}) satisfies Filter;`;

/** Returns a command with a time limit. */
export function soon(command: readonly string[]): string[] {
  return ["timeout", "20", ...command];
}
