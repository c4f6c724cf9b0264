/**
 * Outputs that a filter may name where nothing is written.
 *
 * @module
 */

/** Outputs where neither options nor a configuration name any. */
export const DEFAULT_OUTPUTS = "pcap,logemu";

/**
 * Makes the tables of outputs that are never opened, as a configuration would have them.
 *
 * @param names Their names, as in `pcap,archive`.
 */
export function namedOutputs(names: string): Record<string, unknown> {
  return Object.fromEntries(
    names.split(",").map((name, index) => {
      const type = name === "logemu" ? "logemu" : "pcap";
      return [name, { type, path: `${index}`, ...type === "logemu" && { hostname: "test" } }];
    }),
  );
}
