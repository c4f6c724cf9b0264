/**
 * Compares a dissection with the structured form of the same packet.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import type { Packet } from "../../src/packet/packet.ts";
import { structured } from "../../src/packet/structured.ts";
import type { Field } from "../../src/web/dissect/field.ts";

/** Names of layers by the headers of the structured form. */
const LAYERS = {
  arp: ["ARP"],
  ip: ["IPv4", "IPv6"],
  tcp: ["TCP"],
  udp: ["UDP"],
  udplite: ["UDP-Lite"],
  icmp: ["ICMP"],
  icmpv6: ["ICMPv6"],
  sctp: ["SCTP"],
  dccp: ["DCCP"],
  ah: ["AH"],
  esp: ["ESP"],
  gre: ["GRE"],
  igmp: ["IGMP"],
} as const;

/** Fields that the structured form takes from elsewhere, or writes in another way. */
const ELSEWHERE: ReadonlySet<string> = new Set([
  // Of the whole chain of headers.
  "ip.protocol",
  "ip.identification",
  "ip.moreFragments",
  "ip.fragmentOffset",
  "ip.payloadLength",
  // The kernel's interpretation of two fields.
  "igmp.version",
]);

/**
 * Requires that fields with the name of a field of the structured form have its value.
 *
 * @returns Number of fields that were compared.
 */
export function requireAgreement(fields: readonly Field[], packet: Packet): number {
  const form = structured(packet) as unknown as Record<string, Record<string, unknown>>;
  let compared = 0;
  for (const [header, names] of Object.entries(LAYERS)) {
    const expected = form[header];
    if (expected === undefined) continue;
    const layer = fields.find(({ name }) => (names as readonly string[]).includes(name));
    assert(layer !== undefined, `No field is named ${names.join(" or ")}`);
    for (const field of layer.fields ?? []) {
      const value = expected[field.name];
      if (value === undefined || ELSEWHERE.has(`${header}.${field.name}`)) continue;
      if (typeof value === "object") continue;
      assertEquals(plain(field.value), plain(value), `${header}.${field.name}`);
      compared++;
    }
  }
  return compared;
}

/** Returns a value without names, units and base. */
function plain(value: unknown): string | number {
  const text = String(value).replace(/ \(.*\)$| bytes?$/, "");
  return /^(0x[\da-f]+|\d+)$/.test(text) ? Number(text) : text;
}
