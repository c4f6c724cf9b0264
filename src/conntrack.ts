/** Reads the flows of connection tracking in a program. */

import { Flow } from "./flow/flow.ts";
import { RawFlow } from "./flow/raw_flow.ts";
import { expressionAbout } from "./filter/expression/expression.ts";
import { compileFlowPredicate, type RawFlowPredicate } from "./filter/expression/predicate/flow.ts";
import { LiveRecords } from "./live_records.ts";
import { optionsOf } from "./schema.ts";
import { ConntrackDecoder, type DecoderOptions } from "./source/conntrack/decoder.ts";
import { conntrackEntries } from "./source/conntrack/options.ts";
import { ConntrackReader } from "./source/conntrack/reader.ts";
import source from "./source/conntrack/source.ts";
import type { Reader } from "./source/source.ts";

/** Type of the sources that {@linkcode conntrack} reads. */
export const TRACKED: string = source.type;

/** Returns checked options of a source of type {@linkcode TRACKED} as {@linkcode conntrack} takes them. */
export function conntrackOptions(options: Record<string, unknown>): ConntrackOptions {
  return optionsOf(conntrackEntries, options, TRACKED);
}

/** Options of {@linkcode conntrack}. */
export interface ConntrackOptions {
  /**
   * Events that make a record: of new flows, of changed ones and of ended ones. Only an ended flow
   * has counters and times.
   *
   * @default {["destroy"]}
   */
  events?: readonly ("new" | "update" | "destroy")[];
  /**
   * An expression that chooses flows, as in `net 10.0.0.0/8`. The kernel leaves out what it can:
   * such events are neither received nor lost. What it cannot is received and passed over.
   *
   * @default {undefined} All flows.
   */
  where?: string;
  /**
   * Size of the socket's receive buffer, in bytes: it holds events while the program is busy.
   *
   * @default {33554432}
   */
  bufferSize?: number;
  /**
   * Instead of events, all flows every so many seconds, 1 to 86,400: one record a flow (`inferred`),
   * with its last known counters, once it is gone. Flows that are shorter than that are not seen.
   *
   * @default {undefined} Events.
   */
  pollSeconds?: number;
  /**
   * A record every so many seconds for each flow that lives longer, 1 to 86,400.
   *
   * @default {undefined} None.
   */
  interimSeconds?: number;
  /**
   * Whether flows are known from their beginning on, so that those whose end is lost get a record,
   * too (`inferred`).
   *
   * @default {false}
   */
  reconcile?: boolean;
  /**
   * Flows that are known at most, where they are reconciled or asked for.
   *
   * @default {262144}
   */
  flowsMax?: number;
  /**
   * Network namespace of the flows: a path, as in `/run/netns/blue`, or the id of a process in it.
   * Needs CAP_SYS_ADMIN.
   *
   * @default {undefined} The namespace of this process.
   */
  netns?: string | number;
  /** Ends the iteration: the loop then throws the signal's reason. */
  signal?: AbortSignal;
  /**
   * Called with warnings, such as about settings of the kernel that are off.
   *
   * @default {console.warn}
   */
  onWarning?: (message: string) => void;
}

/**
 * Records of flows, for a `for await` loop. Leaving the loop, an abort, or the end of an `await
 * using` block ends it. Kept flows stay valid; each keeps all events in memory that were received
 * together, unless it is copied with `flow.copy()`.
 */
export class Flows extends LiveRecords<Flow> {
  /** Called by {@linkcode conntrack}. */
  constructor(
    reader: Reader,
    options: DecoderOptions,
    { signal, chooses }: { signal: AbortSignal | undefined; chooses: RawFlowPredicate | undefined },
  ) {
    const decoder = new ConntrackDecoder(options);
    let raw = new RawFlow();
    super({
      reader,
      decoder,
      next() {
        do if (!decoder.next(raw)) return undefined; while (chooses?.(raw) === false);
        const filled = raw;
        raw = new RawFlow();
        return new Flow(filled);
      },
      signal,
    });
    reader.begin?.();
  }
}

/**
 * Reads the flows that the kernel's connection tracking follows. Needs Linux, the right to configure
 * netfilter (CAP_NET_ADMIN) and `--allow-ffi`. The kernel tracks nothing before a rule uses it, as
 * `ct state` does.
 *
 * @param options Events and further options.
 * @returns Records of flows, complete from now on.
 * @throws {ConfigError} If an option is invalid; the message names all problems.
 * @throws {ExpressionError} If `where` is no expression about flows.
 * @throws {NetlinkError} If the kernel refuses; the message contains the reason and a remedy.
 * @throws {Deno.errors.NotCapable} If a permission flag is missing; the message names it.
 * @throws {Deno.errors.NotSupported} If this is not Linux.
 *
 * @example A line per flow, at its end
 * ```ts no-assert
 * import { conntrack } from "nfscribe";
 *
 * // sysctl -w net.netfilter.nf_conntrack_acct=1 net.netfilter.nf_conntrack_timestamp=1
 * async function main() {
 *   await using flows = await conntrack();
 *   for await (const flow of flows) console.log(`${flow}`);
 * }
 * console.log(main.name);
 * ```
 */
export async function conntrack(options: ConntrackOptions = {}): Promise<Flows> {
  const { signal, onWarning = console.warn, ...table } = options;
  signal?.throwIfAborted();
  const checked = optionsOf(conntrackEntries, table, "conntrack options");
  const { where } = checked;
  const chooses = where === undefined
    ? undefined
    : compileFlowPredicate(expressionAbout(where, ["flow"]));
  const reader = await ConntrackReader.open(checked, onWarning);
  return new Flows(reader, checked, { signal, chooses });
}
