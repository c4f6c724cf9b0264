/** Definitions of outputs. */

import type { InitTable, Options, Shorthand } from "../definition.ts";
import type { ConfigProblem } from "../errors.ts";
import type { Finding } from "../finding.ts";
import type { OutputCounterpart } from "../import/ulogd/table.ts";
import type { Need } from "../permission.ts";
import type { RecordKind } from "../record/kind.ts";
import type { Entries, OptionsOf } from "../schema.ts";
import type { FleetMaker } from "./fleet.ts";
import type { QueueOptions } from "./queue.ts";
import type { OutputLog, Writer } from "./output.ts";
import type { NatAnswer, NatQuestion } from "./table/nat_question.ts";
import type { StoreReader } from "./table/reading.ts";
import type { TableKind, TableOption } from "./table/record_table.ts";
import type { StoredRecord } from "./table/stored_record.ts";

/** The option of the command line, named as the output's type, that stands for an output. */
export type OutputShorthand = ValuedShorthand | OutputSwitch;

/** An option with a value. */
interface ValuedShorthand extends Shorthand {
  /** The key of the output's table that it sets. */
  key: string;
}

/** An option of an output that needs no key. */
interface OutputSwitch {
  /** A line of help. */
  help: string;
  key?: undefined;
  value?: undefined;
  example?: undefined;
  like?: undefined;
  letter?: undefined;
}

/** The table of an output in a configuration that `nfscribe init` writes. */
export interface OutputTable extends InitTable {
  /** The output's purpose, in a few words. */
  purpose: string;
  /** Whether the output is among those that are offered. */
  isOffered: boolean;
}

/** User who will own the files. */
export interface Owner {
  /** The user's name. */
  name: string;
  /** User and group, as `chown` takes them. */
  owner: string;
}

/** Circumstances of an output that `nfscribe doctor` examines. */
export interface OutputExamination {
  /** Subject of the finding, as in `output pcap`. */
  check: string;
  /** User that nfscribe changes to; undefined if it does not change. */
  owner: Owner | undefined;
  /** The command that makes a database's table. */
  initCommand: string;
}

/** Error in an option of a database output. */
export class DatabaseOptionError extends Error {
  override readonly name = "DatabaseOptionError";

  /**
   * Creates an error.
   *
   * @param key Key of the option.
   * @param cause Reason, whose message is printed.
   */
  constructor(readonly key: "url" | TableOption, cause: Error) {
    super(cause.message, { cause });
  }
}

/**
 * Parses an option of a database.
 *
 * @throws {DatabaseOptionError} If the parser throws.
 */
export function databaseOption<Value>(
  key: DatabaseOptionError["key"],
  parse: () => Value,
): Value {
  try {
    return parse();
  } catch (error) {
    throw new DatabaseOptionError(key, error as Error);
  }
}

/** Contents of a table. */
export interface TableStatus {
  /** Kind of its records. */
  kind: TableKind;
  /** The database. */
  where: string;
  /** The table's name. */
  table: string;
  /** Version of the table. */
  version: number;
  /** The newest version. */
  newestVersion: number;
  /** Number of rows; undefined where counting takes too long. */
  rows?: number | undefined;
  /** Time of the oldest packet, in RFC 3339; undefined without rows. */
  oldest?: string | undefined;
  /** Time of the newest packet. */
  newest?: string | undefined;
  /** Size in bytes, with indexes; in a file that of the whole file. */
  bytes: number;
  /** Whether `bytes` is the size of the file that all tables are in. */
  isFileSize?: boolean;
  /** Hosts that have written rows, of all kinds; with the table of packets. */
  hosts: readonly HostStatus[];
  /** Positions up to which spools have arrived, by session. */
  positions: ReadonlyMap<string, number>;
}

/** Host that has written rows. */
export interface HostStatus {
  host: string;
  /** Number of runs of nfscribe. */
  sessions: number;
  /** Rows that they have written, those that the retention has removed among them. */
  rows: number;
  /** Time of the last write, in RFC 3339. */
  updated: string;
}

/** Choice of records of a table. */
export interface Question {
  /** Kind of the records. */
  kind: TableKind;
  /** Expression that chooses them; all without one. */
  where?: string | undefined;
  /** Earliest time, in milliseconds since the Unix epoch. */
  sinceMs?: number | undefined;
  /** Time from which on records are left out. */
  untilMs?: number | undefined;
  /** Number of records at most. */
  limit: number;
  /** Time that the database may take, in milliseconds. */
  timeoutMs: number;
}

