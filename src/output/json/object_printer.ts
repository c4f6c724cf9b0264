/** Prints records as objects of JSON. */

import type { LineWriter } from "../../text/line.ts";
import { endObject } from "./object.ts";
import type { Captured, LinePrinter } from "./printer.ts";

/** Room that most objects do not fill: with less, none is begun. */
export const USUAL_MAX = 2048;

/** Prints objects of one format. */
export class ObjectPrinter<Raw extends Captured> {
  readonly #printer: LinePrinter<Raw>;
  #host = "";
  #session = "";
  #capture: string | undefined;

  /** Creates it with the format. */
  constructor(printer: LinePrinter<Raw>) {
    this.#printer = printer;
  }

  /**
   * Writes a record; `line.at` is past the end afterwards where there was too little room.
   *
   * @returns Whether the format has an object for it.
   */
  print(line: LineWriter, record: Raw): boolean {
    const { host, session, capture } = record;
    if (capture !== this.#capture || host !== this.#host || session !== this.#session) {
      this.#printer.begin(record);
      this.#capture = capture;
      this.#host = host;
      this.#session = session;
    }
    const start = line.at;
    if (!this.#printer.print(line, record)) return false;
    endObject(line, start);
    return true;
  }
}
