/**
 * The second argument of a filter, for tests.
 *
 * @module
 */

import type { EventFields, FilterContext } from "../filter/filter.ts";

/** A context that keeps what a filter tells. */
export interface RecordedContext extends FilterContext {
  /** What was logged, in order. */
  readonly logged: { message: string; fields: EventFields }[];
  /** Fields that were attached, in order. */
  readonly attached: Readonly<Record<string, unknown>>[];
  /** Lines that were emitted, in order. */
  readonly emitted: { output: string; fields: EventFields }[];
}

/**
 * Makes a context for a test of a filter.
 *
 * @param outputs Names of the outputs that there are.
 * @returns The context; nothing that it is given goes anywhere else.
 *
 * @example What a filter emits
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import type { Filter } from "nfscribe";
 * import { filterContext, packet } from "nfscribe/testing";
 *
 * const filter: Filter = ({ source }, context) => context.emit("logemu", { SRC: source });
 *
 * const context = filterContext();
 * filter(packet({ source: "192.0.2.7" }), context);
 * assertEquals(context.emitted, [{ output: "logemu", fields: { SRC: "192.0.2.7" } }]);
 * ```
 */
export function filterContext(outputs: readonly string[] = ["pcap", "logemu"]): RecordedContext {
  const logged: RecordedContext["logged"] = [];
  const attached: RecordedContext["attached"] = [];
  const emitted: RecordedContext["emitted"] = [];
  return {
    outputs,
    worker: 0,
    workers: 1,
    logged,
    attached,
    emitted,
    log(message, fields = {}) {
      logged.push({ message, fields });
    },
    attach(fields) {
      attached.push(fields);
    },
    emit(output, fields) {
      if (!outputs.includes(output)) {
        throw new TypeError(`Cannot emit to "${output}": there is no such output`);
      }
      emitted.push({ output, fields });
    },
  };
}
