/**
 * Writes messages of sandboxes to nfscribe's log: limited in rate and length, one line each, not
 * able to forge a record of nfscribe.
 */

import { escaped } from "../../text/escape.ts";

/** Rate limit in messages a second, and burst. */
const MESSAGES_PER_SECOND = 20;
const MESSAGES_BURST = 40;
/** Longest message with its fields, in characters after escaping. */
const MESSAGE_MAX = 4096;
/** Rate limit in characters a second, and burst. */
const CHARACTERS_PER_SECOND = 8192;
const CHARACTERS_BURST = 65_536;

/** Levels of messages. */
export type Level = "info" | "warn" | "error";

/** Destination of messages. */
export type LogSink = {
  [Name in Level]: (message: string, fields?: Readonly<Record<string, unknown>>) => void;
};

/** Log of sandboxes. */
export class SandboxLog {
  readonly #log: LogSink;
  readonly #now: () => number;
  #lastMs: number;
  #messages = MESSAGES_BURST;
  #characters = CHARACTERS_BURST;
  #suppressed = 0;
  /** Time of the last report of suppressed messages. */
  #reportedMs = -Infinity;

  /**
   * Starts with a full burst.
   *
   * @param log Destination of messages.
   * @param now Current time in milliseconds.
   */
  constructor(log: LogSink, now: () => number = () => performance.now()) {
    this.#log = log;
    this.#now = now;
    this.#lastMs = now();
  }

  /**
   * Writes a message, or counts it as suppressed.
   *
   * @param level Severity.
   * @param message Untrusted text.
   * @param fields Untrusted names and values.
   */
  write(
    level: Level,
    message: string,
    fields: readonly (readonly [name: string, value: string])[] = [],
  ): void {
    this.#refill();
    this.reportSuppressed();
    let left = MESSAGE_MAX;
    const cut = (text: string) => {
      const whole = escaped(text.slice(0, left));
      const kept = whole.length > left ? `${whole.slice(0, Math.max(0, left - 1))}…` : whole;
      left -= kept.length;
      return kept;
    };
    const line = cut(message);
    const named: Record<string, string> = {};
    for (const [name, value] of fields) {
      if (left <= 0) break;
      named[fieldName(cut(name))] = cut(value);
    }
    const characters = MESSAGE_MAX - left;
    if (this.#messages < 1 || this.#characters < characters) {
      this.#suppressed++;
      return;
    }
    this.#messages--;
    this.#characters -= characters;
    this.#log[level](line, named);
  }

  /** Counts messages that the sandbox itself suppressed. */
  countSuppressed(messages: number): void {
    this.#suppressed += messages;
    this.reportSuppressed();
  }

  /**
   * Logs the number of suppressed messages, at most once a second; called at intervals and at the
   * end.
   */
  reportSuppressed(isEnd = false): void {
    if (this.#suppressed === 0) return;
    const now = this.#now();
    if (!isEnd && now - this.#reportedMs < 1000) return;
    this.#reportedMs = now;
    this.#log.warn("The filter says more than is logged; messages were suppressed", {
      messages: this.#suppressed,
    });
    this.#suppressed = 0;
  }

  #refill(): void {
    const now = this.#now();
    const seconds = (now - this.#lastMs) / 1000;
    this.#lastMs = now;
    this.#messages = Math.min(MESSAGES_BURST, this.#messages + seconds * MESSAGES_PER_SECOND);
    this.#characters = Math.min(
      CHARACTERS_BURST,
      this.#characters + seconds * CHARACTERS_PER_SECOND,
    );
  }
}

/** Names of a log record's own fields, which a script must not overwrite. */
const OWN_FIELDS = ["time", "level", "message", "counters"];

function fieldName(name: string): string {
  return OWN_FIELDS.includes(name) || name === "__proto__" ? `filter_${name}` : name;
}
