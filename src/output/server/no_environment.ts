/**
 * Hides environment variables from Postgres.js, which reads them in place of absent options. That
 * throws without the permission, and is never wanted: see connection.ts.
 */

import process from "node:process";

/** Runs a synchronous function while `process.env` is empty. */
export function withoutEnvironment<Result>(doIt: () => Result): Result {
  const before = Object.getOwnPropertyDescriptor(process, "env")!;
  Object.defineProperty(process, "env", { value: {}, configurable: true });
  try {
    return doIt();
  } finally {
    Object.defineProperty(process, "env", before);
  }
}
