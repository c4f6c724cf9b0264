/**
 * The interface of filter scripts: the functions that they export and the context that they
 * receive.
 */

import type { Counter } from "../counter/counter.ts";
import type { Flow } from "../flow/flow.ts";
import type { Packet } from "../packet/packet.ts";

/** Destination of a record: an output's name, several, `true` for all, or nothing. */
export type Verdict = string | readonly string[] | boolean | null | undefined | void;

/**
 * The default export of a filter script: called with one packet at a time, in the order of their
 * arrival. It may be async, and may keep state between packets; each sandbox has its own state.
 *
 * @param packet The packet. Its memory is reused after the call: `packet.copy()` keeps one.
 * @param context Access to the log, to extra fields and to text outputs.
 * @returns An output's name, several, `true` (all outputs), or nothing, `false` or an empty list
 *   (drop).
 *
 * @example A filter script
 * ```ts
 * import type { Filter } from "nfscribe";
 *
 * // In a script: export default ((packet) => { … }) satisfies Filter;
 * const filter: Filter = (packet) => {
 *   if (packet.tcp?.destinationPort === 143) return ["pcap", "postgres"];
 *   return "logemu";
 * };
 * console.assert(filter.length === 1);
 * ```
 */
export type Filter = (packet: Packet, context: FilterContext) => Verdict | Promise<Verdict>;

/**
 * The optional export `flow` of a filter script: called with each record of a flow, as the default
 * export is with packets. Without it, flows go to every output that accepts them.
 *
 * @param flow The flow. Its memory is reused after the call: `flow.copy()` keeps one.
 * @param context Access to the log, to extra fields and to text outputs.
 * @returns As that of {@linkcode Filter}; `true` stands for all outputs that accept flows.
 *
 * @example A filter script for flows
 * ```ts
 * import type { FlowFilter } from "nfscribe";
 *
 * // In a script: export const flow: FlowFilter = …
 * const flow: FlowFilter = ({ nat, original }) => nat !== undefined && original.packets !== 0;
 * console.assert(flow.length === 1);
 * ```
 */
export type FlowFilter = (flow: Flow, context: FilterContext) => Verdict | Promise<Verdict>;

/**
 * The optional export `counter` of a filter script: called with the counts of an accounting object at
 * each reading. Without it, counters go to every output that accepts them.
 *
 * @param counter The counter. Its memory is reused after the call: `counter.copy()` keeps one.
 * @param context Access to the log, to extra fields and to text outputs.
 * @returns As that of {@linkcode Filter}; `true` stands for all outputs that accept counters.
 *
 * @example A filter script for counters
 * ```ts
 * import type { CounterFilter } from "nfscribe";
 *
 * // In a script: export const counter: CounterFilter = …
 * const counter: CounterFilter = ({ name, packets }) => name.startsWith("web") && packets !== 0;
 * console.assert(counter.length === 1);
 * ```
 */
export type CounterFilter = (
  counter: Counter,
  context: FilterContext,
) => Verdict | Promise<Verdict>;

/** Function of a script for records of any kind. */
export type RecordFilter = (
  record: Packet | Flow | Counter,
  context: FilterContext,
) => Verdict | Promise<Verdict>;

/** Values of a line that a script writes itself; `undefined` omits a field. */
export type EventFields = Readonly<
  Record<string, string | number | bigint | boolean | null | undefined>
>;

/**
 * Second argument of a filter script's functions: the same object in every call.
 *
 * @example Counting, and telling every ten seconds
 * ```ts
 * import type { Filter, FilterTick } from "nfscribe";
 *
 * let count = 0;
 * const filter: Filter = () => {
 *   count++;
 *   return true;
 * };
 * // In a script these are `export default filter`, `export const tick`, `export const tickMs`.
 * const tick: FilterTick = (context) => {
 *   context.emit("logemu", { EVENT: "rate", PACKETS: count });
 *   count = 0;
 * };
 * const tickMs = 10_000;
 * console.assert(filter.length === 0 && tick.length === 1 && tickMs > 0);
 * ```
 */
export interface FilterContext {
  /** Names of the outputs. */
  readonly outputs: readonly string[];
  /** Number of this sandbox, from 0: with `workers = 4` there are 0 to 3. */
  readonly worker: number;
  /** Number of sandboxes. */
  readonly workers: number;
  /**
   * Writes a line to nfscribe's own log.
   *
   * @param message The message.
   * @param fields Values that belong to it.
   */
  log(message: string, fields?: EventFields): void;
  /**
   * Attaches fields to the current record. Outputs that support them store them: Postgres in its
   * column `extra`. Fields of an earlier call for the same record stay.
   *
   * @param fields Names and values, as in JSON.
   * @throws {TypeError} If there is no current packet, or JSON cannot hold a value, or they take
   *   more than 64 KiB.
   */
  attach(fields: Readonly<Record<string, unknown>>): void;
  /**
   * Writes a line of the script's own to a text output.
   *
   * @param output The output's name.
   * @param fields Contents of the line, written as `KEY=value` pairs in LOGEMU text.
   * @throws {TypeError} If there is no such output, or it is not a text output.
   */
  emit(output: string, fields: EventFields): void;
}

/** The optional exports `start` and `stop`: called once per sandbox, before the first packet and after the last. */
export type FilterHook = (context: FilterContext) => void | Promise<void>;

/** The optional export `tick`: called repeatedly, by default every second; see `tickMs`. */
export type FilterTick = FilterHook;

/** A filter script's exports. */
export interface FilterModule {
  /** Decides where each packet goes; a script for other records alone has none. */
  readonly default: Filter;
  /** Decides where each record of a flow goes. */
  readonly flow?: FlowFilter;
  /** Decides where the counts of each accounting object go. */
  readonly counter?: CounterFilter;
  /** Called before the first packet. */
  readonly start?: FilterHook;
  /** Called after the last packet. */
  readonly stop?: FilterHook;
  /** Called repeatedly. */
  readonly tick?: FilterTick;
  /**
   * Interval of `tick` in milliseconds, 10 to 86,400,000.
   *
   * @default {1000}
   */
  readonly tickMs?: number;
}
