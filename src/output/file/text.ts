/** The privileged half of outputs of text: writes files of whole lines. */

import { openFile } from "./open.ts";
import type { Writer } from "../output.ts";
import type { FileOptions } from "./options.ts";
import { refuseCapture } from "./text_format.ts";

const NEWLINE = 0x0a;

/**
 * Opens a text file to append to. If its last line has no newline, one is added first.
 *
 * @param options Checked options.
 * @param warn Receives warnings.
 * @throws {OutputError} If it cannot be opened.
 */
export async function openTextFile(
  options: FileOptions,
  warn: (message: string) => void,
): Promise<Writer> {
  return await openFile(options, {
    header: new Uint8Array(0),
    check(readAt, size) {
      refuseCapture(readAt);
      const last = new Uint8Array(1);
      readAt(size - 1, last);
      return last[0] === NEWLINE ? { end: size } : { end: size, missing: Uint8Array.of(NEWLINE) };
    },
  }, warn);
}
