/** Time limit of queries. */

import { OutputError } from "../../errors.ts";

/** Returns the error of a query that took too long. */
export function tooSlow(where: string, timeoutMs: number, cause?: unknown): OutputError {
  return new OutputError(
    where,
    `Cannot read all of ${where}: it takes longer than ${timeoutMs / 1000} s; narrow the time ` +
      "by --since and --until, or allow more by --timeout",
    { cause },
  );
}
