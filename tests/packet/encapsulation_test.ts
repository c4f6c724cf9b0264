import { assertEquals } from "@std/assert";
import { concat, hex, ipv4, ipv6, packetOf, tcp, udp } from "./sample.ts";

const BRIDGE = { family: 7 };
const SESSION = hex("11 00 0007 0022 0021");

Deno.test("IP is found after PPPoE in frames that bridge and netdev rules log", () => {
  for (const family of [5, 7]) {
    const payload = concat(SESSION, ipv4(17, udp(), { totalLength: 100 }));
    const packet = packetOf(payload, { family, hwProtocol: 0x8864 });
    assertEquals([packet.source, packet.udp?.destinationPort], ["192.0.2.1", 53]);
    assertEquals([packet.originalLength, packet.hwProtocol], [108, 0x8864]);
    const six = concat(hex("11 00 0007 0040 57"), ipv6(6, tcp()));
    assertEquals(packetOf(six, { family, hwProtocol: 0x8864 }).tcp?.destinationPort, 443);
  }
});

Deno.test("IP is found after MPLS labels, and after tags before them", () => {
  const labels = hex("00064040 00010140");
  const packet = packetOf(concat(labels, ipv6(6, tcp())), { ...BRIDGE, hwProtocol: 0x8847 });
  assertEquals([packet.ip?.version, packet.tcp?.destinationPort], [6, 443]);
  const tagged = packetOf(concat(hex("0064 8848"), labels, ipv4(17, udp())), {
    ...BRIDGE,
    hwProtocol: 0x8100,
  });
  assertEquals([tagged.udp?.destinationPort, tagged.vlans.length], [53, 1]);
  const inSession = concat(hex("11 00 0007 0026 0281"), labels, ipv4(17, udp()));
  assertEquals(packetOf(inSession, { ...BRIDGE, hwProtocol: 0x8864 }).udp?.destinationPort, 53);
});

Deno.test("Other protocols, and truncated headers, are not decoded as IP", () => {
  const four = ipv4(17, udp());
  const cases: [hwProtocol: number, payload: Uint8Array][] = [
    [0x8864, concat(hex("11 00 0007 0022 c021"), four)], // LCP
    [0x8864, concat(hex("11 65 0007 0022 0021"), four)], // another code
    [0x8864, concat(hex("21 00 0007 0022 0021"), four)], // another version
    [0x8863, concat(SESSION, four)], // discovery
    [0x8864, SESSION.subarray(0, 7)],
    [0x8864, SESSION.subarray(0, 3)],
    [0x8847, concat(hex("00064040"), four.subarray(0, 8))], // no last label
    [0x8847, concat(hex("00064140"), hex("00000000"), four)], // a control word (RFC 4385)
    [0x8847, concat(hex("00064140"), hex("44"), four.subarray(1))], // IPv4 of 16 bytes
    [0x8847, hex("00064140")],
    [0x8847, hex("0006")],
    [0x8847, new Uint8Array(0)],
  ];
  for (const [hwProtocol, payload] of cases) {
    const packet = packetOf(payload, { ...BRIDGE, hwProtocol });
    assertEquals([packet.ip, packet.destinationPort, packet.defect], [
      undefined,
      undefined,
      undefined,
    ]);
    assertEquals(packet.originalLength, payload.length);
  }
});

Deno.test("A truncated IP header after PPPoE is a defect", () => {
  const cut = concat(SESSION, ipv4(17, udp()).subarray(0, 12));
  const packet = packetOf(cut, { ...BRIDGE, hwProtocol: 0x8864 });
  assertEquals(packet.defect, { layer: "ipv4", kind: "truncated" });
});
