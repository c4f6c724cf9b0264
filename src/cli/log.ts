/**
 * Opens nfscribe's own log.
 *
 * @module
 */

import type { LogOptions } from "../config/config.ts";
import { Log } from "../pipeline/log.ts";

/** The log that a configuration asks for. */
export async function openLog(options: LogOptions): Promise<Log> {
  const file = options.file === "-"
    ? Deno.stderr
    : await Deno.open(options.file, { append: true, create: true, mode: 0o640 });
  const encoder = new TextEncoder();
  return new Log(options, (line) => file.writeSync(encoder.encode(line)));
}
