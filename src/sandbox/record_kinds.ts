/**
 * Kinds of record as a sandbox works on them.
 *
 * @module
 */

import type { Filter, FilterModule } from "../filter/filter.ts";
import { InterfaceTable } from "../packet/interface.ts";
import { Packet } from "../packet/packet.ts";
import { RawPacket } from "../packet/raw_packet.ts";
import type { RawRecords, RecordKind } from "../record/kind.ts";

/** Work on records of one kind. */
export interface RecordWork<Kind extends RecordKind> {
  /** Makes a raw record, which is filled in again for each record. */
  makeRaw(): RawRecords[Kind];
  /** Makes the object that a filter is given. */
  face(raw: RawRecords[Kind]): Parameters<Filter>[0];
  /** Returns the function of a script that decides about records of this kind. */
  filterOf(exports: FilterModule): Filter | undefined;
}

/** Work on records, by kind. */
export const recordKinds: { readonly [Kind in RecordKind]: RecordWork<Kind> } = {
  packet: {
    makeRaw: () => new RawPacket(new InterfaceTable()),
    face: (raw) => new Packet(raw),
    filterOf: (exports) => exports.default,
  },
};
