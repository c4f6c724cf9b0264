/**
 * Requests that an NFLOG source sends to the kernel. `PF_BIND` and `PF_UNBIND` are never among
 * them: they would change the logger of the whole network namespace, for other programs too.
 */

import { be16, be32, encodeAttributes, type NetlinkAttribute } from "../../netlink/attribute.ts";
import { encodeMessage, NLM_F_ACK, NLM_F_REQUEST } from "../../netlink/message.ts";
import {
  NFGENMSG_SIZE,
  NFULA_CFG_CMD,
  NFULA_CFG_FLAGS,
  NFULA_CFG_MODE,
  NFULA_CFG_NLBUFSIZ,
  NFULA_CFG_QTHRESH,
  NFULA_CFG_TIMEOUT,
  NFULA_CFG_TIMEOUT_UNIT_MS,
  NFULNL_CFG_CMD_BIND,
  NFULNL_CFG_CMD_UNBIND,
  NFULNL_CFG_F_SEQ,
  NFULNL_CFG_F_SEQ_GLOBAL,
  NFULNL_COPY_PACKET,
  NFULNL_COPY_RANGE_MAX,
  NFULNL_MSG_CONFIG,
  NFULNL_NLBUFSIZ_MAX,
} from "../../netlink/nflog/constants.ts";
import type { NflogOptions } from "./options.ts";

/** Encodes a configuration request: `nfgenmsg` (unspecified family, the group) and attributes. */
function configRequest(
  group: number,
  sequence: number,
  attributes: readonly NetlinkAttribute[],
): Uint8Array<ArrayBuffer> {
  const encoded = encodeAttributes(attributes);
  const payload = new Uint8Array(NFGENMSG_SIZE + encoded.length);
  payload.set(be16(group), 2);
  payload.set(encoded, NFGENMSG_SIZE);
  return encodeMessage({
    type: NFULNL_MSG_CONFIG,
    flags: NLM_F_REQUEST | NLM_F_ACK,
    sequence,
    payload,
  });
}

/** Returns the attributes for all of a group's parameters. */
function parameters(options: NflogOptions): NetlinkAttribute[] {
  // struct nfulnl_msg_config_mode: be32 copy_range, u8 copy_mode, u8 pad
  const mode = new Uint8Array(6);
  mode.set(be32(options.copyRange || NFULNL_COPY_RANGE_MAX));
  mode[4] = NFULNL_COPY_PACKET;
  return [
    { type: NFULA_CFG_MODE, value: mode },
    { type: NFULA_CFG_NLBUFSIZ, value: be32(NFULNL_NLBUFSIZ_MAX) },
    { type: NFULA_CFG_TIMEOUT, value: be32(options.queueTimeoutMs / NFULA_CFG_TIMEOUT_UNIT_MS) },
    { type: NFULA_CFG_QTHRESH, value: be32(options.queueThreshold) },
    { type: NFULA_CFG_FLAGS, value: be16(NFULNL_CFG_F_SEQ | NFULNL_CFG_F_SEQ_GLOBAL) },
  ];
}

/**
 * Encodes the request that binds a group and sets all of its parameters at once: packets flow from
 * the bind on, so a later message would come too late for the first ones.
 *
 * @param options The source's options.
 * @param sequence Sequence number of the request, which the answer repeats.
 * @returns One netlink message that requests an acknowledgement.
 */
export function bindRequest(options: NflogOptions, sequence: number): Uint8Array<ArrayBuffer> {
  return configRequest(options.group, sequence, [
    { type: NFULA_CFG_CMD, value: new Uint8Array([NFULNL_CFG_CMD_BIND]) },
    ...parameters(options),
  ]);
}

/**
 * Encodes the request that sets a bound group's parameters. The kernel accepts it only from the
 * socket that holds the group (EPERM), and only while the group is bound (ENODEV); the packets'
 * sequence numbers continue.
 *
 * @param options The source's options.
 * @param sequence Sequence number of the request, which the answer repeats.
 * @returns One netlink message that requests an acknowledgement.
 */
export function adjustRequest(options: NflogOptions, sequence: number): Uint8Array<ArrayBuffer> {
  return configRequest(options.group, sequence, parameters(options));
}

/**
 * Encodes the request that unbinds a group. The kernel first delivers the packets that it has
 * collected, so that all packets logged before are received.
 *
 * @param sequence Sequence number of the request, which the answer repeats.
 * @returns One netlink message that requests an acknowledgement.
 */
export function unbindRequest(group: number, sequence: number): Uint8Array<ArrayBuffer> {
  const value = new Uint8Array([NFULNL_CFG_CMD_UNBIND]);
  return configRequest(group, sequence, [{ type: NFULA_CFG_CMD, value }]);
}

/**
 * Encodes a request that changes nothing: its answer shows whether the sender may configure groups
 * at all.
 *
 * @param group A group, bound or not.
 * @param sequence Sequence number of the request, which the answer repeats.
 * @returns One netlink message that requests an acknowledgement.
 */
export function probeRequest(group: number, sequence: number): Uint8Array<ArrayBuffer> {
  return configRequest(group, sequence, []);
}
