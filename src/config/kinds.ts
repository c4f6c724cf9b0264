/** Kinds of record that sources make and outputs accept. Pure. */

import type { ConfigProblem } from "../errors.ts";
import type { Options } from "../definition.ts";
import { kindOf } from "../source/define.ts";
import type { Part } from "./table.ts";

/** A source of a configuration, as far as its kind matters. */
type SourcePart = Pick<Part, "type" | "outputs"> & Partial<Pick<Part, "options">>;
/** An output of a configuration, as far as its kinds matter. */
type OutputPart = Pick<Part, "type"> & { name?: string };

/** Kinds of each type of source and output. */
export interface Kinds {
  /** The kind that a source makes. */
  sources: Readonly<Record<string, { kind: string | ((options: Options) => string) }>>;
  /** The kinds that an output accepts. */
  outputs: Readonly<Record<string, { kinds: readonly string[] }>>;
}

/**
 * Returns the kinds of record that reach an output.
 *
 * @param sources The sources.
 * @param output The output.
 */
export function kindsOf(
  sources: readonly SourcePart[],
  { type, name }: OutputPart,
  types: Kinds,
): Set<string> {
  const reaching = sources.filter(({ outputs }) => outputs?.includes(name!) ?? true)
    .map(({ type, options = {} }) => kindOf(types.sources[type]!, options));
  return new Set(reaching.filter((kind) => types.outputs[type]!.kinds.includes(kind)));
}

/**
 * Returns a problem for each source whose kind of record no output accepts, and for each output that
 * a source names although it does not.
 */
export function unacceptedKinds(
  sources: readonly SourcePart[],
  outputs: readonly OutputPart[],
  types: Kinds,
): ConfigProblem[] {
  return sources.flatMap(({ type, options = {}, outputs: named }, index) => {
    const kind = kindOf(types.sources[type]!, options);
    const accepts = (output: OutputPart) => types.outputs[output.type]!.kinds.includes(kind);
    const refusing = outputs.find((output) =>
      output.name !== undefined && named?.includes(output.name) === true && !accepts(output)
    );
    if (refusing !== undefined) {
      return [{
        key: `source[${index}].outputs`,
        message:
          `output "${refusing.name}" of type "${refusing.type}" accepts no records of kind ${kind}`,
      }];
    }
    if (outputs.some(accepts)) return [];
    const able = Object.entries(types.outputs).filter(([, { kinds }]) => kinds.includes(kind));
    return [{
      key: `source[${index}].type`,
      message: `makes records of kind ${kind}, which no output accepts; add one of type ${
        able.map(([type]) => `"${type}"`).join(" or ")
      }`,
    }];
  });
}
