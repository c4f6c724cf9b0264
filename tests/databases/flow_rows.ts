/**
 * Rows of flows and counters for tests of databases, without the kernel.
 *
 * @module
 */

import { Flow } from "../../src/flow/flow.ts";
import { DESTROY, NEW, RawFlow, type RawTuple } from "../../src/flow/raw_flow.ts";
import type { RawCounter } from "../../src/counter/raw_counter.ts";
import type { Encoder } from "../../src/record/encoder.ts";
import { CounterRowEncoder } from "../../src/output/table/counter_row_encoder.ts";
import { ABSENT } from "../../src/packet/absent.ts";
import { FlowRowEncoder } from "../../src/output/table/flow_row_encoder.ts";

/** Origin of the rows. */
export const ORIGIN = { hostname: "gate", session: "0198c0de-0000-7000-8000-000000000001" };

/** Addresses of a translated flow. */
const [INNER, OUTER, SERVER] = [[10, 0, 0, 0], [198, 51, 100, 7], [203, 0, 113, 9]] as const;
const UDP = 17;

/** A flow that the address 198.51.100.7 stands for. */
export interface Translated {
  /** Number of the inner host: 10.0.0.1 is 1. */
  host: number;
  /** Port of the inner host. */
  port: number;
  /** Port that stands for it. */
  outerPort: number;
  /** Seconds since the Unix epoch. */
  start: number;
  /** Seconds since the Unix epoch; undefined for an event of a new flow. */
  end?: number;
  id: number;
}

/** Returns a flow whose sender was translated. */
export function translated({ host, port, outerPort, start, end, id }: Translated): RawFlow {
  const raw = new RawFlow();
  const inner = [...INNER.slice(0, 2), host >> 8, host & 0xff];
  raw.reset(Uint8Array.from([...inner, ...SERVER, ...OUTER]), 0, 12);
  raw.capture = "conntrack";
  fill(raw.original, 0, 4, port, 53, end === undefined ? ABSENT : 2);
  fill(raw.reply, 4, 8, 53, outerPort, end === undefined ? ABSENT : 1);
  raw.status = 0x19e;
  raw.id = id;
  raw.event = end === undefined ? NEW : DESTROY;
  [raw.seconds, raw.nanoseconds] = [end ?? start, 0];
  if (end === undefined) return raw;
  [raw.startSeconds, raw.startNanoseconds] = [start, 500_000_000];
  [raw.endSeconds, raw.endNanoseconds] = [end, 250_000];
  return raw;
}

function fill(
  tuple: RawTuple,
  source: number,
  destination: number,
  sourcePort: number,
  destinationPort: number,
  packets: number,
): void {
  const bytes = packets === ABSENT ? ABSENT : packets * 2 ** 33;
  Object.assign(tuple, { addressSize: 4, source, destination, protocol: UDP });
  Object.assign(tuple, { sourcePort, destinationPort, packets, bytes });
}

/** Encodes flows as rows, joined. */
export function flowRows(flows: Iterable<RawFlow>): Uint8Array {
  return rowsOf(new FlowRowEncoder(ORIGIN), flows);
}

/** Encodes counters as rows, joined. */
export function counterRows(counters: Iterable<RawCounter>): Uint8Array {
  return rowsOf(new CounterRowEncoder(ORIGIN), counters);
}

function rowsOf<Raw>(encoder: Encoder<Raw>, records: Iterable<Raw>): Uint8Array {
  let out = new Uint8Array(64 * 1024);
  let at = 0;
  for (const record of records) {
    for (;;) {
      const length = encoder.encode(record, out, at);
      if (length >= 0) {
        at += length;
        break;
      }
      const larger = new Uint8Array(2 * out.length);
      larger.set(out);
      out = larger;
    }
  }
  return out.slice(0, at);
}

/** Returns the structured form of a flow as a database returns it. */
export function storedForm(raw: RawFlow): object {
  const { hostname: host, session } = ORIGIN;
  return { ...new Flow(raw).toJSON(), host, session };
}
