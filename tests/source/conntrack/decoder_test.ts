import { assert, assertEquals } from "@std/assert";
import { be32, encodeAttributes, type NetlinkAttribute } from "../../../src/netlink/attribute.ts";
import * as c from "../../../src/netlink/conntrack/constants.ts";
import { encodeMessage, NLM_F_MULTI, NLMSG_DONE } from "../../../src/netlink/message.ts";
import { ConntrackDecoder } from "../../../src/source/conntrack/decoder.ts";
import { decodeAll, flowOf, observeFlow } from "../../flow/sample.ts";
import { concat, hex } from "../../packet/sample.ts";
import { EVENTS } from "./events.ts";
import { deeplyNested, event, everyAttribute, everyPart, nested, numberedFlow } from "./sample.ts";

/** Decodes a datagram among different bytes; asserts that the same comes of it. */
function confined(datagram: Uint8Array, what: string) {
  const outcome = (fill: number) => {
    const decoder = new ConntrackDecoder();
    const flows = decodeAll(datagram, { decoder, before: 64, after: 64, fill });
    const { received, malformed } = decoder;
    assertEquals(received, flows.length + malformed, what);
    return { flows: flows.map(observeFlow), received, malformed };
  };
  const first = outcome(0);
  for (const fill of [0xff, 0x45]) assertEquals(outcome(fill), first, what);
  return first;
}

Deno.test("Message type and flags tell events apart", () => {
  const [attributes] = [everyPart()];
  const eventOf = (type: number, flags: number) => flowOf(event(attributes, { type, flags })).event;
  assertEquals(eventOf(c.IPCTNL_MSG_CT_NEW, c.NLM_F_CREATE_EXCL), "new");
  assertEquals(eventOf(c.IPCTNL_MSG_CT_NEW, 0), "update");
  assertEquals(eventOf(c.IPCTNL_MSG_CT_NEW, NLM_F_MULTI), "interim");
  assertEquals(eventOf(c.IPCTNL_MSG_CT_DELETE, 0), "destroy");
});

Deno.test("Messages that are no flows are passed over", () => {
  const done = encodeMessage({ type: NLMSG_DONE, flags: 2, sequence: 1, payload: be32(0) });
  const expectation = encodeMessage({ type: 0x0200, flags: 0, sequence: 0, payload: be32(0) });
  const datagram = concat(expectation, EVENTS.udpNew, done, EVENTS.tcpDestroy);
  assertEquals(decodeAll(datagram).map(({ event }) => event), ["new", "destroy"]);
});

Deno.test("A time without the kernel's stamp is that of the receipt", () => {
  const flow = flowOf(numberedFlow(7));
  assertEquals([flow.timestamp, flow.time], [undefined, 1_800_000_000_123_456]);
});

Deno.test("Times of 64 bits of nanoseconds are exact", () => {
  for (
    const nanoseconds of [0n, 1n, 999_999_999n, 1_000_000_000n, 4_294_967_295_999_999_999n]
      .concat(1_795_901_684_341_533_000n, 2n ** 31n * 1_000_000_000n, 2n ** 64n - 1n)
  ) {
    const value = hex(nanoseconds.toString(16).padStart(16, "0"));
    const parts = everyPart().filter(({ type }) => type !== c.CTA_TIMESTAMP_EVENT);
    const { timestamp } = flowOf(event([...parts, { type: c.CTA_TIMESTAMP_EVENT, value }]));
    assertEquals(timestamp, Number(nanoseconds / 1000n));
  }
});

Deno.test("A datagram cut at any length throws nothing and reads nothing beyond its end", () => {
  for (const datagram of [...Object.values(EVENTS), everyAttribute()]) {
    const whole = concat(datagram, numberedFlow(1));
    for (let length = 0; length <= whole.length; length++) {
      confined(whole.slice(0, length), `cut at ${length}`);
    }
  }
});

Deno.test("Each attribute, cut at any length in a message that fits, reads nothing beyond its end", () => {
  everyPart().forEach(({ type, value }, index) => {
    for (let size = 0; size <= value.length; size++) {
      const parts = everyPart();
      parts[index] = { type, value: value.slice(0, size) };
      confined(event(parts), `attribute ${type} of ${size} bytes`);
      confined(event(parts.slice(0, index + 1)), `attribute ${type} of ${size} bytes at the end`);
    }
  });
});

Deno.test("An attribute that says any other length throws nothing and reads nothing beyond the message", () => {
  let at = 20;
  for (const part of everyPart()) {
    for (let length = 0; length < 300; length++) {
      const message = everyAttribute();
      new DataView(message.buffer).setUint16(at, length, true);
      confined(message, `attribute ${part.type} says ${length}`);
    }
    at += encodeAttributes([part]).length;
  }
});

