/** Counts of accounting objects for programs and filters. */

import { partOf } from "../bytes/memory.ts";
import { StaleCounterError } from "../errors.ts";
import { ABSENT, present } from "../packet/absent.ts";
import { describeCounter } from "./describe.ts";
import type { CounterObject, CounterQuota, TableFamily } from "./facts.ts";
import { familyName } from "./families.ts";
import type { RawCounter } from "./raw_counter.ts";
import { type StructuredCounter, structuredCounter } from "./structured.ts";

const UTF8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** Bits of `enum nfnl_acct_flags` (linux/netfilter/nfnetlink_acct.h). */
const [QUOTA_PKTS, QUOTA_BYTES, OVERQUOTA] = [1, 2, 4];

/**
 * The counts of an accounting object at a reading: of nfacct(8), or a named counter of nftables.
 * Values that are unknown are `undefined`, never 0.
 *
 * @example Reading a counter
 * ```ts
 * import type { Counter } from "nfscribe";
 *
 * function bitsPerSecond({ bytes, interval }: Counter): number | undefined {
 *   return bytes === undefined || !interval ? undefined : bytes * 8 / interval;
 * }
 * console.log(bitsPerSecond.name);
 * ```
 */
export class Counter {
  // Private by name: a filter must not reach the memory that processes share.
  readonly #raw: RawCounter;
  readonly #generation: number;

  /** Wraps a decoded record. */
  constructor(raw: RawCounter) {
    this.#raw = raw;
    this.#generation = raw.generation;
  }

  /**
   * Returns the decoded record, for encoders.
   *
   * @throws {StaleCounterError} If the memory holds another record by now.
   */
  static rawOf(counter: Counter): RawCounter {
    const raw = counter.#raw;
    if (raw.generation !== counter.#generation) throw new StaleCounterError();
    return raw;
  }

  /** Name of the host that counted, where that is another one: its nfscribe sent it here. */
  get host(): string | undefined {
    return Counter.rawOf(this).host || undefined;
  }

  /** Number of the reading: all of its records have it, and it grows by one with each. */
  get seq(): number | undefined {
    return present(Counter.rawOf(this).reading);
  }

  /** Kind of the object: `nfacct`, or `nft` for a named counter of nftables. */
  get object(): CounterObject {
    return Counter.rawOf(this).tableLength === ABSENT ? "nfacct" : "nft";
  }

  /** Family of the table of a named counter, in nft's words. */
  get family(): TableFamily | undefined {
    return familyName(Counter.rawOf(this).family);
  }

  /** Name of the table of a named counter. */
  get table(): string | undefined {
    const { bytes, tableOffset, tableLength } = Counter.rawOf(this);
    return tableLength === ABSENT ? undefined : textOf(bytes, tableOffset, tableLength);
  }

  /** Name of the object. */
  get name(): string {
    const { bytes, nameOffset, nameLength } = Counter.rawOf(this);
    return textOf(bytes, nameOffset, nameLength);
  }

  /** Packets since the last reading; absent if that is unknown, as at the first one. */
  get packets(): number | undefined {
    return present(Counter.rawOf(this).packetCount);
  }

  /** Bytes of these packets. */
  get bytes(): number | undefined {
    return present(Counter.rawOf(this).byteCount);
  }

  /** Seconds since the last reading, to the microsecond. */
  get interval(): number | undefined {
    const { interval } = Counter.rawOf(this);
    return interval === ABSENT ? undefined : interval / 1e6;
  }

  /**
   * Packets since the object was made or set to 0; absent where each reading sets it to 0, and above
   * 2^53 - 1.
   */
  get totalPackets(): number | undefined {
    const { isReset, totalPackets } = Counter.rawOf(this);
    return isReset ? undefined : present(totalPackets);
  }

  /** Bytes of these packets. */
  get totalBytes(): number | undefined {
    const { isReset, totalBytes } = Counter.rawOf(this);
    return isReset ? undefined : present(totalBytes);
  }

  /**
   * Whether the object was made, or set to 0 by another program, since the last reading: `packets`
   * and `bytes` are counts since then.
   */
  get restarted(): boolean {
    return Counter.rawOf(this).isRestarted;
  }

  /** Limit of an object of nfacct that is a quota. */
  get quota(): CounterQuota | undefined {
    const { flags, quota } = Counter.rawOf(this);
    if (flags === ABSENT || quota === ABSENT) return undefined;
    const exceeded = (flags & OVERQUOTA) !== 0;
    if (flags & QUOTA_PKTS) return { packets: quota, exceeded };
    return flags & QUOTA_BYTES ? { bytes: quota, exceeded } : undefined;
  }

  /**
   * Time of the reading, in microseconds since the Unix epoch; `Date` takes milliseconds:
   * `new Date(counter.time / 1000)`.
   */
  get time(): number {
    const { receivedSeconds, receivedNanoseconds } = Counter.rawOf(this);
    return receivedSeconds * 1e6 + Math.floor(receivedNanoseconds / 1000);
  }

  /** Returns a copy of the record in memory of its own. */
  copy(): Counter {
    return new Counter(Counter.rawOf(this).copy());
  }

  /** Returns one readable line. */
  toString(): string {
    return describeCounter(structuredCounter(this));
  }

  /** Returns the structured form, for `JSON.stringify`: names as here, absent where a value is unknown. */
  toJSON(): StructuredCounter {
    const { host, session, capture, extra } = Counter.rawOf(this);
    return structuredCounter(this, { host, capture, ...session && { session }, extra });
  }

  /** Returns the readable line, for `console.log`. */
  [Symbol.for("Deno.customInspect")](): string {
    return this.toString();
  }
}

function textOf(bytes: Uint8Array, offset: number, length: number): string {
  return UTF8.decode(partOf(bytes, offset, offset + length));
}
