/** Operations of a sandbox on each kind of record. */

import { Counter } from "../counter/counter.ts";
import { RawCounter } from "../counter/raw_counter.ts";
import { compilePredicate } from "../filter/expression/predicate/compile.ts";
import { compileFlowPredicate } from "../filter/expression/predicate/flow.ts";
import type { Expression } from "../filter/expression/syntax.ts";
import type { FilterModule, RecordFilter } from "../filter/filter.ts";
import { Flow } from "../flow/flow.ts";
import { RawFlow } from "../flow/raw_flow.ts";
import type { ActionTable } from "../packet/actions.ts";
import { ABSENT } from "../packet/absent.ts";
import { InterfaceTable } from "../packet/interface.ts";
import { Packet } from "../packet/packet.ts";
import { RawPacket } from "../packet/raw_packet.ts";
import { structuredText } from "../packet/structured.ts";
import type { RawRecord, RawRecords, RecordKind } from "../record/kind.ts";
import { IS_COUNTER, IS_FLOW, NO_ETHERTYPE, NO_PAYLOAD } from "./messages.ts";

/** Tells whether an expression chooses a record of the kind that it was compiled for. */
export type RecordPredicate = (record: RawRecord) => boolean;

/** Operations on records of one kind. */
export interface RecordWork<Kind extends RecordKind> {
  /** Creates a raw record, which is reused for all records. */
  makeRaw(actions: ActionTable): RawRecords[Kind];
  /** Sets the names of interfaces for the records that follow. */
  setInterfaces(raw: RawRecords[Kind], interfaces: InterfaceTable): void;
  /** Creates the object that a filter receives. */
  face(raw: RawRecords[Kind]): Parameters<RecordFilter>[0];
  /** Returns the function of a script for records of this kind; undefined if it has none. */
  filterOf(exports: FilterModule): RecordFilter | undefined;
  /** Compiles an expression; absent where none is about records of this kind, which then all pass. */
  predicateOf?(where: Expression): RecordPredicate;
  /**
   * Returns the structured form as JSON, without fields that a filter attached.
   *
   * @param most Characters that it may have, at least 16,000.
   */
  structuredText(raw: RawRecords[Kind], most: number): string;
  /** Returns the EtherType of a record that an output cannot hold, or a substitute. */
  etherTypeOf(raw: RawRecords[Kind]): number;
}

/** Operations by kind of record. */
export const recordKinds: { readonly [Kind in RecordKind]: RecordWork<Kind> } = {
  packet: {
    makeRaw(actions) {
      const raw = new RawPacket(new InterfaceTable());
      raw.actions = actions;
      return raw;
    },
    setInterfaces(raw, interfaces) {
      raw.interfaces = interfaces;
    },
    face: (raw) => new Packet(raw),
    filterOf: (exports) => exports.default as RecordFilter | undefined,
    predicateOf: (where) => compilePredicate(where) as RecordPredicate,
    structuredText: (raw, most) => structuredText(new Packet(raw), raw, most),
    etherTypeOf({ payloadLength, hwProtocol }) {
      if (payloadLength <= 0) return NO_PAYLOAD;
      return hwProtocol === ABSENT ? NO_ETHERTYPE : hwProtocol;
    },
  },
  flow: {
    makeRaw: () => new RawFlow(),
    setInterfaces() {},
    face: (raw) => new Flow(raw),
    filterOf: (exports) => exports.flow as RecordFilter | undefined,
    predicateOf: (where) => compileFlowPredicate(where) as RecordPredicate,
    structuredText(raw) {
      const { extra: _, ...form } = new Flow(raw).toJSON();
      return JSON.stringify(form);
    },
    etherTypeOf: () => IS_FLOW,
  },
  counter: {
    makeRaw: () => new RawCounter(),
    setInterfaces() {},
    face: (raw) => new Counter(raw),
    filterOf: (exports) => exports.counter as RecordFilter | undefined,
    structuredText(raw) {
      const { extra: _, ...form } = new Counter(raw).toJSON();
      return JSON.stringify(form);
    },
    etherTypeOf: () => IS_COUNTER,
  },
};

/** Tells for each kind whether an expression chooses a record; kinds without it pass as a whole. */
export type KindPredicates = Readonly<Partial<Record<RecordKind, RecordPredicate | undefined>>>;

/** Compiles an expression for the kinds that it is about. */
export function predicatesOf(where: Expression): KindPredicates {
  return Object.fromEntries(
    Object.entries(recordKinds).map(([kind, work]) => [kind, work.predicateOf?.(where)]),
  );
}
