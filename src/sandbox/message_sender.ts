/**
 * Messages of a sandbox to the privileged process, as the work on slots sends them.
 *
 * @module
 */

/** Names of a source's interfaces, as the privileged process sends them. */
export interface InterfaceNames {
  /** Number of the source that knows them so. */
  source: number;
  /** Every interface. */
  interfaces: readonly (readonly [index: number, name: string])[];
}

/** Sends what a sandbox says beside what it writes into slots. */
export interface MessageSender {
  /** Writes a message of the script's own into the log; false where it could not be sent. */
  log(message: string, fields: readonly (readonly [name: string, value: string])[]): boolean;
  /** Says how many of them were left out. */
  leftOut(messages: number): boolean;
  /** Says that an output cannot hold a packet: its EtherType, or what stands for one. */
  unfit(output: number, etherType: number): void;
  /** Says that the script returned a name that no output has. */
  unknownOutput(name: string): void;
  /** Says that the script threw. */
  fault(message: string): void;
  /** Asks for a slot: lines of the script wait for it. */
  lines(): void;
  /** Waits for the names that the next slot needs. */
  names(): InterfaceNames;
}
