/** Finds the headers of a raw packet. */

import { ABSENT } from "./absent.ts";
import { isVlan } from "./encapsulation.ts";
import { Layers } from "./layers.ts";
import { networkKind, networkOffset, payloadType } from "./network.ts";
import type { RawPacket } from "./raw_packet.ts";

/** Finds the headers of a packet; reuses the result object of the previous packet. */
export function findLayers(packet: RawPacket): Layers {
  const { bytes, payloadOffset, payloadLength } = packet;
  if (payloadLength === ABSENT) return new Layers(bytes, 0, 0, 0);
  const end = payloadOffset + payloadLength;
  const at = networkOffset(packet);
  const layers = packet.layers ??= new Layers(bytes, 0, 0, 0);
  layers.reset(bytes, at, end, networkKind(packet, at));
  if (at > end && isVlan(payloadType(packet))) layers.fail("vlan", at);
  return layers;
}
