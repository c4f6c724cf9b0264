/** Keeps messages that nfscribe cannot read in a file of the quarantine, within a bound. */

import { appendToQuarantine, QUARANTINE } from "../../buffer/quarantine.ts";
import { messageOf } from "../../errors.ts";
import { escaped } from "../../text/escape.ts";

/** Most bytes of the file; further messages are not kept. */
const FILE_MOST = 64 * 1024 * 1024;
/** Messages that are logged one by one within an interval; further ones are counted. */
const LOGGED_MOST = 5;
const INTERVAL_MS = 60_000;

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
  readonly #folder: string | undefined;
  readonly #warn: (message: string) => void;
  #beganMs = -Infinity;
  #logged = 0;
  #silent = 0;
  /** Bytes of messages that are being kept, one after the other. */
  pendingBytes = 0;
  #last: Promise<void> = Promise.resolve();

  /** Creates it with the quarantine's folder, if there is one. */
  constructor(folder: string | undefined, warn: (message: string) => void) {
    this.#folder = folder;
    this.#warn = warn;
  }

  /**
   * Keeps a message, if there is a place for it, and logs it.
   *
   * @throws If the file cannot be written; the message then stays in the stream.
   */
  add(message: RefusedMessage): Promise<void> {
    const { length } = message.body;
    this.pendingBytes += length;
    const adding = this.#last.then(async () => {
      try {
        const isKept = await this.#keep(message);
        this.count++;
        this.#log(message, isKept);
      } finally {
        this.pendingBytes -= length;
      }
    });
    this.#last = adding.catch(() => {});
    return adding;
  }

  async #keep({ body, ...message }: RefusedMessage): Promise<boolean> {
    const folder = this.#folder;
    if (folder === undefined || sizeOf(`${folder}/${QUARANTINE}`) > FILE_MOST) return false;
    const record = { time: new Date().toISOString(), ...message, body: body.toBase64() };
    await appendToQuarantine(folder, [record], this.#warn);
    return true;
  }

  #log({ stream, sequence, subject, reason }: RefusedMessage, isKept: boolean): void {
    const now = performance.now();
    if (now - this.#beganMs > INTERVAL_MS) {
      if (this.#silent > 0) {
        this.#warn(`${this.#silent} further messages of ${stream} were refused in the last minute`);
      }
      [this.#beganMs, this.#logged, this.#silent] = [now, 0, 0];
    }
    if (this.#logged++ >= LOGGED_MOST) {
      this.#silent++;
      return;
    }
    const fate = isKept
      ? `it is in ${this.#folder}/${QUARANTINE}`
      : this.#folder === undefined
      ? "it was removed; quarantine would keep such messages"
      : `it was removed: ${QUARANTINE} has ${FILE_MOST / 1024 / 1024} MiB already`;
    const what = `message ${sequence} of ${stream} (${escaped(subject.slice(0, 255))})`;
    this.#warn(`Cannot read ${what}: ${escaped(reason)}; ${fate}`);
  }
}

function sizeOf(path: string): number {
  try {
    return Deno.lstatSync(path).size;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return 0;
    throw new Error(`Cannot look at ${path}: ${messageOf(error)}`, { cause: error });
  }
}
