import { assert, assertEquals, assertLess } from "@std/assert";
import { LogemuEncoder } from "../../../src/output/logemu/encoder.ts";
import type { Dialect, LogOption } from "../../../src/output/logemu/options.ts";
import { NO_ROOM, UNFIT } from "../../../src/output/output.ts";
import { InterfaceTable } from "../../../src/packet/interface.ts";
import type { RawPacket } from "../../../src/packet/raw_packet.ts";
import { concat, hex, ipv4, ipv6, rawPacket, udp } from "../../packet/sample.ts";

const DIALECTS: readonly Dialect[] = ["ulogd2", "ulogd1", "kernel"];
const INTERFACES = new InterfaceTable().with([[2, "eth0"], [3, "a-name-of-15-by"]]);

function encoderOf(
  dialect: Dialect,
  timeFormat: "syslog" | "rfc3339" = "syslog",
  logOptions: readonly LogOption[] = [],
): LogemuEncoder {
  const hostname = "gate";
  return new LogemuEncoder({ path: "-", sync: true, dialect, logOptions, timeFormat, hostname });
}

function bytesOf(packet: RawPacket, dialect: Dialect): Uint8Array {
  const out = new Uint8Array(4096);
  return out.subarray(0, encoderOf(dialect).encode(packet, out, 0));
}

/** A packet whose prefix, link header and payload lie one behind the other. */
function packetWith(
  prefix: Uint8Array,
  hwHeader: Uint8Array,
  payload: Uint8Array,
  fields: Partial<RawPacket> = {},
): RawPacket {
  const bytes = concat(prefix, hwHeader, payload);
  return rawPacket(bytes, {
    prefixOffset: 0,
    prefixLength: prefix.length,
    hwHeaderOffset: prefix.length,
    hwHeaderLength: hwHeader.length,
    payloadOffset: prefix.length + hwHeader.length,
    payloadLength: payload.length,
    interfaces: INTERFACES,
    inDev: 2,
    ...fields,
  });
}

const ETHERNET = hex("02005e100001 02005e100002 0800");
const LONGEST = packetWith(
  new Uint8Array(127).fill(0x78),
  new Uint8Array(64).fill(0xff),
  ipv6(17, udp()),
  { family: 10, outDev: 3, physInDev: 3, physOutDev: 3, mark: 2 ** 32 - 1, uid: 2 ** 32 - 1 },
);

/** The smallest room that the encoder takes for a packet. */
function leastRoom(encoder: LogemuEncoder, packet: RawPacket): number {
  let [little, enough] = [0, 4096];
  while (enough - little > 1) {
    const room = (little + enough) >> 1;
    if (encoder.encode(packet, new Uint8Array(room), 0) === NO_ROOM) little = room;
    else enough = room;
  }
  return enough;
}

