import { assertEquals } from "@std/assert";
import type { Packet } from "../../src/packet/packet.ts";
import { concat, hex, ipv4, ipv6, packetOf, tcp, udp } from "./sample.ts";

const v6 = { family: 10 };

/** A header of each protocol, and the number of bytes that must be present. */
const HEADERS: readonly [layer: keyof Packet, protocol: number, bytes: Uint8Array][] = [
  ["tcp", 6, tcp()],
  ["udp", 17, udp(53, hex(""))],
  ["udplite", 136, hex("9c40 0035 0008 0000")],
  ["icmp", 1, hex("08 00 0000 0007 0009")],
  ["icmpv6", 58, hex("80 00 0000 0007 0009")],
  ["sctp", 132, hex("9c40 0035 00000001 00000000")],
  ["dccp", 33, hex("9c40 0035 05 00 0000 01 00 0102 03040506 00000000")],
  ["esp", 50, hex("00000001 00000001")],
  ["gre", 47, hex("b000 0800 0000 0000 00000001 00000001")],
  ["igmp", 2, hex("16 00 0000 e00000fb")],
  ["ah", 51, hex("3b 04 0000 00000001 00000001 000000000000000000000000")],
];

Deno.test("Each header that the copy range cut, at any length, is absent and truncated", () => {
  for (const [layer, protocol, header] of HEADERS) {
    for (
      const [whole, fields, before] of [
        [ipv4(protocol, header), {}, 20],
        [ipv6(protocol, header), v6, 40],
      ] as const
    ) {
      for (let length = before; length < whole.length; length++) {
        const packet = packetOf(whole.subarray(0, length), fields);
        assertEquals(packet.defect, { layer, kind: "truncated" }, `${layer} at ${length}`);
        // For AH, part of the check value suffices.
        const enough = layer === "ah" && length >= before + 12;
        assertEquals(packet[layer] === undefined, !enough, `${layer} at ${length}`);
      }
      const packet = packetOf(whole, fields);
      assertEquals([packet[layer] === undefined, packet.defect], [false, undefined], layer);
    }
  }
});

Deno.test("Each header that a complete packet is too short for is absent and malformed", () => {
  for (const [layer, protocol, header] of HEADERS) {
    for (let length = 0; length < header.length; length++) {
      const part = header.subarray(0, length);
      for (
        const packet of [
          packetOf(ipv4(protocol, part)),
          // Padding of the frame does not belong to the packet.
          packetOf(concat(ipv4(protocol, part), new Uint8Array(30))),
          // An IPv6 packet with a length of 0 may be a large one.
          ...length === 0 ? [] : [packetOf(ipv6(protocol, part), v6)],
        ]
      ) {
        assertEquals(packet.defect, { layer, kind: "malformed" }, `${layer} of ${length}`);
        assertEquals(packet[layer], undefined);
      }
    }
  }
});

Deno.test("The ports are present as soon as their bytes are", () => {
  for (const [layer, protocol, header] of HEADERS) {
    const hasPorts = ["tcp", "udp", "udplite", "sctp", "dccp"].includes(layer);
    for (let length = 0; length <= header.length; length++) {
      const packet = packetOf(ipv4(protocol, header).subarray(0, 20 + length));
      assertEquals(packet.sourcePort, hasPorts && length >= 4 ? 40000 : undefined);
      assertEquals(packet.destinationPort !== undefined, hasPorts && length >= 4);
    }
  }
});

Deno.test("An IP header that was cut at any length is absent and truncated", () => {
  for (let length = 0; length < 20; length++) {
    const { ip, defect } = packetOf(ipv4(17, udp()).subarray(0, length));
    assertEquals([ip, defect], [undefined, { layer: "ipv4", kind: "truncated" }]);
  }
  for (let length = 0; length < 40; length++) {
    const { ip, defect } = packetOf(ipv6(17, udp()).subarray(0, length), v6);
    assertEquals([ip, defect], [undefined, { layer: "ipv6", kind: "truncated" }]);
  }
});

Deno.test("An IP header with a wrong version or an impossible length is absent and malformed", () => {
  const wrong = (at: number, value: number, family = 2): unknown[] => {
    const packet = family === 2 ? ipv4(17, udp()) : ipv6(17, udp());
    packet[at] = value;
    const { ip, defect } = packetOf(packet, { family });
    return [ip, defect];
  };
  const four = [undefined, { layer: "ipv4", kind: "malformed" }];
  assertEquals(wrong(0, 0x65), four);
  assertEquals(wrong(0, 0x44), four);
  assertEquals(wrong(3, 19), four); // a total length below the header's
  assertEquals(wrong(0, 0x4f), four); // a header of 60 bytes in 32
  assertEquals(wrong(0, 0x40, 10), [undefined, { layer: "ipv6", kind: "malformed" }]);
});

