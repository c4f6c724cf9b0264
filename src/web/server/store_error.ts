/** Errors of a store as answers. */

import { OutputError } from "../../errors.ts";
import { ExpressionError } from "../../filter/expression/error.ts";
import { RequestError } from "./request_error.ts";

/** Returns the answer that an error makes; undefined for a fault of nfscribe's. */
export function requestErrorOf(error: unknown): RequestError | undefined {
  if (error instanceof RequestError) return error;
  if (error instanceof ExpressionError) {
    const { reason, offset, length } = error;
    return new RequestError(400, reason, { start: offset, end: offset + length });
  }
  // The database is away, or refuses.
  if (error instanceof OutputError) return new RequestError(502, error.message);
  return undefined;
}
