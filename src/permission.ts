/**
 * A right of Deno's that something needs.
 *
 * @module
 */

/** One right and its reason. */
export interface Need {
  /** As in `--allow-read`. */
  name: "read" | "write" | "net" | "env" | "sys" | "ffi" | "run";
  /** A path, host or name; undefined for all of its kind. */
  value: string | undefined;
  /** The purpose, in a few words. */
  why: string;
}
