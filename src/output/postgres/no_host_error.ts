/** The error of a connection with several hosts. */

import type { Connection } from "./connection.ts";

/** A host, and why it cannot be used. */
export interface HostFailure {
  connection: Connection;
  error: unknown;
}

/** None of several hosts can be used. */
export class NoHostError extends Error {
  override readonly name = "NoHostError";

  /** Creates an error. */
  constructor(readonly failures: readonly HostFailure[]) {
    super("no host can be used");
  }
}
