/** Encodes records in groups of one kind, host and source, each of which becomes a message. */

import { readLe32 } from "../../bytes/memory.ts";
import { writeLe16, writeLe32 } from "../../bytes/write.ts";
import { type Encoder, NO_ROOM } from "../../record/encoder.ts";
import type { RecordKind } from "../../record/kind.ts";
import type { BodyEncoder } from "./body_encoder.ts";
import { DESCRIPTION, GROUP, HEAD, KINDS, NAME_MOST } from "./frame_format.ts";

/** A raw record, as far as its origin goes. */
export interface Originated {
  /** Name of its source; empty if there is only one. */
  readonly capture: string;
  /** Host that logged it; absent or empty for this host. */
  readonly host?: string;
}

/** Notes behind a record about what it refers to. */
export interface Notes<Raw> {
  /** Forgets what was noted: a group begins. */
  begin(): void;
  /**
   * Notes what a record refers to, unless the group has it.
   *
   * @param group Offset at which the group begins.
   * @returns The bytes written, or {@linkcode NO_ROOM}.
   */
  write(record: Raw, out: Uint8Array, at: number, group: number): number;
}

/** Options of a {@linkcode GroupedEncoder}. */
export interface GroupedEncoderOptions<Raw> {
  kind: RecordKind;
  /** Bytes after which another group begins. */
  limit: number;
  /** Makes the encoder of a source's bodies. */
  body(): BodyEncoder<Raw>;
  /** Makes the notes of a source's groups; absent for none. */
  notes?(): Notes<Raw>;
}

/** Sources of which encoders are kept; hosts that a central nfscribe passes on may be any number. */
const SOURCES_MOST = 256;

/**
 * Half of the mark of each group, the other half being a count: no packet can hold the mark of a group
 * that was in its place before.
 */
const MARK = Math.floor(Math.random() * 0x1_0000_0000);

/** Records of one host and source, and the group that is growing. */
class Source<Raw> {
  readonly body: BodyEncoder<Raw>;
  readonly notes: Notes<Raw> | undefined;
  /** Payload of the description that begins each group, without the mark. */
  readonly description: Uint8Array;
  /** Place of the group's description. */
  out: Uint8Array | undefined;
  at = 0;
  /** Count in the mark of the group, which no other has, of whatever kind. */
  mark = 0;
  /** Bytes of the group. */
  size = 0;

  constructor(
    readonly host: string,
    readonly capture: string,
    { kind, body, notes }: GroupedEncoderOptions<Raw>,
  ) {
    this.body = body();
    this.notes = notes?.();
    this.description = describe(kind, host, capture);
  }

  /**
   * Whether the group may grow in an area. What was written there before is overwritten from the
   * beginning: then another mark, or none, stands in the description's place.
   */
  goesOn(out: Uint8Array, at: number): boolean {
    const mark = this.at + HEAD;
    return this.out === out && at > this.at && readLe32(out, mark) === MARK &&
      readLe32(out, mark + 4) === this.mark;
  }
}

/** Encodes records of one kind for an output that sends messages. */
export class GroupedEncoder<Raw extends Originated> implements Encoder<Raw> {
  readonly #options: GroupedEncoderOptions<Raw>;
  readonly #sources = new Map<string, Source<Raw>>();
  #source: Source<Raw> | undefined;
  #groups = 0;

  /** Creates an encoder. */
  constructor(options: GroupedEncoderOptions<Raw>) {
    this.#options = options;
  }

  /** Encodes a record, behind the description of its group where that begins. */
  encode(record: Raw, out: Uint8Array, at: number): number {
    const source = this.#sourceOf(record);
    if (source.goesOn(out, at)) {
      source.body.goOn?.(out, at + HEAD);
      const length = this.#add(source, record, out, at);
      if (length < 0) return length;
      source.size += length;
      if (source.size <= this.#options.limit) return length;
    }
    return this.#begin(source, record, out, at);
  }

  #sourceOf({ host = "", capture }: Originated): Source<Raw> {
    const last = this.#source;
    if (last?.capture === capture && last.host === host) return last;
    const key = `${host}\0${capture}`;
    let source = this.#sources.get(key);
    if (source === undefined) {
      if (this.#sources.size >= SOURCES_MOST) this.#sources.clear();
      source = new Source(host, capture, this.#options);
      this.#sources.set(key, source);
    }
    return this.#source = source;
  }

  /** Begins a group with a record. */
  #begin(source: Source<Raw>, record: Raw, out: Uint8Array, at: number): number {
    const { description } = source;
    const start = at + HEAD + description.length;
    if (start > out.length) return NO_ROOM;
    source.out = out;
    source.at = at;
    const kinds = KINDS.length;
    source.mark = (this.#groups + 1) * kinds + KINDS.indexOf(this.#options.kind) >>> 0;
    source.body.begin?.();
    source.notes?.begin();
    writeLe32(out, at, description.length);
    writeLe32(out, at + 4, GROUP);
    out.set(description, at + HEAD);
    writeLe32(out, at + HEAD, MARK);
    writeLe32(out, at + HEAD + 4, source.mark);
    const length = this.#add(source, record, out, start);
    if (length < 0) {
      source.out = undefined;
      return length;
    }
    this.#groups++;
    source.size = length;
    return start - at + length;
  }

  /** Writes a record of the group that is growing, and notes. */
  #add(source: Source<Raw>, record: Raw, out: Uint8Array, at: number): number {
    const length = source.body.encode(record, out, at + HEAD);
    if (length < 0) return length;
    writeLe32(out, at, length);
    writeLe32(out, at + 4, at - source.at);
    if (source.notes === undefined) return HEAD + length;
    const noted = source.notes.write(record, out, at + HEAD + length, source.at);
    return noted < 0 ? noted : HEAD + length + noted;
  }
}

function describe(kind: RecordKind, host: string, capture: string): Uint8Array {
  const names = [host, capture].map(nameBytes);
  const [hostBytes, captureBytes] = names as [Uint8Array, Uint8Array];
  const bytes = new Uint8Array(DESCRIPTION + hostBytes.length + captureBytes.length);
  bytes[8] = KINDS.indexOf(kind);
  writeLe16(bytes, 12, hostBytes.length);
  writeLe16(bytes, 14, captureBytes.length);
  bytes.set(hostBytes, DESCRIPTION);
  bytes.set(captureBytes, DESCRIPTION + hostBytes.length);
  return bytes;
}

/** Returns a name in UTF-8, cut to {@linkcode NAME_MOST} bytes. */
function nameBytes(name: string): Uint8Array {
  const bytes = new Uint8Array(NAME_MOST);
  return bytes.subarray(0, new TextEncoder().encodeInto(name, bytes).written);
}
