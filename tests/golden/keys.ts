/**
 * The golden file of ulogd's keys: the packets of `logemu.golden`, as JSON, GPRINT, OPRINT and XML
 * print them.
 *
 * @module
 */

import { GprintEncoder } from "../../src/output/gprint/encoder.ts";
import { Ulogd2JsonEncoder } from "../../src/output/json/ulogd2.ts";
import { OprintEncoder } from "../../src/output/oprint/encoder.ts";
import { type KeyOptions, PLUGINS } from "../../src/output/ulogd/options.ts";
import { XmlEncoder } from "../../src/output/xml/encoder.ts";
import type { RawPacket } from "../../src/packet/raw_packet.ts";
import type { Encoder } from "../../src/record/encoder.ts";
import type { GoldenCase } from "./golden.ts";

const INTRO =
  `## The packets of logemu.golden, as ulogd's JSON, GPRINT, OPRINT and XML print them, without
## what depends on the zone. \`deno task golden\` writes this file anew; read the difference before
## you commit it.
`;

/** `ARPHRD_ETHER` (linux/if_arp.h), the type of all link headers of the file. */
const ARPHRD_ETHER = 1;

/** All keys of Debian's stacks. */
export const KEYS: KeyOptions = { plugins: PLUGINS, sequence: [], label: 0, sumTime: true };

/** Renders the file. */
export function renderKeys(cases: readonly GoldenCase[]): string {
  const json = { ...KEYS, timestamp: false, eventv1: false, device: "Netfilter" };
  const encoders: readonly Encoder<RawPacket>[] = [
    new Ulogd2JsonEncoder({ ...json, booleanLabel: false }),
    new GprintEncoder({ ...KEYS, timestamp: false }),
    new OprintEncoder(KEYS),
    new XmlEncoder(),
  ];
  const blocks = cases.map(({ title, packet }) => {
    const withType = Object.assign(packet.copy(), { hwType: ARPHRD_ETHER });
    const records = encoders.map((encoder) => textOf(encoder, withType));
    return `# ${title}\n${records.join("").replace(/<when>.*<\/when>/, "<when/>")}`;
  });
  return [INTRO, ...blocks].join("\n");
}

/** Returns the record of a packet. */
export function textOf(encoder: Encoder<RawPacket>, packet: RawPacket): string {
  const out = new Uint8Array(16_384);
  return new TextDecoder().decode(out.subarray(0, encoder.encode(packet, out, 0)));
}
