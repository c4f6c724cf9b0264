import { assert, assertEquals } from "@std/assert";
import { JsonEncoder } from "../../../src/output/json/encoder.ts";
import { HEADER_FIELDS, TOP_FIELDS } from "../../../src/output/json/fields.ts";
import { ActionTable } from "../../../src/packet/actions.ts";
import { Packet } from "../../../src/packet/packet.ts";
import type { RawPacket } from "../../../src/packet/raw_packet.ts";
import { structured } from "../../../src/packet/structured.ts";
import { jsonLine } from "../../../src/text/escape.ts";
import { InterfaceTable } from "../../../src/packet/interface.ts";
import { Random } from "../../fuzz/random.ts";
import { concat, hex, ipv4, rawPacket, tcp, udp } from "../../packet/sample.ts";
import { rawPackets } from "../../packet/random_packets.ts";

const SESSION = "6f1b2c3d-0000-4000-8000-000000000001";
const OPTIONS = { format: "nfscribe", hostname: "gate", session: SESSION, payload: true } as const;
const ACTIONS = new ActionTable({ "a*": "drop", "*": "accept" });
const out = new Uint8Array(512 * 1024);

function encoded(encoder: JsonEncoder, packet: RawPacket): string {
  const length = encoder.encode(packet, out, 0);
  assert(length > 0, `${length}`);
  return new TextDecoder("utf-8", { fatal: true }).decode(out.subarray(0, length));
}

/** Returns the line, made of the structured form. */
function expected(packet: RawPacket, payload: boolean): string {
  const context = { ...packet, host: "gate", session: SESSION, payload };
  return `${jsonLine(structured(new Packet(packet), context))}\n`;
}

Deno.test("A line is byte for byte the JSON of the structured form, of random packets", () => {
  const [whole, plain] = [true, false].map((payload) => new JsonEncoder({ ...OPTIONS, payload }));
  const seen = new Set<string>();
  let count = 0;
  for (const packet of rawPackets(40_000, 19)) {
    packet.actions = ACTIONS;
    if (count % 3 === 0) packet.capture = ["nflog:1", "", 'a"b'][count % 9 / 3]!;
    if (count % 5 === 0) packet.extra = new TextEncoder().encode('{"a":[1,"ü\u2028\x7f"]}');
    const line = encoded(whole!, packet);
    assertEquals(line, expected(packet, true));
    for (const name of Object.keys(JSON.parse(line))) seen.add(name);
    assertEquals(encoded(plain!, packet), expected(packet, false));
    count++;
  }
  assert(count > 40_000, `${count}`);
  // No field is left unseen.
  assertEquals([...TOP_FIELDS, ...HEADER_FIELDS].filter((name) => !seen.has(name)), []);
});

Deno.test("So it is of TCP and UDP in IPv4, with any byte of the headers changed, of any length", () => {
  const encoder = new JsonEncoder({ ...OPTIONS, payload: false });
  const random = new Random(23);
  const options = hex("020405b4 0402 080a 00000001 00000002 01 030307");
  const longTcp = tcp();
  longTcp[12] = (longTcp.length + options.length) << 2;
  const tcps = [concat(tcp(), new Uint8Array(9)), concat(longTcp, options, new Uint8Array(9))];
  const usual = [...tcps.map((part) => ipv4(6, part)), ipv4(17, udp())];
  for (const payload of usual) {
    for (let at = 0; at < 60; at++) {
      for (let n = 0; n < 60; n++) {
        const bytes = payload.slice(0, n % 3 === 0 ? random.below(payload.length + 1) : undefined);
        if (n > 0 && at < bytes.length) bytes[at] = n < 20 ? n : random.below(256);
        const packet = rawPacket(bytes, { family: n % 7 === 0 ? 7 : 2, hwProtocol: 0x0800 });
        assertEquals(encoded(encoder, packet), expected(packet, false));
      }
    }
  }
});

