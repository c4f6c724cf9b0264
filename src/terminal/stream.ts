/**
 * The streams of screens, bars and queues of lines: `Deno.stdout`, `Deno.stderr`,
 * or what a test puts in their place.
 *
 * @module
 */

/** Where text goes. */
export interface TextStream {
  /** Whether a person looks at it. */
  isTerminal(): boolean;
  /** Writes some of the bytes, at once; how many. */
  writeSync(bytes: Uint8Array): number;
  /** Writes some of the bytes when there is room for them; how many. */
  write(bytes: Uint8Array): Promise<number>;
}

/** How large a terminal is. */
export interface Size {
  /** Characters in a line. */
  columns: number;
  /** Lines. */
  rows: number;
}

/** A terminal that does not know how large it is: POSIX says 80 by 24. */
const SIZE: Size = { columns: 80, rows: 24 };

/** How large the terminal is at the moment. */
export function terminalSize(): Size {
  try {
    const { columns, rows } = Deno.consoleSize();
    return { columns: columns || SIZE.columns, rows: rows || SIZE.rows };
  } catch {
    // No descriptor of this process is a terminal.
    return SIZE;
  }
}

/** Writes all of a text, and waits in place until it is written. */
export function writeText(stream: TextStream, text: string): void {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length;) at += stream.writeSync(bytes.subarray(at));
}
