import { assert, assertEquals } from "@std/assert";
import { Ulogd2JsonEncoder } from "../../../src/output/json/ulogd2.ts";
import type { Ulogd2Options } from "../../../src/output/json/ulogd2_options.ts";
import { isUtf8, quotedText } from "../../../src/output/json/ulogd2_text.ts";
import { NO_ROOM } from "../../../src/record/encoder.ts";
import type { RawPacket } from "../../../src/packet/raw_packet.ts";
import { numbered, randomPackets } from "../../conformance/packets.ts";
import { KEYS } from "../ulogd/options.ts";

const OPTIONS: Ulogd2Options = {
  ...KEYS,
  sequence: [],
  timestamp: true,
  eventv1: false,
  device: "Netfilter",
  booleanLabel: false,
};

function lineOf(encoder: Ulogd2JsonEncoder, packet: RawPacket): string {
  const out = new Uint8Array(8192);
  return new TextDecoder().decode(out.subarray(0, encoder.encode(packet, out, 0)));
}

Deno.test("action is what is known of a packet, and otherwise what the label says", () => {
  for (
    const [known, label, action] of [
      [true, 0, "allowed"],
      [false, 1, "blocked"],
      [undefined, 0, "blocked"],
      [undefined, 1, "allowed"],
    ] as const
  ) {
    const encoder = new Ulogd2JsonEncoder({ ...OPTIONS, booleanLabel: true, label }, () => known);
    const parsed = JSON.parse(lineOf(encoder, numbered(1)));
    assertEquals([parsed.action, parsed["raw.label"]], [action, undefined]);
  }
  const plain = new Ulogd2JsonEncoder({ ...OPTIONS, label: 7 }, () => true);
  assertEquals(JSON.parse(lineOf(plain, numbered(1)))["raw.label"], 7);
});

Deno.test("no key is in a line twice, as in jansson's objects", () => {
  const encoder = new Ulogd2JsonEncoder({ ...OPTIONS, sequence: ["local", "global"] });
  for (const packet of randomPackets(4, 500)) {
    const line = lineOf(encoder, packet);
    const keys = line.match(/(?<=[{ ])"[^"]+"(?=: )/g)!;
    assertEquals(keys.length, new Set(keys).size, line);
    assertEquals(keys.length, Object.keys(JSON.parse(line)).length, line);
  }
});

Deno.test("the line of a filter script is an object with the same beginning", () => {
  const encoder = new Ulogd2JsonEncoder({ ...OPTIONS, eventv1: true });
  const event = {
    seconds: 1_700_000_000,
    nanoseconds: 1_234_567,
    fields: [["EVENT", "port scan"], ['a"b', "\u001b[31m\n"]] as const,
  };
  const out = new Uint8Array(512);
  const length = encoder.encodeEvent(event, out, 0);
  const line = new TextDecoder().decode(out.subarray(0, length));
  assert(!line.includes("\u001b") && line.indexOf("\n") === line.length - 1, line);
  const { "@timestamp": time, ...rest } = JSON.parse(line);
  assert(/^2023-11-1\dT\d\d:\d\d:\d\d\.001234/.test(time), time);
  assertEquals(rest, {
    "@version": 1,
    dvc: "Netfilter",
    EVENT: "port scan",
    'a"b': "\u001b[31m\n",
  });
  assertEquals(encoder.encodeEvent(event, new Uint8Array(length - 1), 0), NO_ROOM);
});

Deno.test("quotedText() is JSON of any text, and nothing in it acts on a terminal", () => {
  for (let code = 0; code < 0x11000; code += 1) {
    if (code >= 0xd800 && code < 0xe000) continue;
    const text = `a${String.fromCodePoint(code)}b`;
    const quoted = quotedText(text);
    assertEquals(JSON.parse(quoted), text);
    assert(!/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u.test(quoted), quoted);
  }
});

Deno.test("isUtf8() accepts what a strict decoder does", () => {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const accepts = (bytes: Uint8Array) => {
    try {
      decoder.decode(bytes);
      return true;
    } catch {
      return false;
    }
  };
  for (let first = 0; first < 256; first++) {
    for (let second = 0; second < 256; second++) {
      for (const rest of [[], [0x80], [0xbf, 0xbf], [0x80, 0x7f]]) {
        const bytes = Uint8Array.of(0x41, first, second, ...rest);
        assertEquals(isUtf8(bytes, 1, bytes.length - 1), accepts(bytes.subarray(1)), `${bytes}`);
      }
    }
  }
});
