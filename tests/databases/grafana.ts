/**
 * Queries of the dashboards in packaging/grafana.
 *
 * @module
 */

import { ROOT } from "../system/process.ts";

/** A panel's queries. */
export interface Panel {
  title: string;
  targets: readonly { rawSql?: string; expr?: string }[];
}

/** Returns the panels of a dashboard. */
export async function panelsOf(name: string): Promise<readonly Panel[]> {
  const text = await Deno.readTextFile(`${ROOT}packaging/grafana/${name}.json`);
  return JSON.parse(text).panels;
}

/** Replaces Grafana's macros and variables; throws if one is left. */
export function replaced(query: string, values: readonly (readonly [RegExp, string])[]): string {
  const text = values.reduce((text, [macro, value]) => text.replaceAll(macro, value), query);
  if (text.includes("$")) throw new Error(`a macro is left: ${text}`);
  return text;
}
