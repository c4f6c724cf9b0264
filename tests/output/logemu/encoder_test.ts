import { assert, assertEquals, assertLess } from "@std/assert";
import { LogemuEncoder } from "../../../src/output/logemu/encoder.ts";
import type { Dialect, LogOption } from "../../../src/output/lines/options.ts";
import { NO_ROOM, UNFIT } from "../../../src/record/encoder.ts";
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
  return new LogemuEncoder({ dialect, logOptions: [...logOptions], timeFormat, hostname: "gate" });
}

function bytesOf(packet: RawPacket, dialect: Dialect): Uint8Array {
  const out = new Uint8Array(4096);
  return out.subarray(0, encoderOf(dialect).encode(packet, out, 0));
}

/** Returns a packet whose prefix, link header and payload follow one another. */
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

/** Returns the smallest room that the encoder accepts for a packet. */
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
  Deno.test(`${dialect} asks for room that an empty batch has many times over`, () => {
    assertLess(leastRoom(encoderOf(dialect), LONGEST), 4096);
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

  Deno.test(`Letters of a prefix that are no UTF-8 pass through ${dialect}, and tabs`, () => {
    const prefix = hex("ff c3 28 e4 f6 09 22 5c");
    const line = bytesOf(packetWith(prefix, ETHERNET, ipv4(17, udp())), dialect);
    const at = line.indexOf(0xff);
    assertEquals(line.subarray(at, at + prefix.length), prefix);
  });

  Deno.test(`Characters that break a line, control a terminal or reverse text are escaped in a prefix of ${dialect}`, () => {
    const cases: [prefix: string, expected: string][] = [
      ["a\nb", "a\\x0ab"],
      ["\r\0\x7f", "\\x0d\\x00\\x7f"],
      ["\x1b[31m", "\\x1b[31m"],
      ["\u0085\u009b2J", "\\xc2\\x85\\xc2\\x9b2J"],
      ["\u2028\u202e\u2066\u061c", "\\xe2\\x80\\xa8\\xe2\\x80\\xae\\xe2\\x81\\xa6\\xd8\\x9c"],
      ["Größe 漢字 🔥 \u00a0\u2027\u202f", "Größe 漢字 🔥 \u00a0\u2027\u202f"],
    ];
    for (const [prefix, expected] of cases) {
      const packet = packetWith(new TextEncoder().encode(prefix), ETHERNET, ipv4(17, udp()));
      const text = new TextDecoder().decode(bytesOf(packet, dialect));
      const space = dialect === "kernel" ? "" : " ";
      assert(text.includes(` ${expected}${space}IN=eth0 OUT= MAC=02:`), JSON.stringify(text));
      assertEquals(text.split("\n").length, 2);
    }
    // C1 as a byte of its own
    const line = bytesOf(packetWith(hex("9b 32 4a 80"), ETHERNET, ipv4(17, udp())), dialect);
    assert(new TextDecoder().decode(line).includes(" \\x9b2J\\x80"));
  });

  Deno.test(`An interface's name from a file is one word in a line of ${dialect}`, () => {
    const named: [name: string, expected: string][] = [
      ["e\nSRC=6.6.6.6", "e\\x0aSRC=6.6.6.6"],
      ["eth0 OUT=lo\u00a0", "eth0\\x20OUT=lo\\xc2\\xa0"],
      ["\x1b[2J\u202e", "\\x1b[2J\\xe2\\x80\\xae"],
      ["büro", "büro"],
      ["\x1b".repeat(255), "\\x1b".repeat(63)],
    ];
    for (const [name, expected] of named) {
      const interfaces = new InterfaceTable().with([[2, name]]);
      const packet = packetWith(hex("50"), ETHERNET, ipv4(17, udp()), { interfaces });
      const text = new TextDecoder().decode(bytesOf(packet, dialect));
      assert(text.includes(`IN=${expected} OUT= MAC=02:`), JSON.stringify(text));
    }
  });

  Deno.test(`Names of 255 bytes for four interfaces have room in a line of ${dialect}`, () => {
    const interfaces = new InterfaceTable().with([2, 3, 4, 5].map((i) => [i, "n".repeat(255)]));
    const devices = { inDev: 2, outDev: 3, physInDev: 4, physOutDev: 5, family: 10 };
    const prefix = new Uint8Array(127).fill(0x1b);
    const packet = packetWith(prefix, ETHERNET, ipv6(17, udp()), { interfaces, ...devices });
    const encoder = encoderOf(dialect);
    assert(encoder.encode(packet, new Uint8Array(leastRoom(encoder, packet)), 0) > 0);
    const line = bytesOf(packet, dialect);
    assert(line.length <= leastRoom(encoder, packet));
    assertEquals(line.at(-1), 0x0a);
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

Deno.test("Packets without a line in ulogd are unfit, but not in the kernel's dialect", () => {
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

Deno.test("An unfit packet does not change the next line", () => {
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
