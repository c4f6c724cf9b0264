/**
 * Outputs that a filter may name where nothing is written.
 *
 * @module
 */

import { fileOutputs } from "../output/outputs.ts";

/** Outputs where neither options nor a configuration name any. */
export const DEFAULT_OUTPUTS: string = fileOutputs.map(({ type }) => type).join(",");

/**
 * Makes the tables of outputs that are never opened, as a configuration would have them.
 *
 * @param names Their names, as in `pcap,archive`.
 */
export function namedOutputs(names: string): Record<string, unknown> {
  return Object.fromEntries(
    names.split(",").map((name, index) => {
      const { type, shorthand } = fileOutputs.find(({ type }) => type === name) ?? fileOutputs[0]!;
      return [name, { type, [shorthand.key]: `${index}` }];
    }),
  );
}
