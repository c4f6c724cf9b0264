import { assertEquals } from "@std/assert";
import { cidr } from "../../../src/filter/cidr.ts";
import { ports } from "../../../src/filter/ports.ts";
import { Packet } from "../../../src/packet/packet.ts";
import { onePacket, PACKETS } from "../sample.ts";

const raw = onePacket();
const inside = cidr("10.0.0.0/8", "172.16.0.0/12", "192.0.2.0/24", "2001:db8::/32");
const thousand = cidr(...Array.from({ length: 1000 }, (_, n) => `10.${n >> 8}.${n & 255}.0/24`));
const mail = ports(25, 143, "443-500", 587, 993);

/** Questions about a packet, and the answers. */
const questions: readonly [
  name: string,
  ask: (packet: Packet) => unknown,
  answer: unknown,
][] = [
  ["new Packet", (packet) => packet instanceof Packet, true],
  ["destinationPort", (packet) => packet.destinationPort, 443],
  ["tcp.flags", (packet) => packet.tcp?.flags, 0x02],
  ["source, as text", (packet) => packet.source, "192.0.2.1"],
  ["prefix", (packet) => packet.prefix, "bench"],
  ["String()", (packet) => String(packet).includes("192.0.2.1"), true],
  ["copy()", (packet) => packet.copy().destinationPort, 443],
  ["cidr() of 4 networks", (packet) => inside.source(packet), true],
  ["cidr() of 1000 networks", (packet) => thousand.source(packet), false],
  ["ports() of 5", (packet) => mail.destination(packet), true],
];

for (const [name, ask, answer] of questions) {
  assertEquals(ask(new Packet(raw)), answer, name);
  let same = 0;
  Deno.bench(`${name}: ${PACKETS} packets`, () => {
    for (let n = 0; n < PACKETS; n++) if (ask(new Packet(raw)) === answer) same++;
  });
}
