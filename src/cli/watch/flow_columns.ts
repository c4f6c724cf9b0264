/** Flows as lines of a terminal. Pure. */

import { flowParts } from "../../flow/describe.ts";
import type { StructuredFlow } from "../../flow/structured.ts";
import { wordText } from "../../packet/describe.ts";
import { paintedLine, type Piece, type Style } from "../../terminal/paint.ts";
import { padEnd, textWidth } from "../../terminal/width.ts";
import { clockText, type LineContext } from "./columns.ts";

/** Least columns for milliseconds. */
const WIDE = 100;
/** Columns of the event. */
const EVENT = 8;
/** Columns begin that wide, and grow with what they hold. */
const FIRST = { source: 21, destination: 21, contents: 7 };
/** No flow makes its column wider than that for those that follow. */
const MOST = { source: 47, destination: 47, contents: 24 };

const STYLES: Readonly<Record<string, Style>> = {
  new: "green",
  destroy: "yellow",
  inferred: "red",
};

/** Aligns lines of flows. Columns grow with their contents, so that later lines are aligned. */
export class FlowColumns {
  readonly #widths = { ...FIRST };
  readonly #colored: boolean;

  /** No flow was seen so far. */
  constructor(colored: boolean) {
    this.#colored = colored;
  }

  /**
   * Returns a flow as a line.
   *
   * @param flow The flow's structured form.
   * @param beside What else is known; nothing in it acts on a terminal.
   * @param columns How wide the terminal is; what has no room is cut off at the end.
   */
  line(flow: StructuredFlow, { outputs, error }: LineContext, columns: number): string {
    const { time, event, source, destination, contents, figures } = flowParts(flow);
    const pieces: Piece[] = [[`${clockText(time, columns < WIDE ? 8 : 12)} `, "dim"]];
    if (outputs !== undefined) pieces.push([`${outputs.join(",")} `, "green"]);
    pieces.push(
      [`${padEnd(event, EVENT)} `, STYLES[event] ?? "plain"],
      [this.#cell("source", source), "plain"],
      [" > ", "dim"],
      [`${this.#cell("destination", destination)} `, "plain"],
      [`${this.#cell("contents", contents.map(wordText).join(" "))} `, "cyan"],
      [figures.map(wordText).join(" "), "plain"],
    );
    const line = paintedLine(pieces, columns, this.#colored);
    if (error === undefined) return line;
    return `${line}\n${paintedLine([[`failed: ${error}`, "red"]], columns, this.#colored)}`;
  }

  #cell(column: keyof typeof FIRST, text: string): string {
    const width = Math.min(MOST[column], Math.max(this.#widths[column], textWidth(text)));
    this.#widths[column] = width;
    return padEnd(text, width);
  }
}
