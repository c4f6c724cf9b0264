/** Operations of a sandbox on each kind of record. */

import { compilePredicate } from "../filter/expression/predicate/compile.ts";
import type { Expression } from "../filter/expression/syntax.ts";
import type { Filter, FilterModule } from "../filter/filter.ts";
import { InterfaceTable } from "../packet/interface.ts";
import { Packet } from "../packet/packet.ts";
import { RawPacket } from "../packet/raw_packet.ts";
import type { RawRecords, RecordKind } from "../record/kind.ts";

/** Operations on records of one kind. */
export interface RecordWork<Kind extends RecordKind> {
  /** Creates a raw record, which is reused for all records. */
  makeRaw(): RawRecords[Kind];
  /** Creates the object that a filter receives. */
  face(raw: RawRecords[Kind]): Parameters<Filter>[0];
  /** Returns the function of a script for records of this kind. */
  filterOf(exports: FilterModule): Filter | undefined;
  /** Compiles an expression about records of this kind. */
  predicateOf(where: Expression): (raw: RawRecords[Kind]) => boolean;
}

/** Operations by kind of record. */
export const recordKinds: { readonly [Kind in RecordKind]: RecordWork<Kind> } = {
  packet: {
    makeRaw: () => new RawPacket(new InterfaceTable()),
    face: (raw) => new Packet(raw),
    filterOf: (exports) => exports.default,
    predicateOf: compilePredicate,
  },
};
