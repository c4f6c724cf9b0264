/** Failures of a receiver, and what follows from them. */

/** Whether to try again, an administrator must act, or the receiver refuses the data. */
export type Kind = "away" | "denied" | "row";

/** Kind and explanation of a failure. */
export interface Problem {
  /** `away`: try again; `denied`: an administrator must act; `row`: the receiver refuses the data. */
  kind: Kind;
  /** The operation, the error and advice. */
  message: string;
  /** The receiver's own code of the error. */
  code: string | undefined;
}
