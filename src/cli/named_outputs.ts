/**
 * Outputs that a filter may name where nothing is written.
 *
 * @module
 */

/** Those that there are where nobody says other. */
export const DEFAULT_OUTPUTS = "pcap,logemu";

/**
 * What a configuration would say about outputs that are never opened.
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