Deno.test("Attributes nested as deep as a message has room for are passed over", () => {
  for (const type of [c.CTA_TUPLE_ORIG, c.CTA_PROTOINFO, c.CTA_HELP, 99]) {
    const deep = deeplyNested(type, 10_000);
    const { malformed } = confined(event([...everyPart(), deep]), `nested ${type}`);
    assert(malformed <= 1);
  }
});

Deno.test("A flow without addresses or protocol is malformed, and so is one of two families", () => {
  const ip = (...attributes: NetlinkAttribute[]) =>
    event([nested(
      c.CTA_TUPLE_ORIG,
      nested(c.CTA_TUPLE_IP, ...attributes),
      nested(c.CTA_TUPLE_PROTO, { type: c.CTA_PROTO_NUM, value: Uint8Array.of(6) }),
    )]);
  const v4 = { type: c.CTA_IP_V4_SRC, value: be32(1) };
  const v6 = { type: c.CTA_IP_V6_DST, value: new Uint8Array(16) };
  for (const datagram of [event([]), ip(), ip(v4), ip(v4, v6), event(everyPart().slice(1))]) {
    assertEquals(confined(datagram, "incomplete").malformed, 1);
  }
});

/** Decodes datagrams one after the other; returns what comes of them. */
function taken(decoder: ConntrackDecoder, ...datagrams: Uint8Array[]): string[] {
  return datagrams.flatMap((datagram) =>
    decodeAll(datagram, { decoder }).map(({ event, id }) => `${event} ${id}`)
  );
}

/** Returns a message of a dump. */
function dumped(number: number, sequence: number): Uint8Array<ArrayBuffer> {
  const message = numberedFlow(number);
  const view = new DataView(message.buffer);
  view.setUint16(4, c.IPCTNL_MSG_CT_NEW, true);
  view.setUint16(6, NLM_F_MULTI, true);
  view.setUint32(8, sequence, true);
  return message;
}

/** Returns a flow's beginning. */
function begun(number: number): Uint8Array<ArrayBuffer> {
  const message = numberedFlow(number);
  const view = new DataView(message.buffer);
  view.setUint16(4, c.IPCTNL_MSG_CT_NEW, true);
  view.setUint16(6, c.NLM_F_CREATE_EXCL, true);
  return message;
}

/** Returns the end of a dump. */
function dumpEnd(sequence: number): Uint8Array<ArrayBuffer> {
  return encodeMessage({ type: NLMSG_DONE, flags: NLM_F_MULTI, sequence, payload: be32(0) });
}

Deno.test("Flows that a dump lacks have ended, but for those that began during it; the first one tells nothing", () => {
  const decoder = new ConntrackDecoder({ events: ["destroy"], reconcile: true, flowsMax: 1024 });
  const ends: string[] = [];
  const take = (...datagrams: Uint8Array[]) => void ends.push(...taken(decoder, ...datagrams));
  take(begun(1), dumped(2, 100), dumped(3, 100), begun(4), dumpEnd(100));
  assertEquals(ends, []);
  take(numberedFlow(3), begun(5));
  assertEquals(ends.splice(0), ["destroy 3"]);
  // 4 is not there any more; 6 begins while the table is read.
  take(dumped(2, 101), begun(6), dumped(5, 101), dumpEnd(101));
  assertEquals(ends.splice(0), ["inferred 1", "inferred 4"]);
  take(dumpEnd(102));
  assertEquals(ends.splice(0).sort(), ["inferred 2", "inferred 5", "inferred 6"]);
  assertEquals([decoder.received, decoder.malformed], [6, 0]);
});

Deno.test("Interim records are of flows that have lived for so long, or whose start is unknown", () => {
  const start = hex((BigInt(1_800_000_000 - 10) * 1_000_000_000n).toString(16).padStart(16, "0"));
  const age = (...attributes: NetlinkAttribute[]) =>
    event(
      [...everyPart().filter(({ type }) => (type & 0x3fff) !== c.CTA_TIMESTAMP), ...attributes],
      {
        type: c.IPCTNL_MSG_CT_NEW,
        flags: NLM_F_MULTI,
      },
    );
  const old = age(nested(c.CTA_TIMESTAMP, { type: c.CTA_TIMESTAMP_START, value: start }));
  const count = (interimSeconds: number, datagram: Uint8Array) =>
    decodeAll(datagram, { decoder: new ConntrackDecoder({ events: [], interimSeconds }) }).length;
  assertEquals([count(10, old), count(11, old), count(11, age())], [1, 0, 1]);
  assertEquals(decodeAll(old, { decoder: new ConntrackDecoder({ events: ["new"] }) }), []);
});
