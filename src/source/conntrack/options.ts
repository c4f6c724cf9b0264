/** Options of a conntrack source. */

import {
  described,
  type Entries,
  expressionText,
  omittable,
  optional,
  type OptionsOf,
  someOf,
  wholeNumber,
  yesOrNo,
} from "../../schema.ts";
import { netnsEntry } from "../netns.ts";

/** Events that a source may take. */
export const EVENT_NAMES = ["new", "update", "destroy"] as const;

/** Options of a conntrack source. */
export const conntrackEntries = {
  events: described(
    "Events that make a record: of new flows, changed ones and ended ones. An ended flow has counters and times.",
    optional(someOf(EVENT_NAMES, 1), ["destroy"]),
  ),
  where: described(
    'An expression, as in "net 10.0.0.0/8": of the events the source takes those that it chooses, the kernel leaves out what it can.',
    omittable(expressionText()),
  ),
  bufferSize: described(
    "The socket's receive buffer, in bytes: what the kernel holds while nfscribe is busy.",
    optional(wholeNumber(4096, 0x3fff_ffff), 32 * 1024 * 1024),
  ),
  pollSeconds: described(
    "Instead of events, all flows every so many seconds: one record a flow, with its last known counters, once it is gone; takes CAP_NET_ADMIN for good.",
    omittable(wholeNumber(1, 86_400)),
  ),
  interimSeconds: described(
    "A record every so many seconds for each flow that lives longer; takes CAP_NET_ADMIN for good.",
    omittable(wholeNumber(1, 86_400)),
  ),
  reconcile: described(
    "Whether flows are known from their beginning on, so that those whose end is lost get a record, too; takes CAP_NET_ADMIN for good.",
    optional(yesOrNo(), false),
  ),
  flowsMax: described(
    "Flows that are known at most, where they are reconciled or asked for.",
    optional(wholeNumber(1024, 16_777_216), 262_144),
  ),
  netns: netnsEntry,
} satisfies Entries;

/** Checked options of the source. */
export type ConntrackOptions = OptionsOf<typeof conntrackEntries>;
