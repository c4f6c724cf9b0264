/** Kinds of record that sources make and outputs accept. Pure. */

import type { ConfigProblem } from "../errors.ts";
import type { Part } from "./table.ts";

/** Kinds of each type of source and output. */
export interface Kinds {
  /** The kind that a source makes. */
  sources: Readonly<Record<string, { kind: string }>>;
  /** The kinds that an output accepts. */
  outputs: Readonly<Record<string, { kinds: readonly string[] }>>;
}

/** Returns a problem for each source whose kind of record no output accepts. */
export function unacceptedKinds(
  sources: readonly Pick<Part, "type">[],
  outputs: readonly Pick<Part, "type">[],
  types: Kinds,
): ConfigProblem[] {
  return sources.flatMap(({ type }, index) => {
    const { kind } = types.sources[type]!;
    if (outputs.some((output) => types.outputs[output.type]!.kinds.includes(kind))) return [];
    const able = Object.entries(types.outputs).filter(([, { kinds }]) => kinds.includes(kind));
    return [{
      key: `source[${index}].type`,
      message: `makes records of kind ${kind}, which no output accepts; add one of type ${
        able.map(([type]) => `"${type}"`).join(" or ")
      }`,
    }];
  });
}
