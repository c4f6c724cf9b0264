/** Filters that are tried out: they have no effects unless that is asked for. */

import type { FilterOptions } from "../filter/options.ts";
import type { ParsedOptions } from "./command.ts";

/**
 * Returns a filter's settings without the rights that they grant, unless `--permissions` is
 * given: a webhook would be called for packets that are long past.
 *
 * @param filter What the configuration says.
 * @param options Options of the command.
 * @returns The settings, and a message where rights were taken out of them.
 */
export function onTrial(
  filter: FilterOptions,
  { permissions }: ParsedOptions,
): { filter: FilterOptions; notice: string | undefined } {
  const kinds = Object.keys(filter.permissions);
  if (permissions !== undefined || kinds.length === 0) return { filter, notice: undefined };
  return {
    filter: { ...filter, permissions: {} },
    notice: `The filter is not granted what [filter.permissions] says (${kinds.join(", ")}); ` +
      "--permissions grants it",
  };
}
