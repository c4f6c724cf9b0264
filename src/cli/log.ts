/** Opens nfscribe's own log. */

import { nodeFs } from "../builtin_modules.ts";
import type { LogOptions } from "../config/config.ts";
import { Log } from "../log/log.ts";
import { LogFile } from "../log/log_file.ts";
import { LogStream } from "../log/log_stream.ts";
import { variable } from "../permission.ts";
import { terminalSize } from "../terminal/stream.ts";
import { fold } from "../terminal/width.ts";

/** Standard error's descriptor (POSIX). */
const STDERR_FILENO = 2;
/** Variable that systemd sets where the journal reads standard error (`systemd.exec(5)`). */
const JOURNAL_STREAM = "JOURNAL_STREAM";
/** Time for the reader of standard error at the end, in milliseconds. */
const LAST_MS = 500;

/**
 * Opens the log that a configuration asks for.
 *
 * @param options What it asks for.
 * @param write Takes the lines that go to standard error; by default they never wait for its
 *   reader.
 * @throws {OutputError} If its file cannot be opened.
 */
export function openLog(
  options: LogOptions,
  write?: (line: string) => void,
): Promise<Log> {
  const { file, journal } = options;
  if (file === "-") return Promise.resolve(standardErrorLog(options, write));
  const log = new LogFile(file);
  return Promise.resolve(
    new Log(options, (line) => log.write(line), {
      reopen: () => log.reopen(),
      priorities: journal === true,
    }),
  );
}

/** Opens a log on standard error. */
function standardErrorLog(options: LogOptions, write?: (line: string) => void): Log {
  const stream = new LogStream(Deno.stderr, {
    onLost: (records, why) => log.noteUnwritten(records, why),
    onRoom: () => log.reportUnwritten(),
  });
  const put = write ?? ((line) => stream.write(line));
  const fitting = options.format === "text" && Deno.stderr.isTerminal()
    ? (lines: string) => put(fold(lines, terminalSize().columns))
    : put;
  const log: Log = new Log(options, fitting, {
    priorities: options.journal ?? isJournal(),
    close: () => stream.close(LAST_MS),
  });
  return log;
}

/** Returns whether the journal reads standard error, as far as this process may know. */
function isJournal(): boolean {
  const stream = variable(JOURNAL_STREAM);
  if (stream === undefined) return false;
  const { dev, ino } = nodeFs().fstatSync(STDERR_FILENO, { bigint: true });
  return stream === `${dev}:${ino}`;
}
