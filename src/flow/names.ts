/** Names of a flow's states and status bits, as conntrack(8) prints them. */

import { IPPROTO_DCCP, IPPROTO_SCTP, IPPROTO_TCP } from "../packet/protocols.ts";

/** `enum tcp_conntrack` (linux/netfilter/nf_conntrack_tcp.h) */
const TCP =
  "NONE SYN_SENT SYN_RECV ESTABLISHED FIN_WAIT CLOSE_WAIT LAST_ACK TIME_WAIT CLOSE SYN_SENT2";
/** `enum ct_dccp_states` (linux/netfilter/nf_conntrack_dccp.h) */
const DCCP = "NONE REQUEST RESPOND PARTOPEN OPEN CLOSEREQ CLOSING TIMEWAIT IGNORE INVALID";
/** `enum sctp_conntrack` (linux/netfilter/nf_conntrack_sctp.h) */
const SCTP = "NONE CLOSED COOKIE_WAIT COOKIE_ECHOED ESTABLISHED SHUTDOWN_SENT SHUTDOWN_RECD " +
  "SHUTDOWN_ACK_SENT HEARTBEAT_SENT HEARTBEAT_ACKED";

/** Names of states by protocol. */
const STATES: ReadonlyMap<number, readonly string[]> = new Map([
  [IPPROTO_TCP, TCP.split(" ")],
  [IPPROTO_DCCP, DCCP.split(" ")],
  [IPPROTO_SCTP, SCTP.split(" ")],
]);

/** Names of all states. */
export const STATE_NAMES: readonly string[] = [...new Set([...STATES.values()].flat())];

/** Name of a bit of a flow's status. */
export type FlowStatus =
  | "expected"
  | "seenReply"
  | "assured"
  | "confirmed"
  | "snat"
  | "dnat"
  | "seqAdjust"
  | "snatDone"
  | "dnatDone"
  | "dying"
  | "fixedTimeout"
  | "template"
  | "natClash"
  | "helper"
  | "offload"
  | "hwOffload";

/**
 * Names of the bits of `enum ip_conntrack_status` (linux/netfilter/nf_conntrack_common.h), from the
 * lowest on.
 */
export const STATUS_NAMES: readonly FlowStatus[] = [
  ...["expected", "seenReply", "assured", "confirmed", "snat", "dnat", "seqAdjust"] as const,
  ...["snatDone", "dnatDone", "dying", "fixedTimeout", "template", "natClash", "helper"] as const,
  ...["offload", "hwOffload"] as const,
];

/** `IPS_SEEN_REPLY` (linux/netfilter/nf_conntrack_common.h): packets were seen both ways. */
export const IPS_SEEN_REPLY = 1 << 1;

/** `IPS_ASSURED`: the flow is not dropped early where the kernel's table is full. */
export const IPS_ASSURED = 1 << 2;

/** Returns the name of a protocol's state; its number as text where it has no name here. */
export function stateName(protocol: number, state: number): string {
  return STATES.get(protocol)?.[state] ?? String(state);
}

/**
 * Returns the state of a protocol that a name stands for.
 *
 * @param name The name, in lower case.
 * @returns The state; undefined where the protocol has none of this name.
 */
export function stateNumber(protocol: number, name: string): number | undefined {
  const states = STATES.get(protocol);
  const state = states?.findIndex((known) => known.toLowerCase() === name) ?? -1;
  return state < 0 ? undefined : state;
}

/** Returns the bit of a status that a name stands for, in lower case. */
export function statusBit(name: string): number {
  return 1 << STATUS_NAMES.findIndex((known) => known.toLowerCase() === name);
}

/** Returns the names of the bits of a status. */
export function statusNames(status: number): FlowStatus[] {
  return STATUS_NAMES.filter((_, bit) => (status & 1 << bit) !== 0);
}

/**
 * Returns the numbers of the bits of labels.
 *
 * @param bytes Memory with the labels.
 * @param offset Offset of their first byte.
 * @param length Their length in bytes.
 */
export function labelNumbers(bytes: Uint8Array, offset: number, length: number): number[] {
  const labels: number[] = [];
  for (let bit = 0; bit < length * 8; bit++) {
    if ((bytes[offset + (bit >> 3)]! & 1 << (bit & 7)) !== 0) labels.push(bit);
  }
  return labels;
}
