/** Bodies of messages: unpacked, checked as a whole, and cut into chunks of whole records. */

import { wordAlign } from "../../bytes/write.ts";
import { NDJSON, PCAPNG } from "../../nats/format/headers.ts";
import { MessageError, type MessageHead } from "../../nats/format/message.ts";
import { LINKTYPE_NFLOG } from "../../pcap/link/types.ts";
import { NO_INTERFACE, RECORD_HEADER } from "../../pcap/read/layout.ts";
import { PcapngParser } from "../../pcap/read/pcapng.ts";
import { type FileRecord, newRecord, Step } from "../../pcap/read/record.ts";
import { Window } from "../../pcap/read/window.ts";
import type { RecordKind } from "../../record/kind.ts";
import { DATAGRAM_MAX } from "../source.ts";
import {
  encodeNames,
  finishPart,
  FORM_CAPTURED,
  FORM_LINES,
  NAMES_MOST,
  PART_HEADER,
} from "./chunk.ts";

/** Most bytes of a chunk, always the same: chunks of a message are numbered. */
const CHUNK_MOST = DATAGRAM_MAX;
const NEWLINE = 0x0a;

/** Records of a message, chunk by chunk. */
export interface Body {
  /** Whether there is no further chunk. */
  readonly isLast: boolean;
  /**
   * Writes the next chunk.
   *
   * @param out Destination of {@linkcode DATAGRAM_MAX} bytes, at a multiple of 4.
   * @returns Its length in bytes.
   */
  next(out: Uint8Array): number;
}

/**
 * Checks a body, so that all of it can be cut into chunks.
 *
 * @param head Head of the message.
 * @param plain The body, unpacked.
 * @param kind Kind of record that is expected.
 * @throws {MessageError} If it is not as the head says.
 */
export function openBody(
  head: MessageHead,
  plain: Uint8Array<ArrayBuffer>,
  kind: RecordKind,
): Body {
  const names = encodeNames(head);
  if (names.length > NAMES_MOST) {
    throw new MessageError(`its names have ${names.length} bytes, and ${NAMES_MOST} are the most`);
  }
  if (head.records === 0) return new EmptyBody(names, kind);
  if (kind !== "packet") {
    if (head.contentType === NDJSON) return new LineBody(names, plain, head.records);
    throw new MessageError(`${head.contentType} holds no ${kind}s`);
  }
  if (head.contentType === PCAPNG) return new CapturedBody(names, plain, head.records);
  throw new MessageError(
    "it holds packets as JSON, which is for other programs: payload must be pcapng at the sender",
  );
}

/** Body of a message that only tells of a loss. */
class EmptyBody implements Body {
  readonly isLast = true;
  readonly #names: Uint8Array;
  readonly #form: number;

  constructor(names: Uint8Array, kind: RecordKind) {
    this.#names = names;
    this.#form = kind === "packet" ? FORM_CAPTURED : FORM_LINES;
  }

  next(out: Uint8Array): number {
    return finishPart(out, 0, this.#names, 0, this.#form);
  }
}

/** Packets of pcapng sections. */
class CapturedBody implements Body {
  readonly #names: Uint8Array;
  readonly #plain: Uint8Array<ArrayBuffer>;
  /** Records that are left. */
  #left: number;
  #window: Window;
  #parser = new PcapngParser();
  readonly #record = newRecord();
  /** Whether the record is found and not written yet. */
  #isFound = false;

  constructor(names: Uint8Array, plain: Uint8Array<ArrayBuffer>, records: number) {
    this.#names = names;
    // The window begins where its memory does.
    this.#plain = plain.byteOffset === 0 ? plain : new Uint8Array(plain);
    const found = this.#count();
    if (found !== records) {
      throw new MessageError(`its head tells of ${records} packets, and it holds ${found}`);
    }
    this.#left = records;
    this.#window = windowOver(this.#plain);
  }

  get isLast(): boolean {
    return this.#left === 0;
  }

