/**
 * Messages (RFC 7011 section 3.1) of one transport session: puts data records behind their
 * templates, counts them, and keeps each message below a length. Pure.
 */

import { writeBe16, writeBe32 } from "../../bytes/write.ts";
import { RefusedError } from "../remote/failure.ts";
import { SET_HEADER, type Template, TEMPLATE_SET, templateOf } from "./template.ts";

/** Version of IPFIX. */
const VERSION = 10;
/** Bytes of a message's header. */
const MESSAGE_HEADER = 16;
/** The longest message: 16 bits tell its length. */
export const MESSAGE_MAX = 65_535;
const DAMAGED = "Records are no data sets of IPFIX: their memory is damaged";
/** The shortest limit for which a template and a record of each kind have room. */
export const MESSAGE_LIMIT_MIN = 512;

/** Options of messages. */
export interface MessageOptions {
  /** Identifier of the observation domain. */
  observationDomain: number;
  /** The most bytes of a message. */
  limit: number;
  /** Seconds after which a template is sent again; Infinity for never. */
  templateSeconds: number;
  /** Messages after which a template is sent again; Infinity for never. */
  templateMessages: number;
}

/** A template that the session has announced. */
interface Announced {
  /** Second of its last announcement, by the caller's clock. */
  second: number;
  /** Number of messages before it. */
  messages: number;
}

/** Makes the messages of a session. */
export class MessageBuilder {
  readonly #options: MessageOptions;
  readonly #message: Uint8Array;
  readonly #announced = new Map<number, Announced>();
  /** Data records that the session has sent. */
  #sequence = 0;
  #messages = 0;
  #length = MESSAGE_HEADER;
  /** Data records in the message. */
  #records = 0;
  /** Offset of the set that the last record went into, and its identifier; 0 for none. */
  #set = 0;
  #setId = 0;

  /** Begins a session. */
  constructor(options: MessageOptions) {
    this.#options = options;
    this.#message = new Uint8Array(options.limit);
  }

  /** Data records in the message that was yielded last. */
  get records(): number {
    return this.#records;
  }

  /**
   * Yields the messages of some records; each counts as sent once the next one is asked for.
   *
   * @param sets Data sets with a record each, as the encoder makes them.
   * @param now Second of the messages, since the Unix epoch.
   * @throws {RefusedError} If they are none, once those before were yielded.
   */
  *messages(sets: Uint8Array, now: number): Generator<Uint8Array> {
    this.#begin();
    for (let at = 0; at < sets.length;) {
      const id = sets[at]! << 8 | sets[at + 1]!;
      const template = templateOf(id);
      const end = at + SET_HEADER + (template?.length ?? 0);
      const length = sets[at + 2]! << 8 | sets[at + 3]!;
      if (template === undefined || end > sets.length || length !== end - at) {
        yield* this.#rest(now);
        throw new RefusedError("ipfix", DAMAGED, [sets.subarray(at).toHex()]);
      }
      if (!this.#fits(template, now)) {
        yield this.#finish(now);
        this.#sent();
      }
      if (this.#isDue(template, now)) this.#announce(template, now);
      this.#append(template, sets, at + SET_HEADER);
      at = end;
    }
    yield* this.#rest(now);
  }

  /** Yields the message that is begun, if it has records. */
  *#rest(now: number): Generator<Uint8Array> {
    if (this.#records === 0) return;
    yield this.#finish(now);
    this.#sent();
  }

  #begin(): void {
    this.#length = MESSAGE_HEADER;
    this.#records = 0;
    this.#set = 0;
  }

  #isDue({ id }: Template, now: number): boolean {
    const announced = this.#announced.get(id);
    if (announced === undefined) return true;
    const { templateSeconds, templateMessages } = this.#options;
    // A clock that was set back makes no session without templates.
    return Math.abs(now - announced.second) >= templateSeconds ||
      this.#messages - announced.messages >= templateMessages;
  }

  #fits(template: Template, now: number): boolean {
    const forTemplate = this.#isDue(template, now) ? SET_HEADER + template.bytes.length : 0;
    const forSet = forTemplate === 0 && this.#setId === template.id && this.#set > 0
      ? 0
      : SET_HEADER;
    return this.#length + forTemplate + forSet + template.length <= this.#message.length;
  }

  #announce({ id, bytes }: Template, now: number): void {
    this.#openSet(TEMPLATE_SET);
    this.#message.set(bytes, this.#length);
    this.#length += bytes.length;
    this.#announced.set(id, { second: now, messages: this.#messages });
  }

  #append({ id, length }: Template, sets: Uint8Array, at: number): void {
    if (this.#set === 0 || this.#setId !== id) this.#openSet(id);
    this.#message.set(sets.subarray(at, at + length), this.#length);
    this.#length += length;
    this.#records++;
  }

  #openSet(id: number): void {
    this.#closeSet();
    this.#set = this.#length;
    this.#setId = id;
    this.#length += SET_HEADER;
  }

  #closeSet(): void {
    if (this.#set === 0) return;
    writeBe16(this.#message, this.#set, this.#setId);
    writeBe16(this.#message, this.#set + 2, this.#length - this.#set);
    this.#set = 0;
  }

  #finish(now: number): Uint8Array {
    this.#closeSet();
    const message = this.#message;
    writeBe16(message, 0, VERSION);
    writeBe16(message, 2, this.#length);
    writeBe32(message, 4, now);
    writeBe32(message, 8, this.#sequence);
    writeBe32(message, 12, this.#options.observationDomain);
    return message.subarray(0, this.#length);
  }

  #sent(): void {
    this.#sequence = this.#sequence + this.#records >>> 0;
    this.#messages++;
    this.#begin();
  }
}
