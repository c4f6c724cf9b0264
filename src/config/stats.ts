/** `[stats]`: where the counters of a running nfscribe can be asked for. */

import {
  described,
  type Entries,
  omittable,
  type OptionsOf,
  path,
  text,
  wholeNumber,
} from "../schema.ts";

/** Options of `[stats]`. */
export const statsEntries = {
  socket: described(
    "The Unix socket that `nfscribe stats` and `nfscribe watch --running` ask; none if left out.",
    omittable(path("file", "a socket's path, as in /run/nfscribe.sock")),
  ),
  metrics: described(
    "Where Prometheus asks for /metrics, and others for /healthz, as in 127.0.0.1:9477; nowhere if left out.",
    omittable(text("a host and a port, as in 127.0.0.1:9477")),
  ),
  healthSeconds: described(
    "How many seconds an output may deliver nothing while packets wait for it, before /healthz is 503; 60 if left out.",
    omittable(wholeNumber(1, 86_400)),
  ),
  silentSeconds: described(
    "How many seconds a host that sends its records here may be silent, before that is logged and /healthz tells it; 60 if left out.",
    omittable(wholeNumber(1, 86_400)),
  ),
} satisfies Entries;

/** Addresses that serve the counters of a running nfscribe. */
export type StatsOptions = OptionsOf<typeof statsEntries>;
