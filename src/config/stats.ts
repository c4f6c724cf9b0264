/**
 * `[stats]`: where the counters of a running nfscribe can be asked for.
 *
 * @module
 */

import { described, type Entries, omittable, path, text } from "../schema.ts";

/** Where counters are told. */
export interface StatsOptions {
  /** The Unix socket that `nfscribe stats` asks; absent for none. */
  socket?: string;
  /** Where Prometheus asks, as in `127.0.0.1:9477`; absent for nowhere. */
  metrics?: string;
}

/** What a configuration may say under `[stats]`. */
export const statsEntries = {
  socket: described(
    "The Unix socket that `nfscribe stats` asks; none if left out.",
    omittable(path("a socket's path, as in /run/nfscribe.sock")),
  ),
  metrics: described(
    "Where Prometheus asks for /metrics, and others for /healthz, as in 127.0.0.1:9477; nowhere if left out.",
    omittable(text("a host and a port, as in 127.0.0.1:9477")),
  ),
} satisfies Entries & { [Name in keyof StatsOptions]: unknown };
