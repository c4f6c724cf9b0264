/**
 * Definitions of sources: everything that there is to say about one.
 *
 * @module
 */

import type { Need } from "../permission.ts";
import type { RecordKind } from "../record/kind.ts";
import type { Entries, OptionsOf, Schema } from "../schema.ts";
import type { Reader } from "./source.ts";

/** Options whose types only the source itself knows. */
export type Options = Record<string, unknown>;

/** An option of the command line that stands for a source. */
export interface Shorthand {
  /** The option's name, and the key that it sets. */
  name: string;
  /** A line of help. */
  help: string;
}

/** A source as it defines itself. */
export interface SourceDefinition<E extends Entries> {
  /** Its type, as configurations name it. */
  type: string;
  /** The kind of record that it makes: that of its decoder. */
  kind: RecordKind;
  /** Options of its table in a configuration. */
  entries: E;
  /** The option that tells two sources of this type apart. */
  identity: keyof E & string;
  /** An option that stands for several values of {@linkcode identity}: a source for each. */
  several?: { name: string; schema: Schema<number[]> };
  /** The option that stands for it, as `--group` does. */
  shorthand?: Shorthand;
  /** Whether it reads the files of `nfscribe replay` and `nfscribe test`. */
  replays?: boolean;
  /** Whether nothing is lost where it is not read for a while, as with files. */
  canWait: boolean;
  /** Returns the permissions that it takes. */
  permissions(options: OptionsOf<E>): Need[];
  /**
   * Opens it.
   *
   * @param options Checked options.
   * @param warn Logs a warning.
   * @param inherited A socket of this source that another process handed over; the reader closes
   * it if it is of no use, and opens another.
   * @throws {NetlinkError} If it has a socket that cannot be had.
   * @throws {InputError} If it has a file that cannot be read.
   */
  open(
    options: OptionsOf<E>,
    warn: (message: string) => void,
    inherited?: number,
  ): Promise<Reader>;
}

/** A type of source, with options as a configuration has them. */
export interface SourceType
  extends Omit<SourceDefinition<Entries>, "identity" | "permissions" | "open"> {
  /** The option that tells two sources of this type apart. */
  identity: string;
  /** Returns the permissions that it takes. */
  permissions(options: Options): Need[];
  /** Opens it; see {@linkcode SourceDefinition.open}. */
  open(options: Options, warn: (message: string) => void, inherited?: number): Promise<Reader>;
}

/**
 * Defines a source.
 *
 * @param definition All that there is to say about it.
 * @returns The same for those that know options as a checked table only.
 */
export function defineSource<const E extends Entries>(
  definition: SourceDefinition<E>,
): SourceType {
  // The one place where options lose their types: they were checked against `entries`.
  return definition as unknown as SourceType;
}
