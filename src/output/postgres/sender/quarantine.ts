/**
 * Stores refused rows in a file: a line of JSON for each.
 *
 * @module
 */

import { NotRegularError } from "../../../files/place.ts";
import { openRegular, setAside } from "../../../files/set_aside.ts";
import type { Batch } from "../../../buffer/segment_batch.ts";
import type { Refused } from "./bisect.ts";

/** The file's name in the spool's folder. */
export const QUARANTINE = "quarantine.jsonl";

/**
 * Appends rows and syncs them to disk. A batch that is tried again may append a row twice: session
 * and position show it.
 *
 * @param folder The spool's folder.
 * @param table The destination table.
 * @param batch The batch with the rows.
 * @param refused The rows.
 * @param warn Receives a warning if something else is in the file's place.
 */
export async function quarantine(
  folder: string,
  table: string,
  { session, from }: Batch,
  refused: readonly Refused[],
  warn: (message: string) => void,
): Promise<void> {
  const time = new Date().toISOString();
  const lines = refused.map(({ row, columns, problem: { message, code } }) =>
    JSON.stringify({
      time,
      table,
      session,
      position: from,
      code,
      message,
      columns,
      row: row.toBase64(),
    })
  );
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
