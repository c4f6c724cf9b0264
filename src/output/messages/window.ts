/** Messages on their way, each of which is answered; their answers are taken in the order of sending. */

/** Message whose answer is awaited. */
interface Waiting<Item> {
  item: Item;
  bytes: number;
  /** The error that was the answer; undefined for none. */
  answer: Promise<unknown>;
}

/** Bounds of messages on their way. */
export interface WindowBounds {
  /** Most messages. */
  messages: number;
  /** Most bytes of several messages. */
  bytes: number;
}

/** Bounds the messages on their way. */
export class Window<Item> {
  readonly #most: WindowBounds;
  readonly #arrived: (item: Item) => void;
  readonly #refused: (item: Item, error: unknown) => Promise<boolean>;
  #waiting: Waiting<Item>[] = [];
  #bytes = 0;

  /**
   * Creates a window.
   *
   * @param most Bounds of the messages on their way.
   * @param arrived Called for each message that has arrived, in the order of sending.
   * @param refused Called for each that has not: returns whether it is done with all the same, so that
   *   others go on.
   */
  constructor(
    most: WindowBounds,
    arrived: (item: Item) => void,
    refused: (item: Item, error: unknown) => Promise<boolean>,
  ) {
    this.#most = most;
    this.#arrived = arrived;
    this.#refused = refused;
  }

  /**
   * Sends a message as soon as there is room for its bytes.
   *
   * @throws The error of a message before it, when all others on their way are answered.
   */
  async send(item: Item, bytes: number, send: () => Promise<unknown>): Promise<void> {
    while (!this.#hasRoom(bytes)) await this.#takeFirst();
    const answer = send().then(() => undefined, (error) => error ?? new Error("no answer"));
    this.#waiting.push({ item, bytes, answer });
    this.#bytes += bytes;
  }

  /**
   * Waits until all messages are answered.
   *
   * @throws The error of the first one that has not arrived.
   */
  async drain(): Promise<void> {
    while (this.#waiting.length > 0) await this.#takeFirst();
  }

  #hasRoom(bytes: number): boolean {
    const { length } = this.#waiting;
    return length === 0 ||
      length < this.#most.messages && this.#bytes + bytes <= this.#most.bytes;
  }

  async #takeFirst(): Promise<void> {
    const { item, bytes, answer } = this.#waiting.shift()!;
    this.#bytes -= bytes;
    const error = await answer;
    if (error === undefined || await this.#refused(item, error)) return this.#arrived(item);
    const others = this.#waiting;
    [this.#waiting, this.#bytes] = [[], 0];
    await Promise.all(others.map(({ answer }) => answer));
    throw error;
  }
}
