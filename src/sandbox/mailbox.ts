/**
 * What the privileged thread and a sandbox say to each other about slots: which
 * are the sandbox's to work on, and that one was given back.
 *
 * @module
 */

/** Words of {@linkcode Events}: how many slots were given back, and how many of them somebody waits for. */
const COUNT = 0;
const URGENT = 1;

/** Counts the slots that sandboxes give back: the privileged thread waits for it to change. */
export class Events {
  /** What is posted once to the sandboxes. */
  readonly shared: SharedArrayBuffer;
  readonly #words: Int32Array;

  /** Looks at a counter's memory, or makes it. */
  constructor(shared: SharedArrayBuffer = new SharedArrayBuffer(8)) {
    this.shared = shared;
    this.#words = new Int32Array(shared);
  }

  /** How many times a slot was given back so far, modulo 2^32. */
  get count(): number {
    return Atomics.load(this.#words, COUNT);
  }

  /**
   * Counts one more and wakes whoever waits.
   *
   * @param urgent Whether the sandbox cannot go on before the slot was written.
   */
  tell(urgent: boolean): void {
    Atomics.add(this.#words, COUNT, 1);
    Atomics.notify(this.#words, COUNT);
    if (!urgent) return;
    Atomics.add(this.#words, URGENT, 1);
    Atomics.notify(this.#words, URGENT);
  }

  /** How many of them were urgent. */
  get urgent(): number {
    return Atomics.load(this.#words, URGENT);
  }

  /** Blocks this thread for some time, or until more than `seen` were urgent. */
  sleep(ms: number, seen: number): void {
    Atomics.wait(this.#words, URGENT, seen, ms);
  }

  /** Waits until the count is another than `seen`, and lets everybody else work meanwhile. */
  async after(seen: number): Promise<void> {
    const { async, value } = Atomics.waitAsync(this.#words, COUNT, seen);
    if (async) await value;
  }
}

/** Which slots a sandbox is to work on, in order: one thread puts in, the other takes out. */
export class Mailbox {
  /** What is posted once to the sandbox. */
  readonly shared: SharedArrayBuffer;
  /** Word 0 counts what was put in; the others are slot numbers, used in turn. */
  readonly #words: Int32Array;
  readonly #capacity: number;

  /** Looks at a mailbox's memory, or makes it for a ring of so many slots. */
  constructor(shared: SharedArrayBuffer | number) {
    this.shared = typeof shared === "number" ? new SharedArrayBuffer(4 * (1 + shared)) : shared;
    this.#words = new Int32Array(this.shared);
    this.#capacity = this.#words.length - 1;
  }

  /** How many slots were put in so far, modulo 2^32. */
  get count(): number {
    return Atomics.load(this.#words, 0);
  }

  /** Puts a slot's number in and wakes the sandbox. */
  put(slot: number): void {
    const { count } = this;
    this.#words[1 + (count >>> 0) % this.#capacity] = slot;
    Atomics.store(this.#words, 0, count + 1);
    Atomics.notify(this.#words, 0);
  }

  /** The slot number that was put in as number `index`. */
  at(index: number): number {
    return this.#words[1 + (index >>> 0) % this.#capacity]!;
  }

  /** Blocks this thread until more than `seen` were put in; false if the time is up first. */
  waitMore(seen: number, timeoutMs: number): boolean {
    return Atomics.wait(this.#words, 0, seen, timeoutMs) !== "timed-out";
  }

  /** Waits until more than `seen` were put in, and lets everybody else work meanwhile. */
  async moreThan(seen: number): Promise<void> {
    const { async, value } = Atomics.waitAsync(this.#words, 0, seen);
    if (async) await value;
  }
}
