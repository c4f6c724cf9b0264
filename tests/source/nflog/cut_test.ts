import { assert, assertEquals } from "@std/assert";
import { encodeAttributes } from "../../../src/netlink/attribute.ts";
import { PcapEncoder } from "../../../src/output/pcap/encoder.ts";
import { Packet } from "../../../src/packet/packet.ts";
import { NflogDecoder } from "../../../src/source/nflog/decoder.ts";
import { observe } from "../../packet/observe.ts";
import { concat, hex, icmp, ipv4, ipv6, tcp, udp } from "../../packet/sample.ts";
import { decodeAll, done, everyAttribute, logged, numbered } from "./sample.ts";

/** Returns everything decoded from a datagram: each packet, its pcap record, the counts. */
function outcome(datagram: Uint8Array, fill: number): unknown[] {
  const decoder = new NflogDecoder();
  const packets = decodeAll(datagram, { decoder, before: 64, after: 64, fill });
  const seen = packets.map((packet) => [observe(packet), observe(packet.copy()), record(packet)]);
  return [seen, decoder.received, decoder.lost, decoder.malformed];
}

function record(packet: Packet): string {
  const out = new Uint8Array(4096);
  const length = new PcapEncoder().encode(Packet.rawOf(packet), out, 0);
  return length < 0 ? String(length) : out.subarray(0, length).toHex();
}

/** Asserts that the memory around a datagram has no effect: nothing beyond it is read. */
function assertReadsNothingBeyond(datagram: Uint8Array, what: string): unknown[] {
  const amongZeros = outcome(datagram, 0);
  assertEquals(outcome(datagram, 0xff), amongZeros, what);
  assertEquals(outcome(datagram, 0x45), amongZeros, what);
  return amongZeros;
}

const TCP_OPTIONS = hex("01010101");
const FRAGMENT = hex("06 00 0000 00000001");

/** Payloads with every header. */
const PAYLOADS = [
  { family: 2, payload: ipv4(6, tcp(), { options: TCP_OPTIONS }) },
  { family: 2, payload: ipv4(17, udp()) },
  { family: 2, payload: ipv4(1, icmp(8)) },
  { family: 10, payload: ipv6(44, concat(FRAGMENT, tcp())) },
  { family: 10, payload: ipv6(58, icmp(128)) },
  { family: 3, payload: new Uint8Array(28) },
];

Deno.test("A datagram cut at any length throws nothing and reads nothing beyond its end", () => {
  for (const { family, payload } of PAYLOADS) {
    const whole = concat(logged(everyAttribute(payload), { family }), numbered(1), done());
    for (let length = 0; length <= whole.length; length++) {
      assertReadsNothingBeyond(whole.slice(0, length), `family ${family} cut at ${length}`);
    }
  }
});

Deno.test("An attribute cut at any length, in a message that fits, reads nothing beyond its end", () => {
  everyAttribute().forEach(({ type, value }, index) => {
    for (let size = 0; size <= value.length; size++) {
      const attributes = everyAttribute();
      attributes[index] = { type, value: value.slice(0, size) };
      assertReadsNothingBeyond(logged(attributes), `attribute ${type} of ${size} bytes`);
      assertReadsNothingBeyond(
        logged(attributes.slice(0, index + 1)),
        `attribute ${type} of ${size} bytes at the end`,
      );
    }
  });
});

Deno.test("An attribute that says any other length throws nothing and reads nothing beyond the message", () => {
  let at = 20;
  for (const attribute of everyAttribute()) {
    for (let length = 0; length < 300; length++) {
      const message = logged(everyAttribute());
      new DataView(message.buffer).setUint16(at, length, true);
      assertReadsNothingBeyond(message, `attribute ${attribute.type} says ${length}`);
    }
    at += encodeAttributes([attribute]).length;
  }
});

Deno.test("A message that says any other length throws nothing and reads nothing beyond the datagram", () => {
  const whole = concat(logged(everyAttribute()), numbered(1));
  for (let length = 0; length <= whole.length + 8; length++) {
    const datagram = whole.slice();
    new DataView(datagram.buffer).setUint32(0, length, true);
    assertReadsNothingBeyond(datagram, `message says ${length}`);
  }
});

Deno.test("A payload cut at any length reads nothing of what follows it in the message", () => {
  for (const { family, payload } of PAYLOADS) {
    for (let length = 0; length <= payload.length; length++) {
      const outcomes = [0, 0xff].map((fill) => {
        const after = { type: 1000, value: new Uint8Array(64).fill(fill) };
        const part = payload.slice(0, length);
        // Full up to its padding, so that the next attribute follows at once.
        const attributes = everyAttribute(part);
        return outcome(logged([...attributes, after], { family }), fill);
      });
      assertEquals(outcomes[0], outcomes[1], `family ${family}, payload of ${length} bytes`);
    }
  }
});

Deno.test("A complete datagram gives its packets, so the tests above are not empty", () => {
  const [seen, received, lost, malformed] = assertReadsNothingBeyond(
    concat(logged(everyAttribute()), numbered(1), done()),
    "whole",
  );
  assert(Array.isArray(seen) && seen.length === 2);
  assertEquals([received, lost, malformed], [2, 0, 0]);
});
