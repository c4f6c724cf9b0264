/**
 * Acknowledges datagrams to their readers once every output has their records durably, or has decided
 * to drop them.
 */

import type { Origin } from "../../record/origin.ts";
import type { Reader } from "../../source/source.ts";
import type { BufferedOutput } from "../outputs/buffered_output.ts";
import type { InFlightSlot } from "../pool/in_flight.ts";
import type { Topology } from "./topology.ts";

/** First and longest pause between two looks at outputs, in milliseconds. */
const LOOK_MS = 5;
const LOOK_MOST_MS = 200;

/** A datagram that waits. */
interface Waiting {
  number: number;
  reader: Reader;
  origin: Origin;
}

/** Datagrams between their reception and all outputs. */
export class Fence {
  #outputs: readonly Pick<BufferedOutput, "firstWaiting">[] = [];
  #waiting: Waiting[] = [];
  #last = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #pauseMs = LOOK_MS;
  readonly #isOn: boolean;

  /** Lets nothing through yet; without outputs that write, nothing at all. */
  constructor(isOn: boolean) {
    this.#isOn = isOn;
  }

  /** Takes outputs in the place of those before. */
  take({ outputs }: Pick<Topology, "outputs">): void {
    this.#outputs = outputs;
  }

  /** Acknowledges what is durable of readers that are closed now, and nothing else of them. */
  leave(readers: ReadonlySet<Reader>): void {
    this.advance();
    this.#waiting = this.#waiting.filter(({ reader }) => !readers.has(reader));
  }

  /** Ends a slot whose records every output has taken. */
  async end({ origin, datagrams }: InFlightSlot, topology: Topology): Promise<void> {
    if (origin === undefined || !this.#isOn) return;
    const number = ++this.#last;
    await topology.endChunk(origin, number);
    const { reader } = topology.sources[datagrams[0]!.source]!;
    this.#waiting.push({ number, reader, origin });
    this.#pauseMs = LOOK_MS;
  }

  /** Acknowledges what is durable; looks again later if something else waits. */
  advance(): void {
    if (this.#waiting.length === 0) return;
    const first = Math.min(...this.#outputs.map(({ firstWaiting }) => firstWaiting));
    const isWaiting = this.#waiting.findIndex(({ number }) => number >= first);
    const done = this.#waiting.splice(0, isWaiting === -1 ? this.#waiting.length : isWaiting);
    for (const { reader, origin } of done) reader.acknowledge?.(origin);
    if (this.#waiting.length > 0) this.#lookLater();
  }

  /** Acknowledges what is durable, and looks no more. */
  close(): void {
    this.advance();
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #lookLater(): void {
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.advance();
    }, this.#pauseMs);
    this.#pauseMs = Math.min(LOOK_MOST_MS, this.#pauseMs * 2);
  }
}
