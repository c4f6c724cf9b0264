/** Words of flows whose values have names, and of times that lie apart, made once. */

import { stateName, statusNames } from "../../../flow/names.ts";
import { FLOW_EVENTS } from "../../../flow/raw_flow.ts";
import { ascii, type LineWriter, Word } from "../../../text/line.ts";

/** Values of each kind whose words are kept; the kernel has fewer, hostile events any number. */
const KEPT_MAX = 1024;

const EVENT_WORDS = FLOW_EVENTS.map((event) => new Word(`,"event":"${event}"`));

/** Returns the field of an event. */
export function eventWord(event: number): Word {
  return EVENT_WORDS[event]!;
}

/** Words by number, made when they are seen. */
export class WordsByNumber {
  readonly #make: (value: number) => Word;
  readonly #known = new Map<number, Word>();

  /** Creates it with the words' form. */
  constructor(make: (value: number) => Word) {
    this.#make = make;
  }

  /** Returns the word of a number. */
  of(value: number): Word {
    const known = this.#known.get(value);
    if (known !== undefined) return known;
    if (this.#known.size >= KEPT_MAX) this.#known.clear();
    const word = this.#make(value);
    this.#known.set(value, word);
    return word;
  }
}

const statuses = new WordsByNumber((status) =>
  new Word(`,"status":${JSON.stringify(statusNames(status))}`)
);
const states = new WordsByNumber((value) =>
  new Word(`,"state":"${stateName(value >> 8, value & 0xff)}"`)
);

/** Returns the field of a status. */
export function statusWord(status: number): Word {
  return statuses.of(status);
}

/** Returns the field of a protocol's state. */
export function stateWord(protocol: number, state: number): Word {
  return states.of(protocol << 8 | state);
}

/** Up to this number of microseconds, ten years, a duration is written digit by digit. */
const EXACT_MAX = 4e14;
const DOT = 0x2e;
const ZERO = 0x30;

/** Writes microseconds as seconds, as JavaScript prints the number. */
export function writeSeconds(line: LineWriter, microseconds: number): void {
  if (!(microseconds >= 0 && microseconds < EXACT_MAX)) {
    line.text(ascii(String(microseconds / 1e6)));
    return;
  }
  const seconds = Math.floor(microseconds / 1e6);
  const rest = microseconds - seconds * 1e6;
  line.decimal(seconds);
  if (rest === 0) return;
  line.out[line.at++] = DOT;
  line.padded(rest, 6);
  while (line.out[line.at - 1] === ZERO) line.at--;
}
