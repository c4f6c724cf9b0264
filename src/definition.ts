/** Parts of a definition that sources and outputs have in common. */

/** Options as a table; only the source or output itself knows their types. */
export type Options = Record<string, unknown>;

/** An option of the command line that stands for a source or an output. */
export interface Shorthand {
  /** The kind of value: a number, a path, a URL, or words with commas in between. */
  value: "N" | "FILE" | "URL" | "LIST";
  /** A line of help. */
  help: string;
  /** Values that belong to it even where they stand alone. */
  like: RegExp;
  /** A value, for messages. */
  example: string;
  /** The letter that other programs have for it, as tcpdump's `-w`. */
  letter?: string;
}

/** The table of a source or an output in a configuration that `nfscribe init` writes. */
export interface InitTable {
  /** The value that is offered for the key of the {@linkcode Shorthand}. */
  value: string;
  /** The question for the value; without it, the value is taken unasked. */
  question?: string;
  /** Further lines of the table. */
  lines: string;
  /**
   * The value in the configuration of a NAT log; absent for a source that knows no translations, and
   * for an output that is not the one of such a log by default.
   */
  natLog?: string;
}
