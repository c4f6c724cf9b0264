/** Options of a Graphite output in a configuration. */

import type { ConfigProblem } from "../../errors.ts";
import { described, type Entries, oneOf, optional, type OptionsOf, text } from "../../schema.ts";
import { connectionEntries, remoteProblems } from "../remote/options.ts";
import { type Protocol, type Receiver, receiverOf } from "../remote/url.ts";

/** Options of a Graphite output. */
export const graphiteEntries = {
  url: described(
    "The receiver of Carbon's plaintext protocol: tcp://HOST, udp://HOST or tls://HOST, with :PORT if it is not 2003, or unix:///PATH.",
    text("a URL, as in tcp://graphite.example"),
  ),
  prefix: described(
    "Beginning of the metrics' names, before a dot.",
    optional(text("a name, as in servers.fw1"), "nfscribe"),
  ),
  counts: described(
    "Counts that are sent: since the last reading (interval), or as the kernel has them (total).",
    optional(oneOf(["interval", "total"]), "interval"),
  ),
  ...connectionEntries,
} satisfies Entries;

/** Options as they are checked. */
export type GraphiteOptions = OptionsOf<typeof graphiteEntries>;

const PROTOCOLS: readonly Protocol[] = ["tcp", "udp", "tls", "unix"];
/** Carbon's port of its line receiver. */
const PORTS = { tcp: 2003, udp: 2003, tls: 2003 } as const;

/** Returns the receiver of checked options. */
export function graphiteReceiver({ url }: Pick<GraphiteOptions, "url">): Receiver {
  return receiverOf(url, PROTOCOLS, PORTS);
}

/** Returns problems of options that are valid one by one. */
export function graphiteProblems(options: Partial<GraphiteOptions>): ConfigProblem[] {
  const { prefix } = options;
  const problems = remoteProblems(options, PROTOCOLS, PORTS);
  if (prefix !== undefined && !/^[!-~]{1,200}$/.test(prefix)) {
    problems.push({
      key: "prefix",
      message: "must be at most 200 printable ASCII characters without spaces, as in servers.fw1",
    });
  }
  return problems;
}
