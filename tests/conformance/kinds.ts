/**
 * Records of each kind, as the suites of sources look at them.
 *
 * @module
 */

import { Counter } from "../../src/counter/counter.ts";
import { RawCounter } from "../../src/counter/raw_counter.ts";
import { Flow } from "../../src/flow/flow.ts";
import { RawFlow } from "../../src/flow/raw_flow.ts";
import { InterfaceTable } from "../../src/packet/interface.ts";
import { Packet } from "../../src/packet/packet.ts";
import { RawPacket } from "../../src/packet/raw_packet.ts";
import type { RawRecord, RawRecords, RecordKind } from "../../src/record/kind.ts";
import { numberOf, observeCounter } from "../counter/sample.ts";
import { observeFlow } from "../flow/sample.ts";
import { observe } from "../packet/observe.ts";

/** A kind of record. */
export interface KindOfRecord<Raw> {
  /** Creates a raw record. */
  makeRaw(): Raw;
  /** Lists everything visible of a record, and of its copy. */
  observe(raw: Raw): unknown;
  /** Returns the source port, or the number of an object, by which the suites number records. */
  sourcePort(raw: Raw): number | undefined;
}

const kinds: { readonly [Kind in RecordKind]: KindOfRecord<RawRecords[Kind]> } = {
  packet: {
    makeRaw: () => new RawPacket(new InterfaceTable().with([[2, "eth0"]])),
    observe(raw) {
      const packet = new Packet(raw);
      return [observe(packet), observe(packet.copy())];
    },
    sourcePort: (raw) => new Packet(raw).sourcePort,
  },
  flow: {
    makeRaw: () => new RawFlow(),
    observe(raw) {
      const flow = new Flow(raw);
      return [observeFlow(flow), observeFlow(flow.copy())];
    },
    sourcePort: (raw) => new Flow(raw).sourcePort,
  },
  counter: {
    makeRaw: () => new RawCounter(),
    observe(raw) {
      const counter = new Counter(raw);
      return [observeCounter(counter), observeCounter(counter.copy())];
    },
    sourcePort: (raw) => numberOf(new Counter(raw)),
  },
};

/** Kinds of record, without the types of their raw forms. */
export const recordKinds = kinds as unknown as Readonly<
  Record<RecordKind, KindOfRecord<RawRecord>>
>;
