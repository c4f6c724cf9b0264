/** Options of a NATS output in a configuration. */

import type { ConfigProblem } from "../../errors.ts";
import { natsEntries, natsProblems } from "../../nats/options.ts";
import { streamEntries, streamProblems } from "../../nats/stream_options.ts";
import {
  described,
  type Entries,
  omittable,
  oneOf,
  optional,
  type OptionsOf,
  text,
  wholeNumber,
} from "../../schema.ts";
import { deliveryEntries } from "../delivery/options.ts";

/** Least value of message_bytes. */
export const MESSAGE_LEAST = 16 * 1024;
/** Bytes of a message beside its body: the headers, with names of many interfaces. */
export const HEADERS_MOST = 32 * 1024;

const { retentionDays: _, ...spoolEntries } = deliveryEntries("spool-nats");

/** Options of a table `[output.NAME]` with `type = "nats"`. */
export const natsOutputEntries = {
  ...natsEntries,
  payload: described(
    "Form of packets: pcapng, which has all of their metadata and which a central nfscribe reads, or " +
      "json for others. Flows and counters are lines of JSON.",
    optional(oneOf(["pcapng", "json"]), "pcapng"),
  ),
  compression: described(
    "Compression of messages: zstd, gzip, or none.",
    optional(oneOf(["zstd", "gzip", "none"]), "zstd"),
  ),
  messageBytes: described(
    "Most bytes of a message before it is compressed; the server's max_payload must be 32,768 larger.",
    optional(wholeNumber(MESSAGE_LEAST, 1024 * 1024), 512 * 1024),
  ),
  inFlight: described(
    "Most messages on their way to the server at once, of 1 MiB together.",
    optional(wholeNumber(1, 256), 8),
  ),
  statusSeconds: described(
    "Interval at which this host's status is sent, for the central nfscribe, in seconds; 0 for none.",
    optional(wholeNumber(0, 3600), 10),
  ),
  hostname: described(
    "Name of the host in subjects and headers; this host's name if left out.",
    omittable(text("a host's name")),
  ),
  ...streamEntries,
  ...spoolEntries,
} satisfies Entries;

/** Checked options of a NATS output. */
export type NatsOutputOptions = OptionsOf<typeof natsOutputEntries>;

/** Returns problems of options that are valid one by one. */
export function natsOutputProblems(options: Partial<NatsOutputOptions>): ConfigProblem[] {
  const { hostname = "" } = options;
  const isLong = new TextEncoder().encode(hostname).length > 255;
  return [
    ...natsProblems(options),
    ...streamProblems(options),
    ...isLong ? [{ key: "hostname", message: "must not be longer than 255 bytes" }] : [],
  ];
}
