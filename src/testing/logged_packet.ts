/**
 * What the kernel tells of a packet, around its bytes.
 *
 * @module
 */

import { InterfaceTable } from "../packet/interface.ts";
import { ETH_P_IP, ETH_P_IPV6 } from "../packet/ether_types.ts";
import { NFPROTO_IPV4, NFPROTO_IPV6 } from "../packet/network.ts";
import { RawPacket } from "../packet/raw_packet.ts";
import { type CheckedFields, HOOKS } from "./fields.ts";

/** The Ethernet address of the input device. */
const RECEIVER = "02:00:5e:10:00:02";
/** `ARPHRD_ETHER` (linux/if_arp.h) */
const ARPHRD_ETHER = 1;
/** The kernel's numbers for the interfaces; 1 is the loopback device. */
const IN_DEV = 2;
const OUT_DEV = 3;
/** The last hook whose packets the kernel stamps. */
const FORWARD = HOOKS.indexOf("forward");
const ENCODER = new TextEncoder();

/**
 * What a decoder would have filled in.
 *
 * @param fields Checked ones.
 * @param packet The packet from its IP header on.
 */
export function loggedPacket(fields: CheckedFields, packet: Uint8Array): RawPacket {
  const prefix = ENCODER.encode(fields.prefix);
  const six = packet[0]! >> 4 === 6;
  const etherType = six ? ETH_P_IPV6 : ETH_P_IP;
  const header = linkHeader(fields.hardwareAddress, etherType);
  const bytes = new Uint8Array(prefix.length + header.length + packet.length);
  bytes.set(prefix);
  bytes.set(header, prefix.length);
  bytes.set(packet, prefix.length + header.length);

  const { outDev, mark, uid, gid, time } = fields;
  const inDev = fields.inDev ?? (outDev === undefined ? "eth0" : undefined);
  const raw = new RawPacket(interfacesOf(inDev, outDev));
  raw.reset(bytes, 0, bytes.length);
  raw.family = six ? NFPROTO_IPV6 : NFPROTO_IPV4;
  raw.hwProtocol = etherType;
  const byDefault = outDev === undefined ? "input" : inDev === undefined ? "output" : "forward";
  raw.hook = HOOKS.indexOf(fields.hook ?? byDefault);
  if (inDev !== undefined) raw.inDev = IN_DEV;
  if (outDev !== undefined) raw.outDev = outDev === inDev ? IN_DEV : OUT_DEV;
  if (mark !== undefined && mark !== 0) raw.mark = mark;
  if (uid !== undefined) raw.uid = uid;
  if (gid !== undefined) raw.gid = gid;
  [raw.receivedSeconds, raw.receivedNanoseconds] = secondsOf(time);
  const timestamp = fields.timestamp ?? (raw.hook <= FORWARD ? time : undefined);
  if (timestamp !== undefined) [raw.seconds, raw.nanoseconds] = secondsOf(timestamp);
  raw.prefixLength = prefix.length;
  if (header.length > 0) {
    raw.hwType = ARPHRD_ETHER;
    raw.hwHeaderOffset = prefix.length;
    raw.hwHeaderLength = header.length;
    raw.hwAddressOffset = prefix.length + 6;
    raw.hwAddressLength = 6;
  }
  raw.payloadOffset = prefix.length + header.length;
  raw.payloadLength = packet.length;
  return raw;
}

function interfacesOf(inDev: string | undefined, outDev: string | undefined): InterfaceTable {
  const names: [number, string][] = [];
  if (inDev !== undefined) names.push([IN_DEV, inDev]);
  if (outDev !== undefined && outDev !== inDev) names.push([OUT_DEV, outDev]);
  return new InterfaceTable().with(names);
}

function linkHeader(sender: string | undefined, etherType: number): Uint8Array {
  if (sender === undefined) return new Uint8Array(0);
  const digits = (RECEIVER + sender).replaceAll(":", "") + etherType.toString(16).padStart(4, "0");
  return Uint8Array.fromHex(digits);
}

function secondsOf(microseconds: number): [seconds: number, nanoseconds: number] {
  return [Math.floor(microseconds / 1e6), microseconds % 1e6 * 1000];
}
