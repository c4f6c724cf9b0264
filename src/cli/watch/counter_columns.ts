/** Counters as lines of a terminal. Pure. */

import { counterParts } from "../../counter/describe.ts";
import type { StructuredCounter } from "../../counter/structured.ts";
import { wordText } from "../../packet/describe.ts";
import { paintedLine, type Piece } from "../../terminal/paint.ts";
import { padEnd, textWidth } from "../../terminal/width.ts";
import { clockText, type LineContext } from "./columns.ts";

/** Least columns for milliseconds. */
const WIDE = 100;
/** Columns of names begin that wide, and grow with what they hold, but not beyond. */
const [FIRST, MOST] = [15, 47];

/** Aligns lines of counters. The column of names grows, so that later lines are aligned. */
export class CounterColumns {
  readonly #colored: boolean;
  #width = FIRST;

  /** No counter was seen so far. */
  constructor(colored: boolean) {
    this.#colored = colored;
  }

  /**
   * Returns a counter as a line.
   *
   * @param counter The counter's structured form.
   * @param beside Other facts; nothing in them acts on a terminal.
   * @param columns Width of the terminal; what has no room is cut off at the end.
   */
  line(counter: StructuredCounter, { outputs, error }: LineContext, columns: number): string {
    const { time, object, figures } = counterParts(counter);
    this.#width = Math.min(MOST, Math.max(this.#width, textWidth(object)));
    const pieces: Piece[] = [[`${clockText(time, columns < WIDE ? 8 : 12)} `, "dim"]];
    if (outputs !== undefined) pieces.push([`${outputs.join(",")} `, "green"]);
    pieces.push(
      [`${padEnd(object, this.#width)} `, "cyan"],
      [figures.map(wordText).join(" "), "plain"],
    );
    const line = paintedLine(pieces, columns, this.#colored);
    if (error === undefined) return line;
    return `${line}\n${paintedLine([[`failed: ${error}`, "red"]], columns, this.#colored)}`;
  }
}
