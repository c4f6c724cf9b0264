import { assertEquals } from "@std/assert";
import { encoders } from "../../../src/output/encoders.ts";
import { UNFIT } from "../../../src/record/encoder.ts";
import { PcapEncoder, pcapEncoder } from "../../../src/output/pcap/encoder.ts";
import type { RawPacket } from "../../../src/packet/raw_packet.ts";
import { concat, hex, ipv4, ipv6, jumbogram, rawPacket, udp } from "../../packet/sample.ts";
import { readBlocks } from "./blocks.ts";

const RECEIVED = { receivedSeconds: 0x61626364, receivedNanoseconds: 1_999 };
const STAMPED = { seconds: 0x5f5e1001, nanoseconds: 123_456_000 };

function recordOf(packet: RawPacket): Uint8Array {
  const out = new Uint8Array(70_000);
  const length = new PcapEncoder().encode(packet, out, 0);
  assertEquals(out.subarray(length).some((byte) => byte !== 0), false, "bytes behind the record");
  return out.subarray(0, length);
}

/** Returns a number of a record's header: seconds, microseconds, captured, original length. */
function numberOf(record: Uint8Array, index: number): number | undefined {
  return new Uint32Array(record.slice(0, 16).buffer)[index];
}

Deno.test("A record is a header of four little-endian numbers and the payload", () => {
  const payload = ipv4(17, udp(), { totalLength: 1500 });
  assertEquals(
    recordOf(rawPacket(payload, STAMPED)),
    concat(
      hex(`
        01105e5f   # seconds
        40e20100   # microseconds: 123456
        20000000   # captured length: 32
        dc050000   # original length: 1500, from the IP header`),
      payload,
    ),
  );
});

Deno.test("The original length of a jumbogram is that of its option, in all formats and link types", () => {
  const packet = rawPacket(jumbogram(198_572), { family: 10, hwProtocol: 0x86dd, ...RECEIVED });
  const left = 198_612 - 68;
  for (const [linkType, captured] of [["raw", 68], ["ethernet", 82], ["nflog", 76]] as const) {
    for (const format of ["pcap", "pcapng"] as const) {
      const out = new Uint8Array(1000);
      const length = pcapEncoder({ format, linkType }).encode(packet, out, 0);
      const record = out.subarray(0, length);
      const [read] = format === "pcapng" ? readBlocks(record).packets : [];
      const found = read === undefined
        ? [numberOf(record, 2), numberOf(record, 3)]
        : [read.data.length, read.original];
      assertEquals(found, [captured, captured + left]);
    }
  }
});

Deno.test("The record has the kernel's stamp, else the time of receipt", () => {
  const payload = ipv4(17, udp());
  const stamped = recordOf(rawPacket(payload, { ...RECEIVED, ...STAMPED }));
  assertEquals([numberOf(stamped, 0), numberOf(stamped, 1)], [0x5f5e1001, 123_456]);
  const received = recordOf(rawPacket(payload, RECEIVED));
  assertEquals([numberOf(received, 0), numberOf(received, 1)], [0x61626364, 1]);
});

Deno.test("A kernel's stamp of 0 is a stamp", () => {
  const zero = { seconds: 0, nanoseconds: 0 };
  const record = recordOf(rawPacket(ipv4(17, udp()), { ...RECEIVED, ...zero }));
  assertEquals([numberOf(record, 0), numberOf(record, 1)], [0, 0]);
});

Deno.test("Seconds past 2^32 wrap around, as the format has no room for them", () => {
  const record = recordOf(rawPacket(ipv4(17, udp()), { seconds: 2 ** 32 + 5, nanoseconds: 0 }));
  assertEquals(numberOf(record, 0), 5);
});

Deno.test("A packet of 256 bytes and one of 257, and the largest one, are copied whole", () => {
  for (const size of [0, 256, 257, 65_531].map((size) => Math.max(size, 28))) {
    const data = Uint8Array.from({ length: size - 28 }, (_, n) => n * 7);
    const payload = ipv4(17, udp(9, data));
    const record = recordOf(rawPacket(payload));
    assertEquals(numberOf(record, 2), size);
    assertEquals(record.subarray(16), payload);
  }
});

Deno.test("A payload is copied from its place in the memory, to its place in the batch", () => {
  const payload = ipv4(17, udp());
  const memory = concat(hex("ffffffff"), payload, hex("ffffffff"));
  const packet = rawPacket(memory, { payloadOffset: 4, payloadLength: payload.length });
  const out = new Uint8Array(100).fill(0xee);
  assertEquals(new PcapEncoder().encode(packet, out, 10), 48);
  assertEquals(out.subarray(26, 58), payload);
  assertEquals(out.subarray(0, 10), new Uint8Array(10).fill(0xee));
  assertEquals(out.subarray(58), new Uint8Array(42).fill(0xee));
});

Deno.test("An IPv6 packet is held, whatever family it came by", () => {
  const payload = ipv6(17, udp(), { payloadLength: 1460 });
  for (const fields of [{ family: 10 }, { family: 7, hwProtocol: 0x86dd }]) {
    const record = recordOf(rawPacket(payload, fields));
    assertEquals([numberOf(record, 2), numberOf(record, 3)], [52, 1500]);
  }
});

Deno.test("A packet that is not IP is unfit, and nothing is written", () => {
  const unfit = [
    rawPacket(new Uint8Array(28), { family: 3, hwProtocol: 0x0806 }), // ARP
    rawPacket(undefined), // no payload
    rawPacket(new Uint8Array(0)), // an empty one
    rawPacket(hex("60"), { family: 2, hwProtocol: 0x0800 }), // contradicts its family
  ];
  for (const packet of unfit) {
    const out = new Uint8Array(100);
    assertEquals(new PcapEncoder().encode(packet, out, 0), UNFIT);
    assertEquals(out, new Uint8Array(100));
  }
});

Deno.test("An unfit packet is unfit even where there is no room", () => {
  assertEquals(new PcapEncoder().encode(rawPacket(undefined), new Uint8Array(0), 0), UNFIT);
});

Deno.test("The registry makes pcap encoders", () => {
  const packet = rawPacket(ipv4(17, udp()));
  assertEquals(
    encoders.pcap!.packet!({ format: "pcap", linkType: "raw" }).encode(
      packet,
      new Uint8Array(48),
      0,
    ),
    48,
  );
});
