/**
 * `[log]`: nfscribe's own messages.
 *
 * @module
 */

import { described, type Entries, oneOf, optional, text } from "../schema.ts";

/** How nfscribe tells about itself. */
export interface LogOptions {
  /** A file; `-` is standard error. */
  file: string;
  /** The least important level that is told. */
  level: "debug" | "info" | "warn" | "error";
  /** For people or for machines. */
  format: "text" | "json";
}

/** What a configuration may say under `[log]`. */
export const logEntries = {
  file: described(
    "The file; - is standard error.",
    optional(text("a file's path, or - for standard error"), "-"),
  ),
  level: described(
    "The least important level that is told.",
    optional(oneOf(["debug", "info", "warn", "error"]), "info"),
  ),
  format: described(
    "text for people, json for machines: a record a line.",
    optional(oneOf(["text", "json"]), "text"),
  ),
} satisfies Entries & { [Name in keyof LogOptions]: unknown };