/** The database of an output, as `nfscribe db` makes and looks after its tables. */
export interface Database {
  /** SQL that makes the tables. */
  readonly schema: string;
  /**
   * Returns the permissions that a connection takes.
   *
   * @param access Whether the database is only read.
   * @throws {DatabaseOptionError} If the URL is missing or wrong.
   */
  needs(access: "read" | "write"): Need[];
  /**
   * Returns an expression as a condition for `WHERE`.
   *
   * @param kind Kind of record in the table.
   * @throws {ExpressionError} If it is none about such records, or the table has no column for it.
   */
  condition(expression: string, kind: TableKind): string;
  /**
   * Reads records of a table, the newest first, and changes nothing.
   *
   * @param take Takes a record; returns whether to go on.
   * @throws {ExpressionError} If the expression cannot be used.
   * @throws {OutputError} If the database refuses, or the time limit is reached.
   */
  query(question: Question, take: (record: StoredRecord) => Promise<boolean>): Promise<void>;
  /**
   * Finds flows by the address and port that stand for those of one end, and changes nothing.
   *
   * @throws {ExpressionError} If the expression cannot be used.
   * @throws {OutputError} If the database refuses, or the time limit is reached.
   */
  translations(question: NatQuestion): Promise<NatAnswer>;
  /**
   * Opens a reader for many questions, over a connection that cannot write; absent where there is none.
   *
   * @throws {OutputError} If the database refuses, or has no table of packets.
   */
  open?(): Promise<StoreReader>;
  /**
   * Looks at the tables that there are, first that of packets; changes nothing.
   *
   * @param timeoutMs Time that counting rows of a table may take, in milliseconds.
   * @throws {OutputError} If the database refuses, or has no table of packets.
   */
  status(timeoutMs: number): Promise<TableStatus[]>;
  /**
   * Brings older tables up to date, and makes those that are missing beside that of packets.
   *
   * @param print Takes lines: statements before they are run, then what was done.
   * @param isTrial Whether nothing is run.
   * @throws {OutputError} If the server refuses, or has no table of packets.
   */
  migrate(print: (line: string) => void, isTrial: boolean): Promise<void>;
  /**
   * Makes the tables and their partitions, and drops what is past the retention.
   *
   * @param print Takes lines about what was done.
   * @throws {OutputError} If the server refuses.
   */
  init(print: (line: string) => void): Promise<void>;
  /** Makes indexes for a search by address on the days that are over. */
  index(print: (line: string) => void): Promise<void>;
}

/** Definition of an output. */
export interface OutputDefinition<E extends Entries, Complete> {
  /** Its type in configurations. */
  type: string;
  /** Kinds of record that it accepts: those of its encoder. */
  kinds: readonly RecordKind[];
  /** Options of its table in a configuration. */
  entries: E;
  /** Place of records that it cannot accept yet: a queue, or a spool of its own. */
  buffering: "queue" | "spool";
  /** Whether it is of no use without the key `metrics` in `[stats]`. */
  needsMetrics?: boolean;
  /** Its option on the command line. */
  shorthand: OutputShorthand;
  /** Its table in a configuration that `nfscribe init` writes. */
  init: OutputTable;
  /** The output plugin of ulogd that it replaces, and the importer of that one's settings. */
  replaces?: { plugin: string; importer(): Promise<OutputCounterpart["make"]> };
  /** Loads the maker of the files of a fleet; absent for an output that sends to no other nfscribe. */
  fleet?(): Promise<FleetMaker>;
  /** Modules below `src/` that it runs as threads. */
  threads?: readonly string[];
  /**
   * Loads its database; absent for an output without one.
   *
   * @throws {DatabaseOptionError} If the table's name is wrong.
   */
  database?(options: OptionsOf<E>): Promise<Database>;
  /** Whether `nfscribe web` can show its database, which has {@linkcode Database.open} then. */
  isShown?: true;
  /** Returns problems of options that are right one by one; keys without the output's name. */
  problems?(options: Partial<OptionsOf<E>>): ConfigProblem[];
  /** Fills in options that depend on the kinds of record that reach it. */
  fillIn?(options: OptionsOf<E>, kinds: ReadonlySet<string>): void;
  /** Adds options that only the privileged process knows. */
  complete(options: OptionsOf<E>): Complete;
  /** Returns the options of an output that is never opened; needs no permission. */
  unopened(options: OptionsOf<E>): Options;
  /** Returns the permissions that it needs, with complete or incomplete options. */
  permissions(options: OptionsOf<E>): Need[];
  /** Checks whether the output can be used, for `nfscribe doctor`; opens nothing for writing. */
  examine(options: OptionsOf<E>, examination: OutputExamination): Promise<Finding>;
  /** Returns the options for the sandbox's encoder: without passwords and addresses. */
  sandboxOptions(options: Complete): Options;
  /**
   * Opens the output.
   *
   * @throws {OutputError} If it cannot be opened.
   */
  open(options: Complete, log: OutputLog): Promise<Writer>;
}

/** A type of output, with untyped options. */
export interface OutputType
  extends Omit<OutputDefinition<Entries, Options>, keyof Methods | "threads">, Methods {
  /** Modules below `src/` that it runs as threads. */
  threads: readonly string[];
  /** Returns the options of its queue, as a part of its own; undefined where it has a spool. */
  queue(options: Options): QueueOptions | undefined;
}

/** Functions of a type of output. */
interface Methods {
  database?(options: Options): Promise<Database>;
  problems(options: Options): ConfigProblem[];
  fillIn?(options: Options, kinds: ReadonlySet<string>): void;
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
 * @returns The same with untyped options.
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
