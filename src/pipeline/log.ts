/**
 * nfscribe's own messages: a line a record, for people or for machines.
 *
 * @module
 */

import type { LogOptions } from "../config/config.ts";

const LEVELS = ["debug", "info", "warn", "error"] as const;

/** What belongs to a message: the source, output or file that it is about, and figures. */
export type Fields = Readonly<Record<string, unknown>>;

/** Writes records of the configured level and above. */
export class Log {
  readonly #options: LogOptions;
  readonly #write: (line: string) => void;

  /**
   * Makes a log.
   *
   * @param options Level and format; where the lines go is decided by `write`.
   * @param write Takes one line, with its newline.
   */
  constructor(options: LogOptions, write: (line: string) => void) {
    this.#options = options;
    this.#write = write;
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

  #record(level: typeof LEVELS[number], message: string, fields: Fields): void {
    if (LEVELS.indexOf(level) < LEVELS.indexOf(this.#options.level)) return;
    const line = this.#options.format === "json"
      ? JSON.stringify({ time: new Date().toISOString(), level, message, ...fields })
      : textLine(level, message, fields);
    this.#write(`${line}\n`);
  }
}

/** Figures and names behind the message; tables of figures below it, a line each. */
function textLine(level: string, message: string, fields: Fields): string {
  const mark = level === "info" ? "" : `${level}: `;
  const entries = Object.entries(fields);
  const inline = entries.filter(([, value]) => !isTable(value)).map(pairText);
  const below = entries.filter(([, value]) => isTable(value)).flatMap(([name, value]) =>
    tableLines(holdsTables(value) ? "" : name, value)
  );
  const details = inline.length > 0 ? ` (${inline.join(", ")})` : "";
  return [`nfscribe: ${mark}${message}${details}`, ...below].join("\n");
}

/** Counters, and other tables of figures, a line each. */
export function counterLines(table: unknown): string[] {
  return tableLines("", table);
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

function pairText([name, value]: [string, unknown]): string {
  return `${name} ${Array.isArray(value) ? value.join(", ") : value}`;
}

function isTable(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
