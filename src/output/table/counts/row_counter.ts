/** Counts rows by minute and keys, as they are delivered. */

import { ETH_P_ARP, ETH_P_RARP } from "../../../packet/ether_types.ts";
import type { RecordTable } from "../record_table.ts";
import { ROW_EPOCH, TWO_32 } from "../row.ts";
import { StrangeRowError } from "../row_cursor.ts";
import {
  ARP_KEY,
  type Count,
  ENDS,
  NO_PROTOCOL,
  OTHER_PREFIX,
  PREFIXES_MOST,
  STEPS,
  TEXT_MOST,
} from "./counted.ts";

/** Slots of the table that leads from keys to counts: packets of a firewall have few. */
const SLOTS = 256;
/** Last second of the year 9999, in place of later ones. */
const LAST_SECOND = 253_402_300_799;
const NOTHING = new Uint8Array(0);
const ENDS_BYTES = ENDS.map((event) => new TextEncoder().encode(event));
/** EtherTypes of ARP. */
const ARP_TYPES = [ETH_P_ARP, ETH_P_RARP];

/** Sums of some rows. */
interface Sums {
  records: number;
  bytes: number;
}

/** Rows with the same keys beside the time. */
interface Group {
  protocol: number;
  /** Bytes of the fields `host` and `capture`, and of the prefix. */
  origin: Uint8Array;
  prefix: Uint8Array;
  /** Sums by minute since the Unix epoch. */
  minutes: Map<number, Sums>;
  /** The minute of the last row, and its sums. */
  minute: number;
  sums: Sums;
}

/** Counts rows of one table. */
export class RowCounter {
  readonly #width: number;
  /** Numbers of columns; -1 where the table has none. */
  readonly #host: number;
  readonly #capture: number;
  readonly #prefix: number;
  readonly #protocol: number;
  readonly #etherType: number;
  readonly #source: number;
  readonly #size: number;
  readonly #event: number;
  readonly #directions: readonly number[];
  /** Offset and length of each value of the present row. */
  readonly #at: Int32Array;
  readonly #length: Int32Array;
  readonly #slots = Array<Group | undefined>(SLOTS);
  readonly #groups = new Map<string, Group>();
  readonly #prefixes = new Set<string>();
  #bytes: Uint8Array = NOTHING;
  #view: DataView = new DataView(new ArrayBuffer(0));

  constructor({ columns }: Pick<RecordTable, "columns">) {
    this.#width = columns.length;
    const numberOf = (name: string) => columns.findIndex(([column]) => column === name);
    this.#host = numberOf("host");
    this.#capture = numberOf("capture");
    this.#prefix = numberOf("prefix");
    this.#protocol = numberOf("protocol");
    this.#etherType = numberOf("ethertype");
    this.#source = numberOf("source_address");
    this.#size = numberOf("length");
    this.#event = numberOf("event");
    this.#directions = [numberOf("original_bytes"), numberOf("reply_bytes")];
    this.#at = new Int32Array(this.#width);
    this.#length = new Int32Array(this.#width);
  }

