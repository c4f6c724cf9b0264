/** `[filter]`: the expression and the script that decide where packets go. */

import type { ConfigProblem } from "../errors.ts";
import {
  filterEntries,
  type FilterOptions,
  filterPermissionEntries,
  type FilterPermissions,
  REFUSED_PERMISSIONS,
} from "../filter/options.ts";
import { isTable, omittable, table } from "../schema.ts";
import { checkOptions } from "./table.ts";
import { checkWhere } from "./where.ts";

/**
 * Checks the filter's options.
 *
 * @param value What stands under `filter`.
 * @param kinds Kinds of record that the sources make.
 * @param problems Takes what is wrong.
 * @returns The options; undefined where there is no filter.
 */
export function checkFilter(
  value: unknown,
  kinds: readonly string[],
  problems: ConfigProblem[],
): FilterOptions | undefined {
  if (value === undefined) return undefined;
  if (!isTable(value)) {
    problems.push({ key: "filter", message: "must be a table: write [filter]" });
    return undefined;
  }
  const entries = { ...filterEntries, permissions: omittable(table()) };
  const { permissions = {}, ...options } = checkOptions(entries, value, "filter", problems);
  if (value.script === undefined && value.where === undefined) {
    problems.push({
      key: "filter.script",
      message: 'is missing; name a script, or write an expression, as in where = "tcp port 22"',
    });
  }
  checkWhere(options.where, "filter.where", kinds, problems);
  return {
    ...options,
    permissions: checkPermissions(permissions, problems),
  };
}

function checkPermissions(
  value: Record<string, unknown>,
  problems: ConfigProblem[],
): FilterPermissions {
  const place = "filter.permissions";
  const granted = { ...value };
  for (const [name, message] of Object.entries(REFUSED_PERMISSIONS)) {
    if (!Object.hasOwn(granted, name)) continue;
    problems.push({ key: `${place}.${name}`, message });
    delete granted[name];
  }
  return checkOptions(filterPermissionEntries, granted, place, problems);
}
