/** Keeps messages that nfscribe cannot read in a file of the quarantine, within a bound. */

import { appendToQuarantine, QUARANTINE } from "../../buffer/quarantine.ts";
import { messageOf } from "../../errors.ts";
import { escaped } from "../../text/escape.ts";
import { LimitedLog } from "./limited_log.ts";

/** Most bytes of the file; further messages are not kept. */
const FILE_MOST = 64 * 1024 * 1024;
/**
 * Messages that stay in the stream while the file cannot be written; further ones are removed, so that
 * they do not take the place of those that can be read.
 */
const UNKEPT_MOST = 500;

/** A message that is refused. */
export interface RefusedMessage {
  stream: string;
  /** Its sequence number in the stream. */
  sequence: number;
  subject: string;
  headers: Record<string, string[]>;
  body: Uint8Array;
  /** Reason; it fits behind a colon. */
  reason: string;
}

/** Messages that were refused. */
export class RefusedMessages {
  /** Number of them. */
  count = 0;
  /** Reason why they cannot be kept; undefined while they can. */
  problem: string | undefined;
  /** Bytes of messages that are being kept, one after the other. */
  pendingBytes = 0;
  readonly #folder: string | undefined;
  readonly #warn: (message: string) => void;
  readonly #log: LimitedLog;
  /** Sequence numbers of messages that stay in the stream. */
  readonly #unkept = new Set<number>();
  #last: Promise<void> = Promise.resolve();

  /** Creates it with the quarantine's folder, if there is one. */
  constructor(folder: string | undefined, warn: (message: string) => void) {
    this.#folder = folder;
    this.#warn = warn;
    this.#log = new LimitedLog(
      warn,
      (count) => `${count} further messages were refused in the last minute`,
    );
  }

  /**
   * Keeps a message, if there is a place for it, and logs it.
   *
   * @param size Its size with its headers, in bytes.
   * @returns Whether the stream may remove it: one that cannot be kept now is tried again when it is
   *   delivered again.
   */
  async add(message: RefusedMessage, size: number): Promise<boolean> {
    this.pendingBytes += size;
    const adding = this.#last.then(() => this.#add(message));
    this.#last = adding.then(() => {});
    try {
      return await adding;
    } finally {
      this.pendingBytes -= size;
    }
  }

  async #add(message: RefusedMessage): Promise<boolean> {
    const { sequence } = message;
    const isKnown = this.#unkept.has(sequence);
    if (!isKnown) this.count++;
    let fate: string;
    try {
      fate = await this.#keep(message);
      this.#unkept.delete(sequence);
      this.#well();
    } catch (error) {
      this.#fail(messageOf(error));
      if (isKnown) return false;
      const stays = this.#unkept.size < UNKEPT_MOST;
      if (stays) this.#unkept.add(sequence);
      fate = stays
        ? "it stays in the stream until it can be kept"
        : `it was removed: it cannot be kept, and ${UNKEPT_MOST} such messages are in the stream`;
    }
    const { stream, subject, reason } = message;
    const what = `message ${sequence} of ${stream} (${escaped(subject.slice(0, 255))})`;
    this.#log.warn(`Cannot read ${what}: ${escaped(reason)}; ${fate}`);
    return !this.#unkept.has(sequence);
  }

  /** Keeps a message if there is room; returns what has become of it. */
  async #keep({ body, ...message }: RefusedMessage): Promise<string> {
    const folder = this.#folder;
    if (folder === undefined) return "it was removed; quarantine would keep such messages";
    if (sizeOf(`${folder}/${QUARANTINE}`) > FILE_MOST) {
      return `it was removed: ${QUARANTINE} has ${FILE_MOST / 1024 / 1024} MiB already`;
    }
    const record = { time: new Date().toISOString(), ...message, body: body.toBase64() };
    await appendToQuarantine(folder, [record], this.#warn);
    return `it is in ${folder}/${QUARANTINE}`;
  }

  /** Logs why messages cannot be kept, once as long as they cannot. */
  #fail(why: string): void {
    const isNew = this.problem === undefined;
    this.problem = `messages that cannot be read are not kept in ${this.#folder}: ${why}`;
    if (isNew) this.#warn(`${capitalized(this.problem)}; this is tried again each minute`);
  }

  #well(): void {
    if (this.problem === undefined) return;
    this.problem = undefined;
    this.#warn(`Messages that cannot be read are kept in ${this.#folder} again`);
  }
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function sizeOf(path: string): number {
  try {
    return Deno.lstatSync(path).size;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return 0;
    throw new Error(`Cannot look at ${path}: ${messageOf(error)}`, { cause: error });
  }
}