  /**
   * Counts the rows of frames.
   *
   * @throws {StrangeRowError} If they hold anything else.
   */
  add(frames: readonly Uint8Array[]): void {
    for (const frame of frames) {
      this.#bytes = frame;
      this.#view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
      for (let at = 0; at < frame.length;) {
        at = this.#split(at);
        const sums = sumsOf(this.#find(this.#protocolOf()), Math.floor(this.#second() / 60));
        sums.records++;
        sums.bytes += this.#prefix >= 0 ? this.#number(this.#size, 0) : this.#flowBytes();
      }
    }
  }

  /** Returns the counts of all intervals, in the order of their keys. */
  counts(): Count[] {
    const groups = [...this.#groups].sort(([one], [other]) => one < other ? -1 : 1)
      .map(([, group]) => ({ key: keyOf(group), minutes: group.minutes }));
    // Writers that lock the same rows in the same order do not wait for each other in a circle.
    return STEPS.flatMap((step) =>
      groups.flatMap(({ key, minutes }) =>
        [...summedUp(minutes, step)].sort(([one], [other]) => one - other)
          .map(([start, sums]) => ({ step, start, ...key, ...sums }))
      )
    );
  }

  /** Finds the values of a row; returns the offset behind it. */
  #split(start: number): number {
    const view = this.#view;
    const width = this.#width;
    const ats = this.#at;
    const lengths = this.#length;
    const size = view.byteLength;
    if (start + 2 > size || view.getInt16(start) !== width) throw new StrangeRowError();
    let at = start + 2;
    for (let column = 0; column < width; column++) {
      if (at + 4 > size) throw new StrangeRowError();
      const length = view.getInt32(at);
      at += 4;
      ats[column] = at;
      lengths[column] = length;
      if (length > 0) at += length;
    }
    if (at > size) throw new StrangeRowError();
    return at;
  }

  #second(): number {
    if (this.#length[0] !== 8) throw new StrangeRowError();
    const at = this.#at[0]!;
    const micros = this.#view.getInt32(at) * TWO_32 + this.#view.getUint32(at + 4);
    return Math.min(LAST_SECOND, Math.floor(micros / 1e6) + ROW_EPOCH);
  }

  #number(column: number, none: number): number {
    const [at, view] = [this.#at[column]!, this.#view];
    switch (this.#length[column]) {
      case -1:
        return none;
      case 2:
        return view.getInt16(at);
      case 4:
        return view.getInt32(at);
      case 8:
        return view.getInt32(at) * TWO_32 + view.getUint32(at + 4);
      default:
        throw new StrangeRowError();
    }
  }

  /** Returns the protocol's number, or what stands in its place. */
  #protocolOf(): number {
    const protocol = this.#number(this.#protocol, NO_PROTOCOL);
    if (protocol !== NO_PROTOCOL || this.#prefix < 0) return protocol;
    const isArp = ARP_TYPES.includes(this.#number(this.#etherType, 0));
    return isArp || this.#length[this.#source]! >= 0 ? ARP_KEY : NO_PROTOCOL;
  }

  /** Returns the bytes of a flow that has ended. */
  #flowBytes(): number {
    const [at, length] = [this.#at[this.#event]!, this.#length[this.#event]!];
    if (!ENDS_BYTES.some((end) => isAt(this.#bytes, at, length, end))) return 0;
    return this.#directions.reduce((sum, column) => sum + this.#number(column, 0), 0);
  }

  /** Returns the group of the present row. */
  #find(protocol: number): Group {
    const bytes = this.#bytes;
    const from = this.#at[this.#host]! - 4;
    const size = this.#at[this.#capture]! + Math.max(0, this.#length[this.#capture]!) - from;
    const at = this.#prefix < 0 ? 0 : this.#at[this.#prefix]!;
    const length = this.#prefix < 0 ? 0 : Math.max(0, this.#length[this.#prefix]!);
    let hash = protocol * 31 + size;
    for (let index = at; index < at + length; index++) hash = Math.imul(hash, 31) + bytes[index]!;
    const slot = (hash ^ hash >>> 8) & SLOTS - 1;
    const known = this.#slots[slot];
    if (
      known !== undefined && known.protocol === protocol &&
      isAt(bytes, at, length, known.prefix) && isAt(bytes, from, size, known.origin)
    ) return known;
    return this.#slots[slot] = this.#findSlowly(protocol, from, size, at, length);
  }

  #findSlowly(
    protocol: number,
    from: number,
    size: number,
    at: number,
    length: number,
  ): Group {
    const origin = this.#bytes.slice(from, from + size);
    let prefix = this.#bytes.slice(at, at + length);
    const name = prefix.toHex();
    if (!this.#prefixes.has(name)) {
      if (this.#prefixes.size < PREFIXES_MOST) this.#prefixes.add(name);
      else prefix = new TextEncoder().encode(OTHER_PREFIX);
    }
    const key = `${origin.toHex()} ${prefix.toHex()} ${protocol}`;
    let group = this.#groups.get(key);
    if (group === undefined) {
      const sums = { records: 0, bytes: 0 };
      group = { protocol, origin, prefix, minutes: new Map(), minute: NaN, sums };
      this.#groups.set(key, group);
    }
    return group;
  }
}

/** Returns whether bytes are at an offset. */
function isAt(bytes: Uint8Array, at: number, length: number, other: Uint8Array): boolean {
  if (other.length !== length) return false;
  for (let index = 0; index < length; index++) {
    if (bytes[at + index] !== other[index]) return false;
  }
  return true;
}

/** Returns the sums of a minute. */
function sumsOf(group: Group, minute: number): Sums {
  if (group.minute === minute) return group.sums;
  let sums = group.minutes.get(minute);
  if (sums === undefined) {
    sums = { records: 0, bytes: 0 };
    group.minutes.set(minute, sums);
  }
  group.minute = minute;
  return group.sums = sums;
}

/** Returns sums by the start of longer intervals, in seconds since the Unix epoch. */
function summedUp(minutes: ReadonlyMap<number, Sums>, step: number): Map<number, Sums> {
  const longer = new Map<number, Sums>();
  for (const [minute, { records, bytes }] of minutes) {
    const start = Math.floor(minute * 60 / step) * step;
    const sums = longer.get(start);
    if (sums === undefined) longer.set(start, { records, bytes });
    else {
      sums.records += records;
      sums.bytes += bytes;
    }
  }
  return longer;
}

function keyOf({ origin, prefix, protocol }: Group) {
  const texts = new TextDecoder();
  const view = new DataView(origin.buffer, origin.byteOffset);
  const hostEnd = 4 + Math.max(0, view.getInt32(0));
  return {
    host: cut(texts.decode(origin.subarray(4, hostEnd)), TEXT_MOST.host),
    capture: cut(texts.decode(origin.subarray(hostEnd + 4)), TEXT_MOST.capture),
    prefix: cut(texts.decode(prefix), TEXT_MOST.prefix),
    protocol,
  };
}

/** Cuts a text to so many characters. */
function cut(text: string, most: number): string {
  return text.length <= most ? text : [...text].slice(0, most).join("");
}
