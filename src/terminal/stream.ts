/**
 * Interface of the streams that screens, progress lines and queues write to: `Deno.stdout`,
 * `Deno.stderr`, or a test's own.
 */

/** A stream of text. */
export interface TextStream {
  /** Returns whether it is a terminal. */
  isTerminal(): boolean;
  /** Writes some of the bytes without waiting; returns their number. */
  writeSync(bytes: Uint8Array): number;
  /** Waits for room and writes some of the bytes; returns their number. */
  write(bytes: Uint8Array): Promise<number>;
}

/** Size of a terminal. */
export interface Size {
  /** Characters in a line. */
  columns: number;
  /** Lines. */
  rows: number;
}

/** Size of a terminal that does not report one: POSIX says 80 by 24. */
const SIZE: Size = { columns: 80, rows: 24 };

/** Returns the current size of the terminal. */
export function terminalSize(): Size {
  try {
    const { columns, rows } = Deno.consoleSize();
    return { columns: columns || SIZE.columns, rows: rows || SIZE.rows };
  } catch {
    // No descriptor of this process is a terminal.
    return SIZE;
  }
}

/**
 * Writes all of a text; gives up after a time, in milliseconds, or when it cannot be written.
 */
export async function writeWithin(
  stream: TextStream,
  text: string,
  deadlineMs: number,
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, deadlineMs);
  const writing = (async () => {
    const bytes = new TextEncoder().encode(text);
    for (let at = 0; at < bytes.length;) at += await stream.write(bytes.subarray(at));
  })();
  await Promise.race([writing.catch(() => {}), promise]);
  clearTimeout(timer);
}

/** Writes all of a text and blocks until it is written. */
export function writeText(stream: TextStream, text: string): void {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length;) at += stream.writeSync(bytes.subarray(at));
}
