/**
 * Warnings about the script and about packets, each kind a few times only.
 *
 * @module
 */

import type { RawPacket } from "../packet/raw_packet.ts";
import { ABSENT } from "../packet/absent.ts";
import { NO_ETHERTYPE, NO_PAYLOAD } from "./messages.ts";
import type { MessageSender } from "./message_sender.ts";

/** Failures of the script that are logged; later ones are counted. */
const FAULTS_LOGGED = 5;
/** Names of outputs that are not there and were warned of, at the most. */
const UNKNOWN_NAMES_MAX = 20;

/** Counts what is warned of. */
export class Warnings {
  readonly #sender: MessageSender;
  readonly #unfit = new Set<number>();
  readonly #unknown = new Set<string>();
  #faults = 0;

  /** Has not warned of anything. */
  constructor(sender: MessageSender) {
    this.#sender = sender;
  }

  /** Warns once of an output that cannot hold a packet. */
  unfit(output: number, raw: RawPacket): void {
    if (this.#unfit.has(output)) return;
    this.#unfit.add(output);
    this.#sender.unfit(output, etherTypeOf(raw));
  }

  /** Warns once of a name that no output has. */
  unknownOutput(name: string): void {
    if (this.#unknown.has(name) || this.#unknown.size >= UNKNOWN_NAMES_MAX) return;
    this.#unknown.add(name);
    this.#sender.unknownOutput(name.slice(0, 100));
  }

  /** Tells of a failure of the script; its text is made only where it is told. */
  fault(text: () => string): void {
    if (++this.#faults > FAULTS_LOGGED) return;
    const last = this.#faults === FAULTS_LOGGED ? "; further failures are counted, not logged" : "";
    this.#sender.fault(text() + last);
  }
}

/** The EtherType of a packet, or what stands for one. */
function etherTypeOf({ payloadLength, hwProtocol }: RawPacket): number {
  if (payloadLength <= 0) return NO_PAYLOAD;
  return hwProtocol === ABSENT ? NO_ETHERTYPE : hwProtocol;
}
