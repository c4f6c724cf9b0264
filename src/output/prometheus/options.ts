/** Options of a Prometheus output in a configuration. */

import { described, type Entries, optional, type OptionsOf, wholeNumber } from "../../schema.ts";

/** Options of a Prometheus output. */
export const prometheusEntries = {
  objectsMax: described(
    "Objects that have metrics at most; of further ones those that were read last do.",
    optional(wholeNumber(1, 100_000), 1000),
  ),
} satisfies Entries;

/** Options as they are checked. */
export type PrometheusOptions = OptionsOf<typeof prometheusEntries>;
