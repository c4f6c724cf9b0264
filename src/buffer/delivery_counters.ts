/**
 * Numbers in shared memory: what the writer of a segment log and its reader tell each other
 * without messages. Each is written by one of them only.
 */

/** The numbers. The writer writes the first three. */
const NAMES = [
  /** Bytes of all that this session has appended. */
  "end",
  /** Records of all that this session has appended. */
  "records",
  /**
   * Position of the segment that grows. It is set before "end" passes the segment before, so a
   * reader that reads "end" first knows whether all of that is in the segment that it knows.
   */
  "base",
  /** Bytes of removed segments. */
  "freed",
  /** 1 + base of this session's segment that cannot be read any more; 0 for none. */
  "unreadable",
  /** Records of this session that have arrived. */
  "written",
  /** Bytes of these records. */
  "bytes",
  /** Records of this session that the receiver refuses. */
  "refused",
  /** Records of this session that could not be read again. */
  "lost",
  /** Records of this session that the receiver has by another way. */
  "repeated",
  /** Records of this session that their sender keeps, since their chunk was not completed. */
  "discarded",
  /** Position up to which all that this session has appended is synced to disk, or has arrived. */
  "safe",
  /** Records of earlier sessions that have arrived now. */
  "recovered",
  /** Records of any session that the receiver refuses, which are in the quarantine file. */
  "quarantined",
  /** Transactions that were committed. */
  "batches",
  /** Connections and transactions that were tried again. */
  "retries",
  /** Time of the oldest waiting record, in milliseconds since the Unix epoch; 0 if none waits. */
  "oldestMs",
] as const;

type Name = typeof NAMES[number];

/** The numbers as one thread sees them. */
export class DeliveryCounters {
  /** Memory to post to the other thread. */
  readonly shared: SharedArrayBuffer;
  readonly #values: BigInt64Array;
  /** Counts how often the reader was woken. */
  readonly #events: Int32Array;

  /** Takes the memory of another thread's numbers, or allocates it. */
  constructor(shared = new SharedArrayBuffer(8 * (NAMES.length + 1))) {
    this.shared = shared;
    this.#values = new BigInt64Array(shared, 8);
    this.#events = new Int32Array(shared, 0, 1);
  }

  /** Reads a number. */
  get(name: Name): number {
    return Number(Atomics.load(this.#values, NAMES.indexOf(name)));
  }

  /** Writes a number. */
  set(name: Name, value: number): void {
    Atomics.store(this.#values, NAMES.indexOf(name), BigInt(value));
  }

  /** Adds to a number. */
  add(name: Name, value: number): void {
    this.set(name, this.get(name) + value);
  }

  /** Records of this session that have not arrived. */
  get waiting(): number {
    return this.get("records") - this.get("written") - this.get("refused") - this.get("lost") -
      this.get("repeated") - this.get("discarded");
  }

  /** Wakes the reader: records were appended, or something else is to be done. */
  wakeReader(): void {
    Atomics.add(this.#events, 0, 1);
    Atomics.notify(this.#events, 0);
  }

  /** Number of times that the reader was woken. */
  get wakeUps(): number {
    return Atomics.load(this.#events, 0);
  }

  /** Waits until the reader was woken more often than `seen`, or the time is up. */
  async untilWoken(seen: number, timeoutMs: number): Promise<void> {
    const { async, value } = Atomics.waitAsync(this.#events, 0, seen, timeoutMs);
    // A promise that is resolved already lets neither messages nor timers in.
    await (async ? value : new Promise((resolve) => setTimeout(resolve, 0)));
  }
}
