/**
 * The structured form of a counter, for JSON and for all that shows counters: names as in the API,
 * absent where something is unknown.
 */

import { type JsonObject, STRUCTURED_VERSION, timeText } from "../packet/structured.ts";
import type { CounterFacts, CounterObject, CounterQuota, TableFamily } from "./facts.ts";

/** Structured form of the counts of an object at a reading. */
export interface StructuredCounter {
  /** Kind of record. */
  type: "counter";
  /** Version of the form. */
  version: number;
  /** Time of the reading: RFC 3339, in UTC, with microseconds. */
  time: string;
  /** Name of the host that counted, in lines of an output. */
  host?: string;
  /** Name of the source that took the record, in a run of nfscribe. */
  capture?: string;
  /** Identifier of the run of nfscribe, a UUID (RFC 9562), in lines of an output. */
  session?: string;
  /** Number of the reading, which grows by one with each. */
  seq?: number;
  /** Kind of the object: of nfacct(8), or a named counter of nftables. */
  object: CounterObject;
  /** Family of the table of a named counter, in nft's words. */
  family?: TableFamily;
  /** Name of the table of a named counter. */
  table?: string;
  /** Name of the object. */
  name: string;
  /** Packets since the last reading. */
  packets?: number;
  /** Bytes of these packets. */
  bytes?: number;
  /** Seconds since the last reading, to the microsecond. */
  interval?: number;
  /**
   * Packets since the object was made or set to 0; absent where each reading sets it to 0, and above
   * 2^53 - 1.
   */
  totalPackets?: number;
  /** Bytes of these packets. */
  totalBytes?: number;
  /** True where the object was made, or set to 0 by another program, since the last reading. */
  restarted?: true;
  /** Limit of an object of nfacct that is a quota. */
  quota?: CounterQuota;
  /** Fields that a filter attached. */
  extra?: JsonObject;
}

/** Parts of the form that are not the counter's own. */
export interface CounterContext {
  /** Name of the host; left out for none. */
  host?: string;
  /** Name of the source that took the record; empty or left out for none. */
  capture?: string;
  /** Identifier of the run. */
  session?: string;
  /** Fields that a filter attached: an object in JSON, in UTF-8. */
  extra?: Uint8Array | undefined;
}

/**
 * Returns the structured form of a counter.
 *
 * @param counter The counter.
 * @param context Parts that are not the counter's own.
 * @throws {StaleCounterError} If the memory holds another record by now.
 */
export function structuredCounter(
  counter: CounterFacts,
  { host, capture, session, extra }: CounterContext = {},
): StructuredCounter {
  const { seq, object, family, table, name, packets, bytes, interval, quota } = counter;
  const { totalPackets, totalBytes, restarted } = counter;
  return {
    type: "counter",
    version: STRUCTURED_VERSION,
    time: timeText(counter.time),
    ...host && { host },
    ...capture && { capture },
    ...session !== undefined && { session },
    ...seq !== undefined && { seq },
    object,
    ...family !== undefined && { family },
    ...table !== undefined && { table },
    name,
    ...packets !== undefined && { packets },
    ...bytes !== undefined && { bytes },
    ...interval !== undefined && { interval },
    ...totalPackets !== undefined && { totalPackets },
    ...totalBytes !== undefined && { totalBytes },
    ...restarted && { restarted },
    ...quota !== undefined && { quota },
    ...extra !== undefined && { extra: JSON.parse(new TextDecoder().decode(extra)) },
  };
}