  next(out: Uint8Array): number {
    const start = PART_HEADER + this.#names.length;
    const words = new Uint32Array(out.buffer, out.byteOffset, CHUNK_MOST >> 2);
    const record = this.#record;
    let end = start;
    while (this.#left > 0) {
      if (!this.#isFound) this.#parser.next(this.#window, record);
      this.#isFound = true;
      // A record that is larger than a chunk is cut.
      const captured = Math.min(record.captured, CHUNK_MOST - start - RECORD_HEADER);
      const size = RECORD_HEADER + wordAlign(captured);
      if (end + size > CHUNK_MOST) break;
      const word = end >> 2;
      words[word] = record.seconds;
      words[word + 1] = record.nanoseconds;
      words[word + 2] = captured;
      words[word + 3] = record.original;
      words[word + 4] = record.kind;
      words[word + 5] = NO_INTERFACE;
      const { data } = record;
      out.set(this.#plain.subarray(data, data + captured), end + RECORD_HEADER);
      out.fill(0, end + RECORD_HEADER + captured, end + size);
      end += size;
      this.#window.skip(record.size);
      this.#isFound = false;
      this.#left--;
    }
    return finishPart(out, 0, this.#names, end - start, FORM_CAPTURED);
  }

  /** Counts the packets; throws if the bytes are not pcapng. */
  #count(): number {
    const window = windowOver(this.#plain);
    const parser = new PcapngParser();
    const record: FileRecord = newRecord();
    for (let count = 0;; count++) {
      const step = parser.next(window, record);
      if (step === Step.DAMAGED) throw damage(window, parser.damage);
      if (step === Step.MORE) {
        const cut = parser.cut(window);
        if (cut !== undefined) throw damage(window, cut);
        const [other] = parser.passedOver.keys();
        if (other === undefined) return count;
        throw new MessageError(`it has packets of link type ${other}, and nfscribe sends NFLOG`);
      }
      const linkType = record.kind & 0xffff;
      if (linkType !== LINKTYPE_NFLOG) {
        throw new MessageError(`it has packets of link type ${linkType}, and nfscribe sends NFLOG`);
      }
      window.skip(record.size);
    }
  }
}

/** Lines of JSON. */
class LineBody implements Body {
  readonly #names: Uint8Array;
  readonly #plain: Uint8Array;
  #at = 0;

  constructor(names: Uint8Array, plain: Uint8Array, records: number) {
    this.#names = names;
    this.#plain = plain;
    const room = this.#room;
    let [count, at] = [0, 0];
    for (; at < plain.length; count++) {
      const end = lineEnd(plain, at);
      if (end - at > room) {
        throw new MessageError(`it has a line of ${end - at} bytes, and ${room} are the most`);
      }
      at = end;
    }
    if (count !== records) {
      throw new MessageError(`its head tells of ${records} records, and it has ${count} lines`);
    }
  }

  get isLast(): boolean {
    return this.#at >= this.#plain.length;
  }

  next(out: Uint8Array): number {
    const start = this.#at;
    let end = start;
    while (end < this.#plain.length) {
      const next = lineEnd(this.#plain, end);
      if (next - start > this.#room) break;
      end = next;
    }
    out.set(this.#plain.subarray(start, end), PART_HEADER + this.#names.length);
    this.#at = end;
    return finishPart(out, 0, this.#names, end - start, FORM_LINES);
  }

  get #room(): number {
    return CHUNK_MOST - PART_HEADER - this.#names.length;
  }
}

function windowOver(plain: Uint8Array<ArrayBuffer>): Window {
  const window = new Window(plain);
  window.add(plain.length);
  window.isLast = true;
  return window;
}

function damage({ offset }: Window, what: string): MessageError {
  return new MessageError(`its pcapng is damaged at byte ${offset}: ${what}`);
}

/** Returns the offset after a line with its newline. */
function lineEnd(bytes: Uint8Array, at: number): number {
  const newline = bytes.indexOf(NEWLINE, at);
  return newline < 0 ? bytes.length : newline + 1;
}