for (const dialect of DIALECTS) {
  for (const timeFormat of ["syslog", "rfc3339"] as const) {
    Deno.test(`${dialect} with ${timeFormat} time writes where there is room, and nothing where there is not`, () => {
      const encoder = encoderOf(dialect, timeFormat);
      for (const packet of [rawPacket(ipv4(17, udp())), LONGEST]) {
        const expected = new Uint8Array(4096);
        const length = encoder.encode(packet, expected, 0);
        const least = leastRoom(encoder, packet);
        assert(length <= least, `${length} bytes in a room of ${least}`);
        for (let room = 0; room < least + 10; room++) {
          const out = new Uint8Array(100 + room).fill(0xee);
          const result = encoder.encode(packet, out, 100);
          assertEquals(result, room < least ? NO_ROOM : length);
          const written = Math.max(0, result);
          const line = out.subarray(100, 100 + written);
          assert(line.every((byte, i) => byte === expected[i]), `another line in room ${room}`);
          assert(out.subarray(0, 100).every((byte) => byte === 0xee), "written before its place");
          assert(out.subarray(100 + written).every((byte) => byte === 0xee), "written behind");
        }
      }
    });
  }

  Deno.test(`${dialect} asks for room that an empty batch has many times over`, () => {
    assertLess(leastRoom(encoderOf(dialect), LONGEST), 2048);
  });

  Deno.test(`A line of ${dialect} ends with a newline, and lines follow one another`, () => {
    const encoder = encoderOf(dialect);
    const packet = packetWith(hex("50"), ETHERNET, ipv4(17, udp()));
    const out = new Uint8Array(8192);
    const first = encoder.encode(packet, out, 0);
    assertEquals(encoder.encode(packet, out, first), first);
    const text = new TextDecoder().decode(out.subarray(0, first * 2));
    const [line, again, rest] = text.split("\n");
    assertEquals([again, rest], [line, ""]);
  });

  Deno.test(`A prefix of 127 bytes is whole in a line of ${dialect}`, () => {
    const prefix = Uint8Array.from({ length: 127 }, (_, i) => 0x21 + i % 90);
    const text = new TextDecoder().decode(
      bytesOf(packetWith(prefix, ETHERNET, ipv4(17, udp())), dialect),
    );
    const space = dialect === "kernel" ? "" : " ";
    assert(text.includes(` ${new TextDecoder().decode(prefix)}${space}IN=eth0 OUT= MAC=02:`), text);
  });

  Deno.test(`Prefix bytes that are no UTF-8 pass through ${dialect}`, () => {
    const prefix = hex("ff c3 28 80 01 09 22 5c");
    const line = bytesOf(packetWith(prefix, ETHERNET, ipv4(17, udp())), dialect);
    const at = line.indexOf(0xff);
    assertEquals(line.subarray(at, at + prefix.length), prefix);
  });

  Deno.test(`A link header of 64 bytes is whole in a line of ${dialect}`, () => {
    const header = Uint8Array.from({ length: 64 }, (_, i) => i * 3);
    const line = bytesOf(packetWith(hex("50"), header, ipv4(17, udp())), dialect);
    const digits = [...header].map((byte) => byte.toString(16).padStart(2, "0")).join(":");
    const text = new TextDecoder().decode(line);
    assert(text.includes(` MAC=${digits} SRC=192.0.2.1 `), text);
  });

  Deno.test(`One encoder of ${dialect} writes packet after packet as if each were the first`, () => {
    const encoder = encoderOf(dialect);
    const before = { interfaces: INTERFACES };
    const after = { interfaces: INTERFACES.with([[2, "lan"]]) };
    const out = new Uint8Array(4096);
    for (const fields of [before, after, before, { ...after, seconds: 0, nanoseconds: 0 }]) {
      const packet = packetWith(hex("50"), ETHERNET, ipv4(17, udp()), fields);
      const length = encoder.encode(packet, out, 0);
      assertEquals(out.slice(0, length), bytesOf(packet, dialect));
    }
  });
}

Deno.test("What ulogd has no line for is unfit, and the kernel has one", () => {
  const payload = ipv4(17, udp());
  const unfit = [
    { family: 5, hwProtocol: 0x0800 }, // netdev
    { family: 7, hwProtocol: 0x8100 }, // VLAN in a bridge
    { family: 7 }, // a bridge, and no EtherType
    { family: 0 },
    { family: -1 },
  ];
  for (const fields of unfit) {
    const packet = packetWith(hex("50"), ETHERNET, payload, fields);
    const out = new Uint8Array(4096);
    assertEquals(encoderOf("ulogd2").encode(packet, out, 0), UNFIT);
    assertEquals(encoderOf("ulogd1").encode(packet, out, 0), UNFIT);
    assert(encoderOf("kernel").encode(packet, out, 0) > 0);
  }
});

Deno.test("A line behind an unfit packet is as if that had not been", () => {
  const encoder = encoderOf("ulogd2");
  const fit = packetWith(hex("50"), ETHERNET, ipv4(17, udp()));
  const out = new Uint8Array(4096);
  const first = encoder.encode(fit, out, 0);
  const line = out.slice(0, first);
  const unfit = packetWith(new Uint8Array(127), ETHERNET, ipv4(17, udp()), { family: 5 });
  assertEquals(encoder.encode(unfit, out, first), UNFIT);
  assertEquals(encoder.encode(fit, out, first), first);
  assertEquals(out.slice(0, first), line);
  assertEquals(out.slice(first, first * 2), line);
});
