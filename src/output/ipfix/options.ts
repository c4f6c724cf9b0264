/** Options of an IPFIX output in a configuration. */

import type { ConfigProblem } from "../../errors.ts";
import { FLOW_EVENTS } from "../../flow/raw_flow.ts";
import {
  described,
  type Entries,
  omittable,
  oneOf,
  optional,
  type OptionsOf,
  someOf,
  text,
  useless,
  wholeNumber,
  yesOrNo,
} from "../../schema.ts";
import { connectionEntries, remoteProblems } from "../remote/options.ts";
import { type Protocol, type Receiver, receiverOf } from "../remote/url.ts";
import { MESSAGE_LIMIT_MIN, MESSAGE_MAX } from "./messages.ts";
import { TIME_UNITS } from "./template.ts";

/** The longest payload of a datagram over IPv4. */
const UDP_MAX = 65_507;

/** Options of an IPFIX output. */
export const ipfixEntries = {
  url: described(
    "The collector: udp://HOST, tcp://HOST or tls://HOST, with :PORT if it is not 4739 or, for tls, 4740.",
    text("a URL, as in udp://collector.example"),
  ),
  observationDomain: described(
    "Identifier of the observation domain in messages, by which a collector tells exporters on one host apart.",
    optional(wholeNumber(0, 0xffff_ffff), 0),
  ),
  events: described(
    "Events that make a record of the flow: destroy and interim have its counters; new and update " +
      "have a firewallEvent in their place.",
    optional(someOf(FLOW_EVENTS, 1), ["destroy", "interim", "inferred"]),
  ),
  natEvents: described(
    "Whether the beginning and the end of each translation is a record of its own, too (natEvent, RFC " +
      '8158); beginnings take events = ["new", "destroy"] of the source.',
    optional(yesOrNo(), false),
  ),
  counters: described(
    "delta counts since the flow's record before, so that sums are right (octetDeltaCount); total " +
      "since its start (octetTotalCount).",
    optional(oneOf(["delta", "total"]), "delta"),
  ),
  times: described(
    "Unit of times: every collector takes milliseconds; the kernel has nanoseconds.",
    optional(oneOf(TIME_UNITS), "milliseconds"),
  ),
  maxMessage: described(
    "The longest message in bytes; 1232 for udp, which fits each path of IPv6, else 65535, if left out.",
    omittable(wholeNumber(MESSAGE_LIMIT_MIN, MESSAGE_MAX)),
  ),
  templateSeconds: described(
    "Seconds after which udp sends a template again.",
    optional(wholeNumber(1, 86_400), 600),
  ),
  templateMessages: described(
    "Messages after which udp sends a template again.",
    optional(wholeNumber(1, 1_000_000), 20),
  ),
  ...connectionEntries,
} satisfies Entries;

/** Options as they are checked. */
export type IpfixOptions = OptionsOf<typeof ipfixEntries>;

const PROTOCOLS: readonly Protocol[] = ["udp", "tcp", "tls"];
/** Ports of IANA. */
const PORTS = { udp: 4739, tcp: 4739, tls: 4740 };

/** Returns the receiver of checked options. */
export function ipfixReceiver({ url }: Pick<IpfixOptions, "url">): Receiver {
  return receiverOf(url, PROTOCOLS, PORTS);
}

/** Returns problems of options that are valid one by one. */
export function ipfixProblems(options: Partial<IpfixOptions>): ConfigProblem[] {
  const { url, maxMessage } = options;
  const problems = remoteProblems(options, PROTOCOLS, PORTS);
  if (url === undefined || problems.length > 0) return problems;
  const isUdp = receiverOf(url, PROTOCOLS, PORTS).kind === "udp";
  if (isUdp && maxMessage !== undefined && maxMessage > UDP_MAX) {
    problems.push({ key: "max_message", message: `must be at most ${UDP_MAX} for udp` });
  }
  if (isUdp) return problems;
  return [
    ...problems,
    ...useless(
      ipfixEntries,
      options,
      ["templateSeconds", "templateMessages"],
      "is for udp; over a connection each template is sent once",
    ),
  ];
}
