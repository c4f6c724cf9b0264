/** Errors of expressions on the command line. */

import type { ExpressionError } from "../filter/expression/error.ts";
import { UsageError } from "./command.ts";

/** Returns the error of a command line whose expression is wrong; its message points at the word. */
export function pointing({ reason, excerpt }: ExpressionError): UsageError {
  return new UsageError(`${reason}\n${excerpt.replaceAll(/^/gm, "  ")}`);
}
