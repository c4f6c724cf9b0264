/**
 * Chunks of a lane that a database has: spans of chunks that follow each other. As long as one
 * nfscribe receives a lane there is one span; another that takes over begins one, and the two become
 * one where chunks come again between them. Pure.
 */

import type { ChunkPlace } from "../../record/origin.ts";
import { comparePlaces } from "./chunks.ts";

/** Most spans of a lane: the oldest are forgotten, and chunks of them that came again were loaded again. */
const SPANS_MOST = 100;

/** First and last chunk of a span. */
interface Span {
  first: ChunkPlace;
  last: ChunkPlace;
}

/** The spans of a lane. */
export class Spans {
  /** In the order of their chunks. */
  readonly #spans: Span[] = [];

  /**
   * Parses spans as {@linkcode toString} writes them.
   *
   * @throws {Error} If they are none.
   */
  constructor(text = "") {
    for (const span of text.split(" ").filter((span) => span !== "")) {
      const numbers = /^(\d+)\.(\d+)\.(\d+)-(\d+)\.(\d+)\.(\d+)$/.exec(span)?.slice(1).map(Number);
      if (numbers === undefined) throw new Error(`these are no spans of chunks: ${text}`);
      const [from, part, chunk, lastFrom, lastPart, lastChunk] = numbers;
      this.#spans.push({
        first: { from: from!, part: part!, chunk: chunk! },
        last: { from: lastFrom!, part: lastPart!, chunk: lastChunk! },
      });
    }
  }

  /**
   * Adds a chunk.
   *
   * @param place The chunk.
   * @param previous The chunk in front of it, if that is known.
   * @returns Whether it was not there.
   */
  add({ from, part, chunk }: ChunkPlace, previous: ChunkPlace | undefined): boolean {
    const place = { from, part, chunk };
    const before = this.#spans.findLastIndex(({ first }) => comparePlaces(first, place) <= 0);
    const around = this.#spans[before];
    const isNew = around === undefined || comparePlaces(around.last, place) < 0;
    const isFirst = !isNew && comparePlaces(around.first, place) === 0;
    const joined = isNew ? around : isFirst ? this.#spans[before - 1] : undefined;
    const follows = joined !== undefined && previous !== undefined &&
      comparePlaces(joined.last, previous) === 0;
    if (isNew && follows) joined.last = place;
    else if (isNew) this.#spans.splice(before + 1, 0, { first: place, last: place });
    else if (follows) {
      joined.last = around.last;
      this.#spans.splice(before, 1);
    }
    if (this.#spans.length > SPANS_MOST) this.#spans.shift();
    return isNew;
  }

  /** Returns them as text. */
  toString(): string {
    return this.#spans.map(({ first, last }) => `${textOf(first)}-${textOf(last)}`).join(" ");
  }
}

function textOf({ from, part, chunk }: ChunkPlace): string {
  return `${from}.${part}.${chunk}`;
}
