/** Messages of a sandbox to the privileged process, as the slot server sends them. */

/** Interface names of a source, as the privileged process sends them. */
export interface InterfaceNames {
  /** Index of the source. */
  source: number;
  interfaces: readonly (readonly [index: number, name: string])[];
}

/** Sends a sandbox's messages beside the results in slots. */
export interface MessageSender {
  /** Sends a log message of the script; false if it could not be sent. */
  log(message: string, fields: readonly (readonly [name: string, value: string])[]): boolean;
  /** Sends the number of suppressed log messages. */
  suppressed(messages: number): boolean;
  /** Reports that an output cannot hold a record of this EtherType (or a substitute). */
  unfit(output: number, etherType: number): void;
  /** Reports that the script returned an unknown output's name. */
  unknownOutput(name: string): void;
  /** Reports that the script threw. */
  fault(message: string): void;
  /** Requests a slot for lines of the script. */
  lines(): void;
  /** Blocks until the interface names for the next slot arrive. */
  names(): InterfaceNames;
}
