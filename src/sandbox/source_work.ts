/** Makes the decoders and encoders that a sandbox works with. Pure. */

import type { FilterModule, RecordFilter } from "../filter/filter.ts";
import { encoders } from "../output/encoders.ts";
import type { Decoder } from "../record/decoder.ts";
import type { RawRecord, RecordKind } from "../record/kind.ts";
import { decoderOf } from "../source/decoders.ts";
import type { KindEncoders } from "./areas.ts";
import { recordKinds, type RecordPredicate, type RecordWork } from "./record_kinds.ts";
import type { ActionTable } from "../packet/actions.ts";
import type { SandboxOutput, SandboxSource } from "./setup.ts";
import type { Expression } from "../filter/expression/syntax.ts";

/** State of a source. */
export interface SourceWork {
  /** Bit for each output that its records go to without a filter's decision, and for `true`. */
  readonly mask: number;
  readonly kind: RecordKind;
  /** Functions for that kind. */
  readonly work: RecordWork<RecordKind>;
  /** Finds its records in datagrams. */
  readonly decoder: Decoder<RawRecord>;
  /** Raw record, reused for all of its records. */
  readonly raw: RawRecord;
  /** Function of the script for its records. */
  readonly filter: RecordFilter | undefined;
  /** Whether an expression chooses a record; undefined if all are chosen. */
  readonly chooses: RecordPredicate | undefined;
}

/** Creates the state of a source. */
export function sourceWork(
  { name, type, options, mask, where: own }: SandboxSource,
  script: FilterModule | undefined,
  { where, actions }: { where: Expression | undefined; actions: ActionTable },
): SourceWork {
  const { kind, decoder } = decoderOf(type, options);
  const work = recordKinds[kind];
  const raw = work.makeRaw(actions);
  raw.capture = name;
  const filter = script && work.filterOf(script);
  const chosen = allOf(own, where);
  const chooses = chosen && work.predicateOf?.(chosen);
  return { mask, kind, work, decoder, raw, filter, chooses };
}

/** Returns the expression of both; undefined if there is none. */
function allOf(own: Expression | undefined, where: Expression | undefined): Expression | undefined {
  if (own === undefined || where === undefined) return own ?? where;
  return { kind: "and", operands: [own, where] };
}

/** Creates the encoders of an output. */
export function kindEncoders({ type, options }: SandboxOutput): KindEncoders {
  const entries = Object.entries(encoders[type]!).map(([kind, make]) => [kind, make(options)]);
  return Object.fromEntries(entries);
}
