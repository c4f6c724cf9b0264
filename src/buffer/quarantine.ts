/**
 * Stores records that a receiver refuses in a file of the spool's folder: a line of JSON for each.
 */

import { NotRegularError } from "../files/place.ts";
import { openRegular, setAside } from "../files/set_aside.ts";

/** The file's name in the spool's folder. */
export const QUARANTINE = "quarantine.jsonl";

/**
 * Appends lines and syncs them to disk.
 *
 * @param folder The spool's folder.
 * @param records Values that become a line of JSON each.
 * @param warn Receives a warning if something else is in the file's place.
 */
export async function appendToQuarantine(
  folder: string,
  records: readonly Readonly<Record<string, unknown>>[],
  warn: (message: string) => void,
): Promise<void> {
  const lines = records.map((record) => JSON.stringify(record));
  using file = open(folder, warn);
  const bytes = new TextEncoder().encode(`${lines.join("\n")}\n`);
  for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
  await file.syncData();
}

/**
 * Opens or creates the file, and its folder if another program has removed it; renames anything that
 * is not a regular file.
 */
function open(folder: string, warn: (message: string) => void): Deno.FsFile {
  const path = `${folder}/${QUARANTINE}`;
  const options = { create: true, append: true };
  try {
    return openRegular(path, options);
  } catch (error) {
    if (error instanceof NotRegularError) setAside(path, error.message, warn);
    else if (error instanceof Deno.errors.NotFound) {
      Deno.mkdirSync(folder, { recursive: true, mode: 0o750 });
    } else throw error;
    return openRegular(path, options);
  }
}
