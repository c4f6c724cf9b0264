/**
 * Definitions of outputs: everything that there is to say about one.
 *
 * @module
 */

import type { InitTable, Options, Shorthand } from "../definition.ts";
import type { ConfigProblem } from "../errors.ts";
import type { Finding } from "../finding.ts";
import type { OutputCounterpart } from "../import/ulogd/table.ts";
import type { Need } from "../permission.ts";
import type { RecordKind } from "../record/kind.ts";
import type { Entries, OptionsOf } from "../schema.ts";
import type { QueueOptions } from "./queue.ts";
import type { OutputLog, Writer } from "./output.ts";

/** The option of the command line, named as the output's type, that stands for an output. */
export interface OutputShorthand extends Shorthand {
  /** The key of the output's table that it sets. */
  key: string;
}

/** The table of an output in a configuration that `nfscribe init` writes. */
export interface OutputTable extends InitTable {
  /** The output's purpose, in a few words. */
  purpose: string;
  /** Whether the output is among those that are offered. */
  isOffered: boolean;
}

/** The user whom files are to belong to. */
export interface Owner {
  /** The user's name. */
  name: string;
  /** User and group, as `chown` takes them. */
  owner: string;
}

/** Circumstances of an output that `nfscribe doctor` examines. */
export interface OutputExamination {
  /** The name of what is examined, as in `output pcap`. */
  check: string;
  /** The user that nfscribe becomes; undefined where it stays who it is. */
  owner: Owner | undefined;
  /** The command that makes a database's table. */
  initCommand: string;
}

/** An option of a database's output that turned out wrong, by the option's name. */
export class DatabaseOptionError extends Error {
  override readonly name = "DatabaseOptionError";

  /**
   * Says what is wrong.
   *
   * @param key The option.
   * @param cause The reason; its message is for people.
   */
  constructor(readonly key: "url" | "table", cause: Error) {
    super(cause.message, { cause });
  }
}

/** The database of an output, as `nfscribe db` makes and looks after its table. */
export interface Database {
  /** SQL that makes the table. */
  readonly schema: string;
  /**
   * Returns the permissions that a connection takes.
   *
   * @throws {DatabaseOptionError} If nothing tells where the database is, or it is told wrongly.
   */
  needs(): Need[];
  /**
   * Makes the table and its partitions, and drops what is past the retention.
   *
   * @param print Takes lines about what was done.
   * @throws {OutputError} If the server refuses.
   */
  init(print: (line: string) => void): Promise<void>;
  /** Makes indexes for a search by address on the days that are over. */
  index(print: (line: string) => void): Promise<void>;
}

/** An output as it defines itself. */
export interface OutputDefinition<E extends Entries, Complete> {
  /** Its type, as configurations name it. */
  type: string;
  /** Kinds of record that it accepts: those that its encoder has. */
  kinds: readonly RecordKind[];
  /** Options of its table in a configuration. */
  entries: E;
  /** Records that it cannot take yet wait in a queue, or in a spool of its own. */
  buffering: "queue" | "spool";
  /** Its option on the command line. */
  shorthand: OutputShorthand;
  /** Its table in a configuration that `nfscribe init` writes. */
  init: OutputTable;
  /** The output plugin of ulogd that it replaces, and the importer of that one's settings. */
  replaces?: { plugin: string; importer(): Promise<OutputCounterpart["make"]> };
  /** Modules below `src/` that it runs as threads. */
  threads?: readonly string[];
  /**
   * Loads its database; absent for an output without one.
   *
   * @throws {DatabaseOptionError} If the table's name is wrong.
   */
  database?(options: OptionsOf<E>): Promise<Database>;
  /** Returns problems of options that are right one by one; keys without the output's name. */
  problems?(options: Partial<OptionsOf<E>>): ConfigProblem[];
  /** Fills in options that only the privileged side can know. */
  complete(options: OptionsOf<E>): Complete;
  /** Returns the options of an output that is never opened; takes no permission. */
  unopened(options: OptionsOf<E>): Options;
  /** Returns the permissions that it takes, with complete or incomplete options. */
  permissions(options: OptionsOf<E>): Need[];
  /** Examines whether it can be reached, for `nfscribe doctor`; nothing is opened for writing. */
  examine(options: OptionsOf<E>, examination: OutputExamination): Promise<Finding>;
  /** Returns the options that the sandbox's encoder is made with: no password, no address. */
  sandboxOptions(options: Complete): Options;
  /**
   * Opens it.
   *
   * @throws {OutputError} If it cannot be opened.
   */
  open(options: Complete, log: OutputLog): Promise<Writer>;
}

/** A type of output, with options as a configuration has them. */
export interface OutputType
  extends Omit<OutputDefinition<Entries, Options>, keyof Methods | "threads">, Methods {
  /** Modules below `src/` that it runs as threads. */
  threads: readonly string[];
  /** Returns the options of its queue, as a part of its own; undefined where it has a spool. */
  queue(options: Options): QueueOptions | undefined;
}

/** The functions of a type of output. */
interface Methods {
  database?(options: Options): Promise<Database>;
  problems(options: Options): ConfigProblem[];
  complete(options: Options): Options;
  unopened(options: Options): Options;
  permissions(options: Options): Need[];
  examine(options: Options, examination: OutputExamination): Promise<Finding>;
  sandboxOptions(options: Options): Options;
  open(options: Options, log: OutputLog): Promise<Writer>;
}

/**
 * Defines an output.
 *
 * @param definition All that there is to say about it.
 * @returns The same for those that know options as a checked table only.
 */
export function defineOutput<const E extends Entries, Complete>(
  definition: OutputDefinition<E, Complete>,
): OutputType {
  // The one place where options lose their types: they were checked against `entries`.
  return {
    threads: [],
    problems: () => [],
    ...definition,
    queue: (options: Options) =>
      definition.buffering === "queue" ? options as QueueOptions : undefined,
  } as unknown as OutputType;
}
