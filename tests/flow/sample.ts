/**
 * Flows for tests.
 *
 * @module
 */

import { Memory } from "../../src/bytes/memory.ts";
import { Flow } from "../../src/flow/flow.ts";
import { RawFlow } from "../../src/flow/raw_flow.ts";
import { ConntrackDecoder } from "../../src/source/conntrack/decoder.ts";
import { EVENTS } from "../source/conntrack/events.ts";

/** Circumstances of decoding. */
export interface Around {
  decoder?: ConntrackDecoder;
  /** Bytes before and behind the datagram, and their value. */
  before?: number;
  after?: number;
  fill?: number;
}

/** Decodes the flows of a datagram, each into memory of its own. */
export function decodeAll(
  datagram: Uint8Array,
  { decoder = new ConntrackDecoder(), before = 0, after = 0, fill = 0 }: Around = {},
): Flow[] {
  const memory = new Memory(new ArrayBuffer((before + datagram.length + after + 3) & ~3));
  memory.bytes.fill(fill).set(datagram, before);
  decoder.begin(memory, before, datagram.length, 1_800_000_000, 123_456_789);
  const flows: Flow[] = [];
  for (let raw = new RawFlow(); decoder.next(raw); raw = new RawFlow()) flows.push(new Flow(raw));
  return flows;
}

/** Decodes the one flow of a datagram. */
export function flowOf(datagram: Uint8Array): Flow {
  const [flow, ...others] = decodeAll(datagram);
  if (flow === undefined || others.length > 0) throw new Error("not one flow");
  return flow;
}

/** Returns the raw form of an event that the kernel sent. */
export function rawFlow(name: keyof typeof EVENTS): RawFlow {
  return Flow.rawOf(flowOf(EVENTS[name]));
}

/** Lists everything visible of a flow. */
export function observeFlow(flow: Flow): unknown[] {
  const { time, timestamp, start, end, source, destination, protocol, capture } = {
    ...flow,
    ...{ time: flow.time, timestamp: flow.timestamp, start: flow.start, end: flow.end },
    ...{ source: flow.source, destination: flow.destination, protocol: flow.protocol },
    capture: Flow.rawOf(flow).capture,
  };
  return [
    JSON.stringify(flow),
    `${flow}`,
    ...[time, timestamp, start, end, source, destination, protocol, capture],
  ];
}
