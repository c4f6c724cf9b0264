/**
 * Folders and users for tests of installations.
 *
 * @module
 */

import { canRun, hasProgram, ROOT, temporaryFolder } from "../system/process.ts";

/** The words that run a command in a network namespace of its own. */
export const IN_NAMESPACE: string = `${ROOT}scripts/in_namespace`;
/** The words that start a logger of group 1, and have five pings logged by it. */
export const LOG_PINGS: string = `${ROOT}tests/install/log_pings`;
/** Reason why a test may be ignored, for the test's name. */
export const CAN_LOG: boolean = canRun(IN_NAMESPACE, "nft", "list", "ruleset");
/** The same for Debian packages. */
export const HAS_DPKG: boolean = hasProgram("dpkg-deb");

/** A filter that tries to read what is none of its business, and passes everything. */
export const CURIOUS_FILTER = `import { cidr, type Filter } from "nfscribe";
const own = cidr("127.0.0.0/8");
try {
  Deno.readTextFileSync("/etc/passwd");
  console.log("has read it");
} catch (error) {
  console.log((error as Error).name);
}
export default ((packet) => own.source(packet) ? "pcap" : false) satisfies Filter;
`;

/** Makes a folder with a filter in it, which any user may read. */
export async function folderWithFilter(): Promise<{ path: string } & AsyncDisposable> {
  const folder = await temporaryFolder();
  await Deno.chmod(folder.path, 0o755);
  await Deno.writeTextFile(`${folder.path}/filter.ts`, CURIOUS_FILTER);
  return folder;
}

/**
 * Lists every path below a folder, with what it is and its size where it is a file.
 *
 * @param folder The folder.
 * @returns Sorted lines.
 */
export function listing(folder: string): string[] {
  const lines: string[] = [];
  const add = (path: string) => {
    for (const { name, isDirectory } of Deno.readDirSync(folder + path)) {
      const { mode, size } = Deno.lstatSync(`${folder}${path}/${name}`);
      lines.push(`${path}/${name} ${(mode! & 0o7777).toString(8)} ${isDirectory ? "" : size}`);
      if (isDirectory) add(`${path}/${name}`);
    }
  };
  add("");
  return lines.sort();
}
