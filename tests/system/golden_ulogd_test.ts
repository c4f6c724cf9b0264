/**
 * Files that ulogd 2.0.8 wrote, in ../shared/ulogd: nfscribe writes the same of the same packets.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { GprintEncoder } from "../../src/output/gprint/encoder.ts";
import { Ulogd2JsonEncoder } from "../../src/output/json/ulogd2.ts";
import { OprintEncoder } from "../../src/output/oprint/encoder.ts";
import { headerOf, trailerOf } from "../../src/output/xml/document.ts";
import { XmlEncoder } from "../../src/output/xml/encoder.ts";
import { InterfaceTable } from "../../src/packet/interface.ts";
import { RawPacket } from "../../src/packet/raw_packet.ts";
import type { Encoder } from "../../src/record/encoder.ts";
import { fromFileUrl } from "../../src/text/file_url.ts";
import { KEYS, textOf } from "../golden/keys.ts";
import { concat, hex } from "../packet/sample.ts";
import { exists } from "./process.ts";

const ULOGD = fromFileUrl(new URL("../../../shared/ulogd/", import.meta.url).href);
const IS_THERE = exists(`${ULOGD}packet.json`);

const NFPROTO_IPV4 = 2;
const ETH_P_IP = 0x0800;
const ARPHRD_LOOPBACK = 772;

/** The two packets: a datagram and a connection's first segment, both dropped on loopback. */
const PAYLOADS = [
  ["4500001dc6ce4000401175ff7f0000017f0000018e7300090009fe1c78", 76_878],
  [
    "4500003cd53c40004006677d7f0000017f00000184221f901e81fd1f00000000a002ffd7fe3000000204ffd7" +
    "0402080a2d39f86a000000000103030a",
    76_957,
  ],
] as const;

function packetOf([payload, microseconds]: readonly [string, number]): RawPacket {
  const prefix = new TextEncoder().encode("drop ");
  const header = hex("000000000000 000000000000 0800");
  const bytes = concat(prefix, header, hex(payload));
  const packet = new RawPacket(new InterfaceTable().with([[1, "lo"]]));
  packet.reset(bytes, 0, bytes.length);
  return Object.assign(packet, {
    family: NFPROTO_IPV4,
    hwProtocol: ETH_P_IP,
    hwType: ARPHRD_LOOPBACK,
    hook: 1,
    inDev: 1,
    prefixLength: prefix.length,
    hwHeaderOffset: prefix.length,
    hwHeaderLength: header.length,
    hwAddressOffset: prefix.length + 6,
    hwAddressLength: 6,
    payloadOffset: prefix.length + header.length,
    payloadLength: payload.length / 2,
    seconds: 1_795_852_354,
    nanoseconds: microseconds * 1000,
    receivedSeconds: 1_795_852_355,
  });
}

const FILES: readonly (readonly [file: string, make: () => Encoder<RawPacket>])[] = [
  ["packet.json", () =>
    new Ulogd2JsonEncoder({
      ...KEYS,
      timestamp: true,
      eventv1: false,
      device: "Netfilter",
      booleanLabel: false,
    })],
  ["packet.gprint", () => new GprintEncoder({ ...KEYS, timestamp: true })],
  ["packet.oprint", () => new OprintEncoder({ ...KEYS, plugins: ["BASE", "IFINDEX", "IP2STR"] })],
  ["pkt.xml", () => new XmlEncoder()],
];

for (const [file, make] of FILES) {
  Deno.test({
    name: `${file} of ulogd is what nfscribe writes of the same packets` +
      (IS_THERE ? "" : " (needs ../shared/ulogd)"),
    ignore: !IS_THERE,
    fn() {
      const zone = Deno.env.get("TZ");
      Deno.env.set("TZ", "UTC");
      try {
        const encoder = make();
        const records = PAYLOADS.map((packet) => textOf(encoder, packetOf(packet))).join("");
        const text = file === "pkt.xml"
          ? headerOf("packets") + records + trailerOf("packets")
          : records;
        assertEquals(text, Deno.readTextFileSync(ULOGD + file));
      } finally {
        if (zone === undefined) Deno.env.delete("TZ");
        else Deno.env.set("TZ", zone);
      }
    },
  });
}
