/** Limits warnings about the script and about packets to a few of each kind. */

import type { MessageSender } from "./message_sender.ts";

/** Failures of the script to log; later ones are counted. */
const FAULTS_LOGGED = 5;
/** Unknown names of outputs to warn of. */
const UNKNOWN_NAMES_MAX = 20;

/** Sends warnings of a sandbox. */
export class Warnings {
  readonly #sender: MessageSender;
  readonly #unfit = new Set<number>();
  readonly #unknown = new Set<string>();
  #faults = 0;

  /** Creates an instance without warnings. */
  constructor(sender: MessageSender) {
    this.#sender = sender;
  }

  /** Warns once of an output that cannot hold a record. */
  unfit(output: number, etherType: () => number): void {
    if (this.#unfit.has(output)) return;
    this.#unfit.add(output);
    this.#sender.unfit(output, etherType());
  }

  /** Warns once of an unknown output's name. */
  unknownOutput(name: string): void {
    if (this.#unknown.has(name) || this.#unknown.size >= UNKNOWN_NAMES_MAX) return;
    this.#unknown.add(name);
    this.#sender.unknownOutput(name.slice(0, 100));
  }

  /** Reports a failure of the script; the text is created only if it is sent. */
  fault(text: () => string): void {
    if (++this.#faults > FAULTS_LOGGED) return;
    const last = this.#faults === FAULTS_LOGGED ? "; further failures are counted, not logged" : "";
    this.#sender.fault(text() + last);
  }
}
