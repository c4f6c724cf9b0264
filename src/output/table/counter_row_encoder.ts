/** Encodes a counter as a row of the table, for the encoders of databases. */

import { familyName } from "../../counter/families.ts";
import type { RawCounter } from "../../counter/raw_counter.ts";
import { ABSENT } from "../../packet/absent.ts";
import { type Encoder, NO_ROOM } from "../../record/encoder.ts";
import { COUNTER_COLUMNS } from "./counter_columns.ts";
import { FIELD_HEAD, RowWriter } from "./row.ts";
import { type OriginOptions, RowOrigin } from "./row_origin.ts";

/** The most bytes of a row besides origin, names and `extra`. */
const FIXED_MOST = 2 + COUNTER_COLUMNS.length * (FIELD_HEAD + 8);
/** Bits of `enum nfnl_acct_flags` (linux/netfilter/nfnetlink_acct.h). */
const [QUOTA_PKTS, QUOTA_BYTES, OVERQUOTA] = [1, 2, 4];

/** Encodes rows with the fields in the order of {@linkcode COUNTER_COLUMNS}. */
export class CounterRowEncoder implements Encoder<RawCounter> {
  readonly #row = new RowWriter();
  readonly #origin: RowOrigin;

  /** Creates an encoder. */
  constructor(options: OriginOptions) {
    this.#origin = new RowOrigin(options);
  }

  /** Encodes a counter as one row; every counter has one. */
  encode(counter: RawCounter, out: Uint8Array, at: number): number {
    const origin = this.#origin.of(counter);
    if (at + mostOf(counter) + origin.length > out.length) return NO_ROOM;
    const row = this.#row;
    const { bytes, flags, quota, isReset } = counter;
    row.begin(out, at, COUNTER_COLUMNS.length);
    row.time(counter.receivedSeconds, counter.receivedNanoseconds);
    row.fields(origin);
    row.uint32OrNull(counter.reading);
    this.#word(counter.tableLength === ABSENT ? "nfacct" : "nft");
    this.#word(familyName(counter.family));
    row.textOrNull(bytes, counter.tableOffset, counter.tableLength);
    row.text(bytes, counter.nameOffset, counter.nameLength);
    row.countOrNull(counter.packetCount);
    row.countOrNull(counter.byteCount);
    if (counter.interval === ABSENT) row.null();
    else row.seconds(counter.interval / 1e6);
    row.countOrNull(isReset ? ABSENT : counter.totalPackets);
    row.countOrNull(isReset ? ABSENT : counter.totalBytes);
    if (counter.isRestarted) row.int16(1);
    else row.null();
    const hasFlags = flags !== ABSENT;
    const isOfPackets = hasFlags && (flags & QUOTA_PKTS) !== 0;
    const isOfBytes = hasFlags && !isOfPackets && (flags & QUOTA_BYTES) !== 0;
    row.countOrNull(isOfPackets ? quota : ABSENT);
    row.countOrNull(isOfBytes ? quota : ABSENT);
    if ((isOfPackets || isOfBytes) && quota !== ABSENT) row.int16(flags & OVERQUOTA ? 1 : 0);
    else row.null();
    row.jsonb(counter.extra);
    return row.at - at;
  }

  #word(word: string | undefined): void {
    if (word === undefined) return this.#row.null();
    // A few words, once each reading and object.
    const bytes = new TextEncoder().encode(word);
    this.#row.bytes(bytes, 0, bytes.length);
  }
}

/** Returns the most bytes of a row without its origin. */
function mostOf({ tableLength, nameLength, extra }: RawCounter): number {
  return FIXED_MOST + 4 * (Math.max(0, tableLength) + Math.max(0, nameLength)) +
    (extra?.length ?? 0);
}
