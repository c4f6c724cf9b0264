/**
 * Filters and capture files as the commands that take them are tested with.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { pcapFile } from "nfscribe";
import { arpPacket, udpPacket } from "./packets.ts";
import { deno, ROOT, temporaryFolder } from "./process.ts";

/** A folder with `trace.pcap`, three UDP packets, and a filter script. */
export async function folderWith(script: string): Promise<{ path: string } & AsyncDisposable> {
  const folder = await temporaryFolder();
  await using file = await pcapFile(`${folder.path}/trace.pcap`);
  for (const size of [1, 2, 3]) await file.write(udpPacket(size));
  assertEquals(await file.write(arpPacket()), false);
  await Deno.writeTextFile(`${folder.path}/filter.ts`, script);
  return folder;
}

/** `nfscribe` with rights to read and to run Deno. */
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

/** A filter that decides by the length of packets, and fails on one of them. */
export const BY_LENGTH = `import type { Filter } from "nfscribe";
export default ((packet) => {
  if (packet.originalLength === 30) throw new Error("thirty");
  return packet.originalLength === 29 ? "pcap" : undefined;
}) satisfies Filter;`;

/** A command that is ended where it would go on without end. */
export function soon(command: readonly string[]): string[] {
  return ["timeout", "20", ...command];
}

/** The same command, in a folder. */
export function inFolder(path: string, command: readonly string[]): string[] {
  return ["sh", "-c", 'cd "$0" && exec "$@"', path, ...command];
}
