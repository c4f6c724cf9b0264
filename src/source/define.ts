/** Definitions of sources. */

import type { InitTable, Options, Shorthand } from "../definition.ts";
import type { ConfigProblem } from "../errors.ts";
import type { Finding } from "../finding.ts";
import type { Feed } from "../import/feed.ts";
import type { InputCounterpart } from "../import/ulogd/table.ts";
import type { Need } from "../permission.ts";
import type { RecordKind } from "../record/kind.ts";
import type { Entries, OptionsOf, Schema } from "../schema.ts";
import type { Reader } from "./source.ts";

/** The option of the command line that stands for a source. */
export interface SourceShorthand extends Shorthand {
  /** Its name, without dashes. */
  name: string;
  /** The key of the source's table that it sets; its identity if left out. */
  key?: string;
}

/** The table of a source in a configuration that `nfscribe init` writes. */
export interface SourceTable extends InitTable {
  /** The meaning of the value, in a few words. */
  remark: string;
}

/** Circumstances of a source that `nfscribe doctor` examines. */
export interface SourceExamination {
  /** The source's name, as in `nflog:1`. */
  name: string;
  /** Whether a running nfscribe with this configuration reads it. */
  isRead: boolean;
  /** Whether an `nfscribe run` with these options has this configuration; undefined where nothing tells. */
  isOwn(options: readonly string[], cwd: string | undefined): boolean | undefined;
  /** Looks for the rules that feed it. */
  rules(): Finding;
}

/** The examination of a type of source. */
export interface SourceExaminer<O> {
  /** Examines the kernel and the rights of this process, once for all sources of the type. */
  kernel?(options: O): Iterable<Finding>;
  /** Examines a source. */
  source(options: O, examination: SourceExamination): Iterable<Finding> | AsyncIterable<Finding>;
}

/** A source as it defines itself. */
export interface SourceDefinition<E extends Entries> {
  /** Its type in configurations. */
  type: string;
  /** The kind of record that its decoder makes, or a function that tells it from checked options. */
  kind: RecordKind | ((options: OptionsOf<E>) => RecordKind);
  /** Options of its table in a configuration. */
  entries: E;
  /** The option that distinguishes two sources of this type; one that may be left out is `netns`. */
  identity: keyof E & string;
  /** An option with several values of {@linkcode identity}: one source for each. */
  several?: { name: string; schema: Schema<number[]> };
  /** Its option on the command line; absent for one that only a configuration names. */
  shorthand?: SourceShorthand;
  /** Its table in a configuration that `nfscribe init` writes; absent for one that it does not offer. */
  init?: SourceTable;
  /** Whether it reads the files of `nfscribe replay` and `nfscribe test`, which its identity names. */
  isReplayed?: boolean;
  /** Returns problems of options that are right one by one; keys without the source's place. */
  problems?(options: Partial<OptionsOf<E>>): ConfigProblem[];
  /** Whether nothing is lost where it is not read for a while, as with files. */
  canWait: boolean;
  /** The input plugin of ulogd that it replaces, and the importer of that one's settings. */
  replaces?: { plugin: string; importer(): Promise<InputCounterpart["make"]> };
  /** Returns the options that a sandbox may know; absent for all. */
  sandboxOptions?(options: OptionsOf<E>): Options;
  /** Returns the permissions that it needs. */
  permissions(options: OptionsOf<E>): Need[];
  /**
   * Returns the key of an option that takes the rights of the start for good; absent or undefined
   * where none does.
   */
  keepsRights?(options: OptionsOf<E>): string | undefined;
  /**
   * Returns the group that its socket is named by where another process inherits it; absent for a
   * source without a socket.
   */
  socketGroup?(options: OptionsOf<E>): number;
  /**
   * Returns the rule that feeds it, or undefined where none does, as with a relay. A source with
   * this function reads a netlink socket in a network namespace.
   */
  feed?(options: OptionsOf<E>): Feed | undefined;
  /**
   * Returns options for a decoder that gets a part of the datagrams, or undefined where it would make
   * wrong records of them; absent where the same options serve.
   */
  sampled?(options: OptionsOf<E>): OptionsOf<E> | undefined;
  /** Loads its examination by `nfscribe doctor`. */
  examiner(): Promise<SourceExaminer<OptionsOf<E>>>;
  /**
   * Opens the source.
   *
   * @param options Checked options.
   * @param warn Logs a warning.
   * @param inherited A socket of this source that another process handed over; the reader closes it
   *   if it is unusable, and opens another.
   * @throws {NetlinkError} If its socket cannot be opened.
   * @throws {InputError} If its file cannot be read.
   */
  open(
    options: OptionsOf<E>,
    warn: (message: string) => void,
    inherited?: number,
  ): Promise<Reader>;
  /**
   * Changes options of an open source, except for its identity and network namespace; absent if it
   * must be opened anew for that.
   *
   * @param reader What {@linkcode open} returned.
   * @param options Checked options.
   * @param warn Logs a warning.
   * @throws {NetlinkError} If the kernel refuses.
   */
  adjust?(reader: Reader, options: OptionsOf<E>, warn: (message: string) => void): void;
}

/** A type of source, with untyped options. */
export interface SourceType extends
  Omit<
    SourceDefinition<Entries>,
    | "kind"
    | "identity"
    | "problems"
    | "sandboxOptions"
    | "permissions"
    | "keepsRights"
    | "socketGroup"
    | "feed"
    | "sampled"
    | "examiner"
    | "open"
    | "adjust"
  > {
  /** The kind of record; see {@linkcode kindOf}. */
  kind: RecordKind | ((options: Options) => RecordKind);
  /** The option that distinguishes two sources of this type. */
  identity: string;
  /** Returns problems of options; see {@linkcode SourceDefinition.problems}. */
  problems?(options: Options): ConfigProblem[];
  /** Returns the options that a sandbox may know; absent for all. */
  sandboxOptions?(options: Options): Options;
  /** Returns the permissions that it needs. */
  permissions(options: Options): Need[];
  /** Returns the key of an option; see {@linkcode SourceDefinition.keepsRights}. */
  keepsRights?(options: Options): string | undefined;
  /** Returns the group of its socket; see {@linkcode SourceDefinition.socketGroup}. */
  socketGroup?(options: Options): number;
  /** Returns the rule that feeds it; see {@linkcode SourceDefinition.feed}. */
  feed?(options: Options): Feed | undefined;
  /** Returns options for a part of the datagrams; see {@linkcode SourceDefinition.sampled}. */
  sampled?(options: Options): Options | undefined;
  /** Loads its examination by `nfscribe doctor`. */
  examiner(): Promise<SourceExaminer<Options>>;
  /** Opens the source; see {@linkcode SourceDefinition.open}. */
  open(options: Options, warn: (message: string) => void, inherited?: number): Promise<Reader>;
  /** Changes options of an open source; see {@linkcode SourceDefinition.adjust}. */
  adjust?(reader: Reader, options: Options, warn: (message: string) => void): void;
}

/** Returns the kind of record that a source makes with these options. */
export function kindOf<Kind extends string>(
  { kind }: { kind: Kind | ((options: Options) => Kind) },
  options: Options,
): Kind {
  return typeof kind === "function" ? kind(options) : kind;
}

/**
 * Defines a source.
 *
 * @returns The same with untyped options.
 */
export function defineSource<const E extends Entries>(
  definition: SourceDefinition<E>,
): SourceType {
  // The one place where options lose their types: they were checked against `entries`.
  return definition as unknown as SourceType;
}
