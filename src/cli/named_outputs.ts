/** Outputs that a filter may name where nothing is written. */

import { ALL_OUTPUTS, shortTable } from "./part_options.ts";

/** Outputs where neither options nor a configuration name any. */
export const DEFAULT_OUTPUTS: string = ALL_OUTPUTS.filter(({ init }) => init.isOffered)
  .map(({ type }) => type).join();

const FILE_OUTPUTS = ALL_OUTPUTS.filter(({ shorthand }) => shorthand.value === "FILE");

/** Outputs that together accept every kind of record, where no filter names any. */
export const ACCEPTING_OUTPUTS: string = FILE_OUTPUTS.map(({ type }) => type).join();

/**
 * Makes the tables of outputs that are never opened, as a configuration would have them.
 *
 * @param names Their names, as in `pcap,archive`.
 */
export function namedOutputs(names: string): Record<string, unknown> {
  return Object.fromEntries(
    names.split(",").map((name, index) => {
      const output = FILE_OUTPUTS.find(({ type }) => type === name) ?? FILE_OUTPUTS[0]!;
      return [name, { type: output.type, ...shortTable(output, `${index}`) }];
    }),
  );
}