Deno.test("IPv4 and TCP stay where only their options were cut", () => {
  const options = hex("0204 05b4 0402 0101");
  const whole = ipv4(6, tcp(), { options });
  for (let length = 20; length < 28; length++) {
    const { ipv4: header, defect, tcp, protocol } = packetOf(whole.subarray(0, length));
    assertEquals([header?.destination, tcp, protocol], ["198.51.100.2", undefined, 6]);
    assertEquals(defect, { layer: "ipv4", kind: "truncated" });
  }
  const segment = concat(tcp(), options);
  segment[12] = 0x70;
  for (let length = 40; length < 48; length++) {
    const { tcp, defect } = packetOf(ipv4(6, segment).subarray(0, length));
    assertEquals([tcp?.destinationPort, tcp?.mss], [443, length < 44 ? undefined : 1460]);
    assertEquals(defect, { layer: "tcp", kind: "truncated" });
  }
});

Deno.test("A length field that contradicts the packet is malformed, cut or not", () => {
  const defectOf = (protocol: number, header: Uint8Array, totalLength = 20 + header.length) =>
    packetOf(ipv4(protocol, header, { totalLength })).defect;
  const small = concat(tcp());
  small[12] = 0x40;
  const large = concat(tcp());
  large[12] = 0xf0;
  assertEquals(defectOf(6, small), { layer: "tcp", kind: "malformed" });
  assertEquals(defectOf(6, large), { layer: "tcp", kind: "malformed" });
  assertEquals(packetOf(ipv4(6, large)).tcp, undefined);
  assertEquals(defectOf(6, large, 80), { layer: "tcp", kind: "truncated" });
  for (const length of ["0001", "0007", "0009"]) {
    const header = hex(`9c40 0035 ${length} 0000`);
    assertEquals(defectOf(17, header), { layer: "udp", kind: "malformed" });
    assertEquals(defectOf(136, header), { layer: "udplite", kind: "malformed" });
    assertEquals(packetOf(ipv4(17, header)).udp === undefined, length !== "0009");
  }
  // The first fragment is shorter than UDP's length.
  const first = ipv4(17, hex("9c40 0035 0500 0000"), { fragment: 0x2000 });
  assertEquals(packetOf(first).defect, undefined);
  assertEquals(defectOf(33, hex("9c40 0035 03 00 0000 01 00 0102 03040506")), {
    layer: "dccp",
    kind: "malformed",
  });
  assertEquals(defectOf(51, hex("06 00 0000 00000001 00000001")), {
    layer: "ah",
    kind: "malformed",
  });
});

Deno.test("An extension header that was cut is truncated, one that leaves the packet malformed", () => {
  const whole = ipv6(0, concat(hex("11 01 01 0c 00000000 0000000000000000"), udp()));
  for (let length = 40; length < 56; length++) {
    const { udp, defect } = packetOf(whole.subarray(0, length), v6);
    assertEquals([udp, defect], [undefined, { layer: "ipv6", kind: "truncated" }]);
  }
  const long = ipv6(0, hex("11 ff 01 04 00000000"));
  assertEquals(packetOf(long, v6).defect, { layer: "ipv6", kind: "malformed" });
  assertEquals(packetOf(ipv6(0, hex("11 00 01")), v6).defect, {
    layer: "ipv6",
    kind: "malformed",
  });
});

Deno.test("A header that ends too early is truncated if no length is known", () => {
  const large = ipv4(6, tcp().subarray(0, 8), { totalLength: 0 });
  assertEquals(packetOf(large).defect, { layer: "tcp", kind: "truncated" });
  const jumbo = ipv6(6, tcp().subarray(0, 8), { payloadLength: 0 });
  assertEquals(packetOf(jumbo, v6).defect, { layer: "tcp", kind: "truncated" });
});

Deno.test("Later fragments, other protocols and packets without payload have no defect", () => {
  assertEquals(packetOf(ipv4(6, hex("00"), { fragment: 0x2001 })).defect, undefined);
  assertEquals(packetOf(ipv4(89, hex(""))).defect, undefined);
  assertEquals(packetOf(undefined).defect, undefined);
});
