/**
 * Postgres.js looks into the environment for what its options leave out, which
 * throws where the right to is missing, and is never wanted: see connection.ts.
 *
 * @module
 */

import process from "node:process";

/** Does something synchronous while `process.env` is empty. */
export function withoutEnvironment<Result>(doIt: () => Result): Result {
  const before = Object.getOwnPropertyDescriptor(process, "env")!;
  Object.defineProperty(process, "env", { value: {}, configurable: true });
  try {
    return doIt();
  } finally {
    Object.defineProperty(process, "env", before);
  }
}
