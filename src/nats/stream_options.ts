/** Options of streams that are made where they are missing, of sources and outputs. */

import type { ConfigProblem } from "../errors.ts";
import {
  described,
  type Entries,
  omittable,
  optional,
  type OptionsOf,
  useless,
  wholeNumber,
  yesOrNo,
} from "../schema.ts";
import type { NatsOptions } from "./options.ts";
import type { StreamPlan } from "./stream.ts";

/** Options of a stream that is made. */
export const streamEntries = {
  create: described(
    "Whether the start makes the stream, and that of the senders' status, where they are missing.",
    optional(yesOrNo(), false),
  ),
  replicas: described(
    "Servers of a cluster that have each message, with create.",
    optional(wholeNumber(1, 5), 1),
  ),
  maxBytes: described(
    "How large the stream may grow, in bytes, with create; a full one has senders wait.",
    omittable(wholeNumber(1024 * 1024, 2 ** 50)),
  ),
  maxAgeHours: described(
    "How long messages that no nfscribe takes are kept, in hours, with create; all if left out.",
    omittable(wholeNumber(1, 876_000)),
  ),
  duplicateSeconds: described(
    "How long the server knows messages that were sent before, in seconds, with create.",
    optional(wholeNumber(1, 86_400), 120),
  ),
} satisfies Entries;

/** Checked options of a stream that is made. */
export type StreamOptions = OptionsOf<typeof streamEntries>;

const CREATE_ONLY = ["replicas", "maxBytes", "maxAgeHours", "duplicateSeconds"] as const;
const HOUR_MS = 3_600_000;

/** Returns problems of options that are valid one by one. */
export function streamProblems(options: Partial<StreamOptions>): ConfigProblem[] {
  const { create, maxAgeHours, duplicateSeconds } = options;
  if (create !== true) {
    return useless(streamEntries, options, CREATE_ONLY, "is for create = true only");
  }
  // As the server has it.
  const isLonger = maxAgeHours !== undefined && duplicateSeconds !== undefined &&
    duplicateSeconds > maxAgeHours * 3600;
  const message = "must not be longer than max_age_hours";
  return isLonger ? [{ key: "duplicate_seconds", message }] : [];
}

/** Returns the stream of checked options. */
export function streamPlan(
  { stream, subject, replicas, maxBytes, maxAgeHours, duplicateSeconds }:
    & Pick<NatsOptions, "stream" | "subject">
    & Omit<StreamOptions, "create">,
): StreamPlan {
  return {
    name: stream,
    prefix: subject,
    replicas,
    maxBytes,
    maxAgeMs: maxAgeHours === undefined ? undefined : maxAgeHours * HOUR_MS,
    duplicateWindowMs: duplicateSeconds * 1000,
  };
}
