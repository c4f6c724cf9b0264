/**
 * What the privileged thread and the sender tell each other without messages:
 * numbers in shared memory, each written by one of them only.
 *
 * @module
 */

/** The numbers there are. */
const NAMES = [
  /** Written by the privileged thread: bytes of all that this session has spooled. */
  "end",
  /** Written by it, too: rows of all that this session has spooled. */
  "rows",
  /** Written by the sender: bytes that deleted segments have made free. */
  "freed",
  /** Written by the sender: 1 + where this session's segment begins that cannot be read any more; 0 for none. */
  "unreadable",
  /** Rows of this session that the database has. */
  "written",
  /** Bytes of these rows. */
  "bytes",
  /** Rows of this session that the server refuses. */
  "refused",
  /** Rows of this session that could not be read again. */
  "lost",
  /** Rows of earlier sessions that the database has now. */
  "recovered",
  /** Rows of any session that the server refuses, which are in the quarantine file. */
  "quarantined",
  /** Transactions that were committed. */
  "batches",
  /** Connections and transactions that were tried again. */
  "retries",
  /** When the oldest row that waits was spooled: milliseconds since the Unix epoch; 0 where none waits. */
  "oldestMs",
] as const;

/** A number's name. */
type Name = typeof NAMES[number];

/** The numbers as one thread sees them. */
export class SpoolNumbers {
  /** What is posted once to the sender. */
  readonly shared: SharedArrayBuffer;
  readonly #values: BigInt64Array;
  /** Counts how often the sender was woken. */
  readonly #events: Int32Array;

  /** Looks at the memory, or makes it. */
  constructor(
    shared: SharedArrayBuffer = new SharedArrayBuffer(8 * (NAMES.length + 1)),
  ) {
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

  /** Rows of this session that have not arrived. */
  get waiting(): number {
    return this.get("rows") - this.get("written") - this.get("refused") - this.get("lost");
  }

  /** Tells the sender that rows were spooled, or that something else is to be done. */
  wakeSender(): void {
    Atomics.add(this.#events, 0, 1);
    Atomics.notify(this.#events, 0);
  }

  /** How often the sender was woken. */
  get wakeUps(): number {
    return Atomics.load(this.#events, 0);
  }

  /** Waits until the sender was woken more often than `seen`, or the time is up. */
  async untilWoken(seen: number, timeoutMs: number): Promise<void> {
    const { async, value } = Atomics.waitAsync(this.#events, 0, seen, timeoutMs);
    if (async) await value;
  }
}
