/**
 * Encodes a counter as an element `obj`, in a line of its own, byte for byte as ulogd's plugin XML
 * prints it with libnetfilter_acct 1.0.3.
 */

import type { RawCounter } from "../../counter/raw_counter.ts";
import { type Encoder, NO_ROOM } from "../../record/encoder.ts";
import { ascii, LineWriter } from "../../text/line.ts";
import { counterPath } from "../counter/path.ts";
import { bytesDigits, packetsDigits } from "../counter/total_digits.ts";
import { SecondText } from "../ulogd/second_text.ts";
import { markup, MARKUP_MAX } from "./markup.ts";
import { timeElements } from "./when.ts";

const OBJECT = ascii("<obj><name>");
const NAME_END = ascii("</name>");
const OBJECT_END = ascii("</obj>\n");

/** The most bytes of an element besides the name. */
const ELEMENT_MAX = 320;
/** The library pads counts with zeros. */
const DIGITS = 20;

/** Encodes counters. */
export class XmlCounterEncoder implements Encoder<RawCounter> {
  readonly #line = new LineWriter();
  readonly #time = new SecondText(timeElements);

  /** Encodes a counter as one line. */
  encode(counter: RawCounter, out: Uint8Array, at: number): number {
    const name = counterPath(counter);
    if (at + ELEMENT_MAX + MARKUP_MAX * name.length > out.length) return NO_ROOM;
    const line = this.#line;
    line.out = out;
    line.at = at;
    line.text(OBJECT);
    markup(line, name, 0, name.length);
    line.text(NAME_END);
    line.text(count("pkts", packetsDigits(counter)));
    line.text(count("bytes", bytesDigits(counter)));
    // ulogd takes the time at which it prints.
    line.text(this.#time.at(counter.receivedSeconds));
    line.text(OBJECT_END);
    return line.at - at;
  }
}

function count(element: string, digits: string): Uint8Array {
  return ascii(`<${element}>${digits.padStart(DIGITS, "0")}</${element}>`);
}