Deno.test("fields chooses what is at the top, in the order of the form; the rest is left out", () => {
  for (const packet of rawPackets(2_000, 20)) {
    const all = JSON.parse(expected(packet, true));
    for (const fields of [["udp", "time", "source"], ["vlans"], ["type"], ["host", "payload"]]) {
      const line = encoded(new JsonEncoder({ ...OPTIONS, fields }), packet);
      const chosen = Object.entries(all).filter(([name]) => fields.includes(name));
      assertEquals(line, `${jsonLine(Object.fromEntries(chosen))}\n`);
    }
  }
});

Deno.test("Any text of a rule or an interface is one string that acts on no terminal", () => {
  const texts = [
    '"\\/\b\f\n\r\t\0\x1b[2J\x7f',
    "\u0085\u009b31m\u061c\u200e\u2028\u2029\u202e\u2066\ufeff\u00ad",
    "é☃😀".repeat(14),
    "\x01".repeat(127),
    "p".repeat(127),
  ];
  const encoder = new JsonEncoder(OPTIONS);
  for (const text of texts) {
    const prefix = new TextEncoder().encode(text);
    const packet = rawPacket(prefix, {
      payloadLength: -1,
      prefixLength: prefix.length,
      inDev: 7,
      interfaces: new InterfaceTable().with([[7, text]]),
    });
    packet.capture = text;
    const line = encoded(encoder, packet);
    assertEquals(line, expected(packet, true));
    assert(/^[^\p{Cc}\p{Bidi_Control}\u2028\u2029]*\n$/u.test(line), line);
    const { in: device, prefix: read, capture } = JSON.parse(line);
    assertEquals([device, read, capture], [text, text, text]);
  }
});

Deno.test("Bytes that are not UTF-8 become U+FFFD, as TextDecoder decodes them", () => {
  const random = new Random(7);
  const encoder = new JsonEncoder({ ...OPTIONS, fields: ["prefix"] });
  // Leading and continuing bytes, most of them in sequences that are broken off.
  const bytes = hex("c2e0e2edeff0f4f5ff80818f909fa0bfbf41c1");
  for (let n = 0; n < 20_000; n++) {
    const prefix = Uint8Array.from({ length: random.below(9) + 1 }, () => random.pick([...bytes]));
    const packet = rawPacket(prefix, { payloadLength: -1, prefixLength: prefix.length });
    const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(prefix);
    assertEquals(encoded(encoder, packet), `${jsonLine({ prefix: text })}\n`, prefix.toHex());
  }
});

Deno.test("A time that is far off or impossible is written as the structured form has it", () => {
  const encoder = new JsonEncoder({ ...OPTIONS, fields: ["time"] });
  const times = [[0, 0], [2 ** 33 - 1, 999_999_999], [2 ** 33, 1], [253_402_300_800, 0]];
  for (const [seconds, nanoseconds] of [...times, [2 ** 53, 5], [1e17, 0], [5, 3_000_000_000]]) {
    const packet = rawPacket(new Uint8Array(0), { seconds: seconds!, nanoseconds: nanoseconds! });
    const { time } = structured(new Packet(packet));
    assertEquals(encoded(encoder, packet), `{"time":"${time}"}\n`);
  }
});

Deno.test("The line of a script has its time, the host, the run and its fields as texts", () => {
  const encoder = new JsonEncoder(OPTIONS);
  const event = {
    seconds: 1_700_000_000,
    nanoseconds: 5_000,
    fields: [["a b", "\u001b\n"]],
  } as const;
  const length = encoder.encodeEvent!(event, out, 0);
  assertEquals(
    new TextDecoder().decode(out.subarray(0, length)),
    '{"type":"event","version":1,"time":"2023-11-14T22:13:20.000005Z","host":"gate",' +
      `"session":"${SESSION}","fields":{"a b":"\\u001b\\n"}}\n`,
  );
});
