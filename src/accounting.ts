/** Reads the counts of accounting objects in a program. */

import { Counter } from "./counter/counter.ts";
import { RawCounter } from "./counter/raw_counter.ts";
import { LiveRecords } from "./live_records.ts";
import { optionsOf } from "./schema.ts";
import { AccountingDecoder, type DecoderOptions } from "./source/accounting/decoder.ts";
import { accountingEntries } from "./source/accounting/options.ts";
import { AccountingReader } from "./source/accounting/reader.ts";
import source from "./source/accounting/source.ts";
import type { Reader } from "./source/source.ts";

/** Type of the sources that {@linkcode accounting} reads. */
export const COUNTED: string = source.type;

/** Options of {@linkcode accounting}. */
export interface AccountingOptions {
  /**
   * Seconds between two readings, 1 to 86,400.
   *
   * @default {10}
   */
  intervalSeconds?: number;
  /**
   * Kinds of objects: those of nfacct(8), and named counters of nftables.
   *
   * @default {undefined} Those that the kernel has.
   */
  objects?: readonly ("nfacct" | "nft")[];
  /**
   * Patterns of names, in which `*` stands for any text and `?` for one character.
   *
   * @default {undefined} All names.
   */
  names?: string[];
  /**
   * Whether each reading sets the objects to 0; else counts are the difference to the last reading.
   *
   * @default {false}
   */
  reset?: boolean;
  /**
   * Whether objects that have counted nothing since the last reading have a record, too.
   *
   * @default {true}
   */
  unchanged?: boolean;
  /**
   * Network namespace of the objects: a path, as in `/run/netns/blue`, or the id of a process in it.
   * Needs CAP_SYS_ADMIN.
   *
   * @default {undefined} The namespace of this process.
   */
  netns?: string | number;
  /** Ends the iteration: the loop then throws the signal's reason. */
  signal?: AbortSignal;
  /**
   * Called with warnings, such as about a reading that failed.
   *
   * @default {console.warn}
   */
  onWarning?: (message: string) => void;
}

/**
 * Counts of objects, for a `for await` loop. Leaving the loop, an abort, or the end of an `await
 * using` block ends it.
 */
export class Accounts extends LiveRecords<Counter> {
  /** Called by {@linkcode accounting}. */
  constructor(reader: Reader, options: DecoderOptions, signal: AbortSignal | undefined) {
    const decoder = new AccountingDecoder(options);
    let raw = new RawCounter();
    super({
      reader,
      decoder,
      next() {
        if (!decoder.next(raw)) return undefined;
        const filled = raw;
        raw = new RawCounter();
        return new Counter(filled);
      },
      signal,
    });
  }
}

/**
 * Reads the counts of accounting objects at intervals. Needs Linux, the right to configure netfilter
 * (CAP_NET_ADMIN) and `--allow-ffi`.
 *
 * @param options Interval, names and further options.
 * @returns The counts of each object at each reading; the first comes after an interval.
 * @throws {ConfigError} If an option is invalid; the message names all problems.
 * @throws {NetlinkError} If the kernel refuses; the message contains the reason and a remedy.
 * @throws {Deno.errors.NotCapable} If a permission flag is missing; the message names it.
 * @throws {Deno.errors.NotSupported} If this is not Linux.
 *
 * @example A line an object, every minute
 * ```ts no-assert
 * import { accounting } from "nfscribe";
 *
 * // nft add counter inet filter web
 * async function main() {
 *   await using counters = await accounting({ intervalSeconds: 60, names: ["web*"] });
 *   for await (const counter of counters) console.log(`${counter}`);
 * }
 * console.log(main.name);
 * ```
 */
export async function accounting(options: AccountingOptions = {}): Promise<Accounts> {
  const { signal, onWarning = console.warn, ...table } = options;
  signal?.throwIfAborted();
  const checked = optionsOf(accountingEntries, table, "accounting options");
  return new Accounts(await AccountingReader.open(checked, onWarning), checked, signal);
}
