/** Names of well-known ports. Pure. */

import { SERVICES } from "../../../filter/expression/services.ts";

const names = new Map<number, string>();
for (const [name, { port }] of SERVICES) if (!names.has(port)) names.set(port, name);

/** Returns the name of a port; undefined where it has none. */
export function serviceOf(port: number): string | undefined {
  return names.get(port);
}
