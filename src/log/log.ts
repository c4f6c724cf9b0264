/** Writes nfscribe's own log: text or JSON, a line for each record. */

import { messageOf } from "../errors.ts";
import type { LogOptions } from "../config/config.ts";
import { escaped, jsonLine } from "../text/escape.ts";

/** Levels, with their priorities in the journal (`sd-daemon(3)`, as in `syslog(3)`). */
const PRIORITIES = { debug: 7, info: 6, warn: 4, error: 3 } as const;

/** Severity of a message. */
export type Level = keyof typeof PRIORITIES;

/** Fields of a message: source, output or file, and figures. */
export type Fields = Readonly<Record<string, unknown>>;

/** Options of a log's destination. */
export interface LogSink {
  /** Reopens the file; absent if there is none. */
  reopen?: () => void;
  /** Writes the records that wait for a reader, for a limited time; absent if none wait. */
  close?: () => Promise<void>;
  /** Whether each line begins with its priority, as in `<6>`, which the journal strips. */
  priorities?: boolean;
}

/** Writes records of the configured level and above. */
export class Log implements AsyncDisposable {
  readonly #options: LogOptions;
  readonly #write: (line: string) => void;
  readonly #sink: LogSink;
  /** Number of records that could not be written since the last success, and the reason. */
  #unwritten = 0;
  #why = "";

  /**
   * Creates a log.
   *
   * @param options Level and format.
   * @param write Writes a record with its newline; failures are logged after the next success.
   * @param sink Options of the destination.
   */
  constructor(options: LogOptions, write: (line: string) => void, sink: LogSink = {}) {
    this.#options = options;
    this.#write = write;
    this.#sink = sink;
  }

  /** Logs at debug level. */
  debug(message: string, fields: Fields = {}): void {
    this.#record("debug", message, fields);
  }

  /** Logs at info level. */
  info(message: string, fields: Fields = {}): void {
    this.#record("info", message, fields);
  }

  /** Logs at warn level. */
  warn(message: string, fields: Fields = {}): void {
    this.#record("warn", message, fields);
  }

  /** Logs at error level. */
  error(message: string, fields: Fields = {}): void {
    this.#record("error", message, fields);
  }

  /**
   * Reopens the file, as after a rotation by another program; on failure the former file stays
   * open.
   */
  reopen(): void {
    try {
      this.#sink.reopen?.();
    } catch (error) {
      this.warn(`${messageOf(error)}; the file before stays in use`);
    }
  }

  /** Writes the records that wait for a reader, for a limited time. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#sink.close?.();
  }

  /** Counts records that could not be written; they are logged after the next success. */
  noteUnwritten(records: number, why: string): void {
    this.#unwritten += records;
    this.#why = why;
  }

  /** Logs how many records could not be written, if there are any: there is room again. */
  reportUnwritten(): void {
    if (this.#unwritten === 0) return;
    try {
      this.#logMissing();
    } catch {
      // They are logged after the next success.
    }
  }

  #record(level: Level, message: string, fields: Fields): void {
    if (PRIORITIES[level] > PRIORITIES[this.#options.level]) return;
    try {
      if (this.#unwritten > 0) this.#logMissing();
      this.#write(this.#text(level, message, fields));
    } catch (error) {
      // An unwritable log must not end the process.
      this.noteUnwritten(1, messageOf(error));
    }
  }

  #logMissing(): void {
    const fields = { file: this.#options.file, records: this.#unwritten };
    this.#write(
      this.#text("warn", `Records of the log are missing here: ${this.#why}`, fields),
    );
    this.#unwritten = 0;
  }

  /** Formats a record. */
  #text(level: Level, message: string, fields: Fields): string {
    const lines = this.#options.format === "json"
      ? [jsonLine({ time: new Date().toISOString(), level, message, ...fields })]
      : textLines(level, message, fields);
    const mark = this.#sink.priorities === true ? `<${PRIORITIES[level]}>` : "";
    return lines.map((line) => `${mark}${line}\n`).join("");
  }
}

/** Formats a record as text: fields after the message, tables of figures on indented lines. */
function textLines(level: Level, message: string, fields: Fields): string[] {
  const mark = level === "info" ? "" : `${level}: `;
  const entries = Object.entries(fields);
  const inline = entries.filter(([, value]) => !isTable(value)).map(pairText);
  const below = entries.filter(([, value]) => isTable(value)).flatMap(([name, value]) =>
    tableLines(holdsTables(value) ? "" : name, value)
  );
  const details = inline.length > 0 ? ` (${inline.join(", ")})` : "";
  // Further lines are indented, so that none can be mistaken for a record.
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

/** Formats a name and its value in one line. */
function pairText([name, value]: [string, unknown]): string {
  return escaped(`${name} ${Array.isArray(value) ? value.join(", ") : value}`);
}

function isTable(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
