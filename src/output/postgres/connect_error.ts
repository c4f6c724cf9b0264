/**
 * What a failed connection or statement means, and what to do about it.
 *
 * @module
 */

import type { Connection } from "./connection.ts";

/** What is wrong. */
export interface Problem {
  /**
   * `away`: try again; `denied`: a person must act; `row`: the server refuses the data.
   */
  kind: "away" | "denied" | "row";
  /** What was tried, what is wrong and what to do. */
  message: string;
  /** The SQLSTATE, or the code of the system's error. */
  code: string | undefined;
}
