/**
 * nfscribe's own messages: a line a record, for people or for machines.
 *
 * @module
 */

import { messageOf } from "../errors.ts";
import type { LogOptions } from "../config/config.ts";
import { escaped, jsonLine } from "../text/escape.ts";

/** Levels, and their priorities in the journal (`sd-daemon(3)`, as of `syslog(3)`). */
const PRIORITIES = { debug: 7, info: 6, warn: 4, error: 3 } as const;

/** How important a message is. */
export type Level = keyof typeof PRIORITIES;

/** What belongs to a message: the source, output or file that it is about, and figures. */
export type Fields = Readonly<Record<string, unknown>>;

/** Where a log's lines go, beside the function that takes them. */
export interface LogSink {
  /** Opens the file anew; absent where there is none. */
  reopen?: () => void;
  /** Whether each line begins with its priority, as in `<6>`, which the journal takes off. */
  priorities?: boolean;
}

/** Writes records of the configured level and above. */
export class Log {
  readonly #options: LogOptions;
  readonly #write: (line: string) => void;
  readonly #sink: LogSink;
  /** Records that could not be written since one could, and why. */
  #unwritten = 0;
  #why = "";

  /**
   * Makes a log.
   *
   * @param options Level and format; where the lines go is decided by `write`.
   * @param write Takes a record, with its newline; what it throws is told once it works again.
   * @param sink What else there is to know about where they go.
   */
  constructor(options: LogOptions, write: (line: string) => void, sink: LogSink = {}) {
    this.#options = options;
    this.#write = write;
    this.#sink = sink;
  }

  /** Something for whoever looks for a fault. */
  debug(message: string, fields: Fields = {}): void {
    this.#record("debug", message, fields);
  }

  /** Something that happened as it should. */
  info(message: string, fields: Fields = {}): void {
    this.#record("info", message, fields);
  }

  /** Something that works, but not as asked for. */
  warn(message: string, fields: Fields = {}): void {
    this.#record("warn", message, fields);
  }

  /** Something that failed. */
  error(message: string, fields: Fields = {}): void {
    this.#record("error", message, fields);
  }

  /** Opens its file anew, as after it was moved away; where that fails, the file before stays. */
  reopen(): void {
    try {
      this.#sink.reopen?.();
    } catch (error) {
      this.warn(`${messageOf(error)}; the file before stays in use`);
    }
  }

  #record(level: Level, message: string, fields: Fields): void {
    if (PRIORITIES[level] > PRIORITIES[this.#options.level]) return;
    try {
      if (this.#unwritten > 0) this.#tellUnwritten();
      this.#write(this.#text(level, message, fields));
    } catch (error) {
      // A log that cannot be written is no reason to stop.
      this.#unwritten++;
      this.#why = messageOf(error);
    }
  }

  #tellUnwritten(): void {
    const fields = { file: this.#options.file, records: this.#unwritten };
    this.#write(
      this.#text("warn", `Records of the log are missing here: ${this.#why}`, fields),
    );
    this.#unwritten = 0;
  }

  /** A record as it is written. */
  #text(level: Level, message: string, fields: Fields): string {
    const lines = this.#options.format === "json"
      ? [jsonLine({ time: new Date().toISOString(), level, message, ...fields })]
      : textLines(level, message, fields);
    const mark = this.#sink.priorities === true ? `<${PRIORITIES[level]}>` : "";
    return lines.map((line) => `${mark}${line}\n`).join("");
  }
}

/** Figures and names behind the message; tables of figures below it, a line each. */
function textLines(level: Level, message: string, fields: Fields): string[] {
  const mark = level === "info" ? "" : `${level}: `;
  const entries = Object.entries(fields);
  const inline = entries.filter(([, value]) => !isTable(value)).map(pairText);
  const below = entries.filter(([, value]) => isTable(value)).flatMap(([name, value]) =>
    tableLines(holdsTables(value) ? "" : name, value)
  );
  const details = inline.length > 0 ? ` (${inline.join(", ")})` : "";
  // Further lines of a message stand further in: none can be taken for another record.
  const [first = "", ...further] = `${message}${details}`.split("\n");
  return [`nfscribe: ${mark}${first}`, ...further.map((line) => `  ${line}`), ...below].map(
    escaped,
  );
}

function tableLines(name: string, table: unknown): string[] {
  const entries = Object.entries(table as Fields);
  if (!holdsTables(table)) {
    return [`  ${name}: ${entries.map(pairText).join(", ")}`];
  }
  return entries.flatMap(([key, value]) =>
    tableLines([name, key].filter(Boolean).join(" "), value)
  );
}

function holdsTables(table: unknown): boolean {
  return Object.values(table as Fields).some(isTable);
}

/** A name and its value, in one line. */
function pairText([name, value]: [string, unknown]): string {
  return escaped(`${name} ${Array.isArray(value) ? value.join(", ") : value}`);
}

function isTable(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
