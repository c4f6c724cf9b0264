/** Forms of lines in HTTP requests of Elasticsearch and Loki. */

import { ABSENT } from "../../packet/absent.ts";
import { type Encoder, NO_ROOM, type OutputEvent } from "../../record/encoder.ts";
import type { Timed } from "../../record/timed.ts";
import { ascii, LineWriter } from "../../text/line.ts";

/** Receivers whose requests have a form of their own. */
export type Flavor = "ndjson" | "elasticsearch" | "loki";

/** A record, as far as a request depends on it. */
interface Sent extends Timed {
  /** Name of the host that logged it; empty for this one. */
  readonly host: string;
  /** Name of its source. */
  readonly capture: string;
  /** Its number there; absent for records without one. */
  readonly seq?: number;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Returns an encoder of records for a receiver. */
export function flavored<Raw extends Sent>(
  encoder: Encoder<Raw>,
  flavor: Flavor,
  session: string,
): Encoder<Raw> {
  switch (flavor) {
    case "elasticsearch":
      return new BulkEncoder(encoder, session);
    case "loki":
      return new LokiEncoder(encoder);
    default:
      return encoder;
  }
}

const CREATE = ascii('{"create":{}}\n');
const ID_END = ascii('"}}\n');
/** The most bytes of an action besides session and capture. */
const ACTION_MAX = 64;

/**
 * Writes an action before each line, as the bulk API takes it. A packet's identifier is that of the
 * run, its source and its number there, so that a request that is repeated adds nothing twice. One of
 * another host has none: its number is of a run that is not this one.
 */
class BulkEncoder<Raw extends Sent> implements Encoder<Raw> {
  readonly encodeEvent?: (event: OutputEvent, out: Uint8Array, at: number) => number;
  readonly #encoder: Encoder<Raw>;
  readonly #session: string;
  readonly #line = new LineWriter();
  #capture: string | undefined;
  #action: Uint8Array = CREATE;

  constructor(encoder: Encoder<Raw>, session: string) {
    this.#encoder = encoder;
    this.#session = session;
    if (encoder.encodeEvent === undefined) return;
    this.encodeEvent = (event, out, at) => {
      if (at + CREATE.length > out.length) return NO_ROOM;
      out.set(CREATE, at);
      const length = encoder.encodeEvent!(event, out, at + CREATE.length);
      return length < 0 ? length : CREATE.length + length;
    };
  }

  encode(packet: Raw, out: Uint8Array, at: number): number {
    if (packet.capture !== this.#capture) this.#begin(packet.capture);
    if (at + this.#action.length + ACTION_MAX > out.length) return NO_ROOM;
    const line = this.#line;
    line.out = out;
    line.at = at;
    const { seq = ABSENT, host } = packet;
    if (seq === ABSENT || host !== "") line.text(CREATE);
    else {
      line.text(this.#action);
      line.decimal(seq);
      line.text(ID_END);
    }
    const length = this.#encoder.encode(packet, out, line.at);
    return length < 0 ? length : line.at - at + length;
  }

  #begin(capture: string): void {
    this.#capture = capture;
    const id = JSON.stringify(`${this.#session}:${capture}:`).slice(0, -1);
    this.#action = ascii(`{"create":{"_id":${id}`);
  }
}

const START = ascii('["');
const VALUE = ascii('","');
const END = ascii('"],\n');
/** Digits of a time in nanoseconds. */
const TIME_MAX = 32;

/** Writes lines as values of a Loki stream: time in nanoseconds, and the line as text. */
class LokiEncoder<Raw extends Sent> implements Encoder<Raw> {
  readonly encodeEvent?: (event: OutputEvent, out: Uint8Array, at: number) => number;
  readonly #encoder: Encoder<Raw>;
  readonly #line = new LineWriter();

  constructor(encoder: Encoder<Raw>) {
    this.#encoder = encoder;
    if (encoder.encodeEvent === undefined) return;
    this.encodeEvent = (event, out, at) => {
      const { seconds, nanoseconds } = event;
      if (!this.#begin(out, at, seconds, nanoseconds)) return NO_ROOM;
      return this.#end(at, encoder.encodeEvent!(event, out, this.#line.at));
    };
  }

  encode(packet: Raw, out: Uint8Array, at: number): number {
    const isStamped = packet.seconds !== ABSENT;
    const seconds = isStamped ? packet.seconds : packet.receivedSeconds;
    const nanoseconds = isStamped ? packet.nanoseconds : packet.receivedNanoseconds;
    if (!this.#begin(out, at, seconds, nanoseconds)) return NO_ROOM;
    return this.#end(at, this.#encoder.encode(packet, out, this.#line.at));
  }

  #begin(out: Uint8Array, at: number, seconds: number, nanoseconds: number): boolean {
    if (at + START.length + TIME_MAX > out.length) return false;
    const line = this.#line;
    line.out = out;
    line.at = at;
    line.text(START);
    line.text(ascii(String(seconds)));
    line.padded(nanoseconds, 9);
    line.text(VALUE);
    return true;
  }

  /** Escapes the line that was written, and ends the value. */
  #end(at: number, length: number): number {
    if (length < 0) return length;
    const line = this.#line;
    const from = line.at;
    const end = from + length - 1;
    let extra = 0;
    for (let i = from; i < end; i++) {
      const byte = line.out[i]!;
      if (byte === QUOTE || byte === BACKSLASH) extra++;
    }
    if (end + extra + END.length > line.out.length) return NO_ROOM;
    for (let i = end - 1, to = end + extra - 1; i >= from; i--) {
      const byte = line.out[i]!;
      line.out[to--] = byte;
      if (byte === QUOTE || byte === BACKSLASH) line.out[to--] = BACKSLASH;
    }
    line.at = end + extra;
    line.text(END);
    return line.at - at;
  }
}

/** Number of lines of a record, and the bytes behind the last one that a request leaves out. */
export const FORMS: Readonly<Record<Flavor, { lines: number; trim: number }>> = {
  ndjson: { lines: 1, trim: 0 },
  elasticsearch: { lines: 2, trim: 0 },
  // A comma and a newline.
  loki: { lines: 1, trim: 2 },
};
