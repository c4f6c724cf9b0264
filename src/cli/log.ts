/**
 * Opens nfscribe's own log.
 *
 * @module
 */

import { fstatSync } from "node:fs";
import type { LogOptions } from "../config/config.ts";
import { Log } from "../log/log.ts";
import { LogFile } from "../log/log_file.ts";
import { variable } from "../permission.ts";
import { terminalSize, writeText } from "../terminal/stream.ts";
import { fold } from "../terminal/width.ts";

/** Standard error's descriptor (POSIX). */
const STDERR_FILENO = 2;
/** Variable that systemd sets where the journal reads standard error (`systemd.exec(5)`). */
const JOURNAL_STREAM = "JOURNAL_STREAM";

/**
 * Opens the log that a configuration asks for.
 *
 * @param options What it asks for.
 * @param write Takes the lines that go to standard error.
 * @throws {OutputError} If its file cannot be opened.
 */
export function openLog(
  options: LogOptions,
  write: (line: string) => void = writeError,
): Promise<Log> {
  const { file, journal } = options;
  if (file === "-") {
    const priorities = journal ?? isJournal();
    const fitting = options.format === "text" && Deno.stderr.isTerminal()
      ? (lines: string) => write(fold(lines, terminalSize().columns))
      : write;
    return Promise.resolve(new Log(options, fitting, { priorities }));
  }
  const log = new LogFile(file);
  return Promise.resolve(
    new Log(options, (line) => log.write(line), {
      reopen: () => log.reopen(),
      priorities: journal === true,
    }),
  );
}

/** Returns whether the journal reads standard error, as far as this process may know. */
function isJournal(): boolean {
  const stream = variable(JOURNAL_STREAM);
  if (stream === undefined) return false;
  const { dev, ino } = fstatSync(STDERR_FILENO, { bigint: true });
  return stream === `${dev}:${ino}`;
}

function writeError(line: string): void {
  writeText(Deno.stderr, line);
}
