/** Messages between the web server and the thread that reads the store. */

import { OutputError } from "../../errors.ts";
import { ExpressionError } from "../../filter/expression/error.ts";
import type { Row, StoreReader } from "../../output/table/reading.ts";

/** The store: an output's type and options. */
export interface StoreTarget {
  type: string;
  options: Record<string, unknown>;
}

/** Questions that one message answers, by name. */
export type Questions = Omit<StoreReader, "each" | typeof Symbol.asyncDispose>;

/** Records of a download, as a thread sends them. */
export type Found = readonly [row: Row, payload: Uint8Array | undefined];

/** Messages to the thread. Arguments are without the budget, which cannot be sent. */
export type ToStore =
  | { kind: "open"; target: StoreTarget }
  | { kind: "ask"; id: number; name: keyof Questions | "each"; args: unknown[]; ms: number }
  /** No answer is needed any more. */
  | { kind: "cancel"; id: number }
  /** Asks whether the thread still takes messages. */
  | { kind: "ping" }
  /** The records of a download were taken. */
  | { kind: "more"; id: number; goOn: boolean };

/** Messages from the thread. */
export type FromStore =
  /** Its modules are loaded. */
  | { kind: "loaded" }
  | { kind: "opened" }
  /** The answer to `ping`. */
  | { kind: "pong" }
  | { kind: "refused"; error: ErrorData }
  | { kind: "answer"; id: number; value: unknown }
  | { kind: "failed"; id: number; error: ErrorData }
  | { kind: "records"; id: number; records: Found[] };

/** Error as data: classes are lost between threads. */
export type ErrorData =
  | { name: "ExpressionError"; expression: string; start: number; end: number; reason: string }
  | { name: "OutputError"; output: string; message: string }
  | { name: "Error"; message: string };

/** Returns an error as data. */
export function errorData(error: unknown): ErrorData {
  if (error instanceof ExpressionError) {
    const { expression, offset, length, reason } = error;
    return {
      name: "ExpressionError",
      expression,
      start: offset,
      end: offset + length,
      reason,
    };
  }
  if (error instanceof OutputError) {
    return { name: "OutputError", output: error.output, message: error.message };
  }
  return { name: "Error", message: error instanceof Error ? error.message : String(error) };
}

/** Returns the error of data. */
export function errorOf(data: ErrorData): Error {
  switch (data.name) {
    case "ExpressionError":
      return new ExpressionError(
        data.expression,
        { start: data.start, end: data.end },
        data.reason,
      );
    case "OutputError":
      return new OutputError(data.output, data.message);
    case "Error":
      return new Error(data.message);
  }
}
