/**
 * Options of an NFLOG source: the arguments of `capture()` and the table `[[source]]` of a
 * configuration file, from one definition.
 */

import {
  described,
  type Entries,
  optional,
  type OptionsOf,
  type Schema,
  wholeNumber,
  wholeNumbers,
} from "../../schema.ts";
import { netnsEntry } from "../netns.ts";
import { NFULA_CFG_TIMEOUT_UNIT_MS, NFULNL_COPY_RANGE_MAX } from "../../netlink/nflog/constants.ts";

/** Several groups instead of one: a source for each. */
export const nflogGroups: Schema<number[]> = described(
  "The groups, in place of one group: a source for each.",
  wholeNumbers(0, 65535),
);

/** Packets that the kernel collects where a configuration does not say. */
export const DEFAULT_QUEUE_THRESHOLD = 512;

/** Values that the kernel would acknowledge and then ignore or clamp are refused here. */
export const nflogEntries = {
  group: described("The group that the rule names.", wholeNumber(0, 65535)),
  copyRange: described(
    "Bytes kept of each packet; 0 keeps all.",
    optional(wholeNumber(0, NFULNL_COPY_RANGE_MAX), 0),
  ),
  bufferSize: described(
    "The socket's receive buffer, in bytes: what the kernel holds while nfscribe is busy.",
    optional(wholeNumber(4096, 0x3fff_ffff), 8 * 1024 * 1024),
  ),
  queueThreshold: described(
    "Packets that the kernel collects before it hands them over.",
    optional(wholeNumber(1, 0xffff_ffff), DEFAULT_QUEUE_THRESHOLD),
  ),
  queueTimeoutMs: described(
    "How long the kernel collects at the most, in milliseconds, a multiple of 10.",
    optional(wholeNumber(0, 3_600_000, NFULA_CFG_TIMEOUT_UNIT_MS), 100),
  ),
  netns: netnsEntry,
} satisfies Entries;

/** Checked options of the source. */
export type NflogOptions = OptionsOf<typeof nflogEntries>;
