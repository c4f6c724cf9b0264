/** Prints records as objects of JSON. */

import type { LineWriter } from "../../text/line.ts";
import { endObject } from "./object.ts";
import type { LinePrinter } from "./printer.ts";

/** Room that most objects do not fill: with less, none is begun. */
export const USUAL_MAX = 2048;

/** A raw record, as far as the beginning of its object goes. */
export interface Captured {
  /** Name of its source. */
  readonly capture: string;
}

/** Prints objects of one format. */
export class ObjectPrinter<Raw extends Captured> {
  readonly #printer: LinePrinter<Raw>;
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
    if (record.capture !== this.#capture) {
      this.#printer.begin(record.capture);
      this.#capture = record.capture;
    }
    const start = line.at;
    if (!this.#printer.print(line, record)) return false;
    endObject(line, start);
    return true;
  }
}
