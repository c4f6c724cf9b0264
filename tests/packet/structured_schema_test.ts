import { assert, assertEquals } from "@std/assert";
import { packet } from "nfscribe/testing";
import committed from "../../schema/packet.schema.json" with { type: "json" };
import { packetJsonSchema } from "../../scripts/json_schema.ts";
import { describe } from "../../src/packet/describe.ts";
import { InterfaceTable } from "../../src/packet/interface.ts";
import { Packet } from "../../src/packet/packet.ts";
import { structured, structuredText } from "../../src/packet/structured.ts";
import { parseStructured } from "../../src/packet/structured_schema.ts";
import { rawPackets } from "./random_packets.ts";
import { concat, hex, icmp, ipv4, ipv6, packetOf, tcp } from "./sample.ts";
import { assertFits } from "./structured_schema.ts";

const FORM_MAX = 16 * 1024;
/** Origin without names. */
const NOWHERE = { host: "", capture: "" };

Deno.test("The JSON Schema of packets in the repository is the one that `deno task schema` writes", () => {
  assertEquals<unknown>(committed, packetJsonSchema());
});

Deno.test("Random packets fit the JSON Schema, and their lines are those of their JSON", () => {
  const kinds = new Set<string>();
  for (const raw of rawPackets(20_000)) {
    const one = new Packet(raw);
    assertFits(one);
    const form = parseStructured(JSON.stringify(one))!;
    assertEquals(describe(form), String(one));
    for (const name of Object.keys(form)) kinds.add(name);
  }
  const headers = "arp ip tcp udp udplite icmp icmpv6 sctp dccp ah esp gre igmp vlan ethernet";
  for (const name of headers.split(" ")) assert(kinds.has(name), name);
});

/** Returns a form that fits, with other fields in the place of some of its own. */
function formWith(fields: object): string {
  return JSON.stringify({ ...packet({}).toJSON(), ...fields });
}

Deno.test("What another process writes is a packet only where each field has its type", () => {
  assertEquals(parseStructured(formWith({}))?.tcp?.flagNames, "SYN");
  const wrong: object[] = [
    { type: "flow" },
    { version: 2 },
    { time: 1 },
    { time: undefined },
    { hook: ["input"] },
    { sourcePort: "80" },
    { sourcePort: 1e9 },
    { length: -1 },
    { length: 1.5 },
    { mark: null },
    { ip: { version: 5 } },
    { ip: [] },
    { tcp: { flagNames: { toString: 1 } } },
    { defect: { layer: "tcp", kind: "odd" } },
    { vlans: [{}] },
    { sctp: { chunks: [1] } },
  ];
  for (const fields of wrong) assertEquals(parseStructured(formWith(fields)), undefined);
  for (const text of ["", "{", "null", "1", '"x"', "[]", "{}", "[".repeat(40_000)]) {
    assertEquals(parseStructured(text), undefined);
  }
  assertEquals(parseStructured(formWith({ mark: 1e999 }).replace("null", "1e999")), undefined);
});

Deno.test("Fields that the form does not have, and attached ones, are left out", () => {
  const extra = formWith({ extra: { a: 1 }, evil: "\x1b", constructor: 1 })
    .replace("{", '{"__proto__":{"mark":7},');
  const form = parseStructured(extra)!;
  assertEquals(Object.keys(form).filter((name) => /extra|evil|__proto|construct/.test(name)), []);
  assertEquals(form.mark, undefined);
});

Deno.test("Nothing in a form from another process acts on a terminal, or adds words to a line", () => {
  const evil = "\x1b[2J\u202e \n\x9b x=1";
  const word = String.raw`\u001b[2J\u202e\u0020\n\u009b\u0020x=1`;
  const form = parseStructured(formWith({
    ...{ time: evil, hook: evil, in: evil, out: evil, source: evil, destination: evil },
    tcp: { ...packet({}).toJSON().tcp, flagNames: evil },
  }))!;
  assertEquals(
    describe(form),
    `${word} ${word} in=${word} out=${word} ${word}:40000 > ${word}:80 ` +
      `TCP ${word} seq=1000 window=64240 length=40`,
  );
});

Deno.test("A packet that ICMP errors quote in each other, thousands deep, has one of them", () => {
  let bytes = ipv4(1, icmp(3, 1), { totalLength: 0 });
  const [error, target] = [bytes, new Uint8Array(65_000)];
  for (let at = 0; at + error.length <= target.length; at += error.length) target.set(error, at);
  bytes = target;
  const form = packetOf(bytes).toJSON();
  assertEquals(form.icmp?.embedded?.icmp?.type, 3);
  assertEquals(form.icmp?.embedded?.icmp?.embedded, undefined);
});

Deno.test("A list has at most 64 items, however many a forged packet has", () => {
  const chunks = concat(...Array(12_000).fill(hex("03 00 0004")));
  const extensions = concat(...Array(70).fill(hex("3c 00 010400000000")));
  const made = [
    packetOf(ipv4(132, concat(hex("9c40 0035 0000000a 00000000"), chunks))),
    packetOf(ipv6(60, extensions), { family: 10 }),
    packetOf(concat(...Array(70).fill(hex("0001 8100"))), { family: 7, hwProtocol: 0x8100 }),
  ];
  for (const one of made) assertFits(one);
  const [sctp, ip, tagged] = made.map((one) => one.toJSON());
  assertEquals(sctp!.sctp!.chunks!.length, 64);
  assertEquals((ip!.ip as { extensions?: unknown[] }).extensions!.length, 64);
  assertEquals(tagged!.vlans!.length, 64);
});

Deno.test("A form that is too long keeps the packet's line, and leaves out what has no end", () => {
  const extension = concat(hex("3c ff"), new Uint8Array(2046));
  const extensions = concat(...Array(20).fill(extension), hex("06 00 010400000000"));
  const prefix = new TextEncoder().encode("\0".repeat(60_000));
  const long = "\u0001".repeat(30_000);
  const interfaces = new InterfaceTable().with([1, 2, 3, 4].map((index) => [index, long]));
  const made = [
    packetOf(ipv6(60, concat(extensions, tcp())), { family: 10 }),
  ];
  for (const one of made) {
    assert(JSON.stringify(one).length > FORM_MAX);
    const text = structuredText(one, { host: "", capture: "nflog:1" }, FORM_MAX);
    assert(text.length < FORM_MAX, `${text.length}`);
    assertEquals(describe(parseStructured(text)!), String(one));
  }
  // Every text as long as it can be.
  const worst = packetOf(concat(hex("0006 0807 ff ff 0001"), new Uint8Array(1020)), {
    ...{
      family: 3,
      hwProtocol: 0x0806,
      interfaces,
      inDev: 1,
      outDev: 2,
      physInDev: 3,
      physOutDev: 4,
    },
  });
  const text = structuredText(worst, { host: "", capture: long }, FORM_MAX);
  assert(text.length < FORM_MAX, `${text.length}`);
  assertEquals(parseStructured(text)?.in?.length, 256);
  const named = packetOf(prefix, { family: -1, payloadLength: -1, prefixLength: prefix.length });
  assertEquals(parseStructured(structuredText(named, NOWHERE, FORM_MAX))?.prefix, "\0".repeat(256));
  assertEquals(
    structuredText(packet({}), NOWHERE, FORM_MAX),
    JSON.stringify(structured(packet({}))),
  );
});
