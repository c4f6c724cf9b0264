import { assertEquals } from "@std/assert";
import { filterContext, packet } from "nfscribe/testing";
import filter from "./dns_queries.ts";

/** A query's header: an identifier, recursion desired, one question. */
const HEADER = "\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00";
const WWW = "\x03www\x07example\x03org\x00";
const AAAA_IN = "\x00\x1c\x00\x01";

/** Passes a DNS message, a character a byte, to the filter; returns its verdict or what it emitted. */
function asked(message: string, destination = "192.0.2.53") {
  const context = filterContext();
  const data = Uint8Array.from(message, (character) => character.charCodeAt(0));
  const verdict = filter(packet({ destination, udp: {}, data, uid: 1000 }), context);
  return verdict ?? context.emitted.map(({ fields }) => [fields.NAME, fields.TYPE]);
}

Deno.test("A question is a line with the name as it was asked, the type and the user", () => {
  const context = filterContext();
  const data = new TextEncoder().encode(HEADER + WWW + AAAA_IN);
  assertEquals(filter(packet({ udp: {}, data, uid: 1000 }), context), undefined);
  const fields = { EVENT: "dns", SRC: "192.0.2.1", UID: 1000, NAME: "www.example.org.", TYPE: 28 };
  assertEquals(context.emitted, [{ output: "logemu", fields }]);
});

Deno.test("IPv6, the root, a further record behind the question, and odd bytes are understood", () => {
  assertEquals(asked(HEADER + WWW + AAAA_IN, "2001:db8::53"), [["www.example.org.", 28]]);
  assertEquals(asked(HEADER + "\x00" + "\x00\x02\x00\x01"), [[".", 2]]);
  assertEquals(asked(HEADER + WWW + AAAA_IN + "\x00\x00\x29\x04\xd0"), [["www.example.org.", 28]]);
  assertEquals(asked(HEADER + "\x05a.b\n\xff\x00" + AAAA_IN), [["a\\046b\\010\\255.", 28]]);
});

Deno.test("What is no proper question is kept as a packet", () => {
  const label63 = "\x3f" + "x".repeat(63);
  for (
    const message of [
      "",
      HEADER,
      HEADER + "\x03ww", // ends within a label
      HEADER + WWW, // without a type
      HEADER + WWW + "\x00\x1c\x00", // ends within the class
      HEADER + "\xc0\x0c" + AAAA_IN, // points to itself
      HEADER + "\x40" + "x".repeat(64) + "\x00" + AAAA_IN, // a label too long
      HEADER + label63.repeat(4) + "\x00" + AAAA_IN, // a name too long
      "\x12\x34\x81\x00" + HEADER.slice(4) + WWW + AAAA_IN, // an answer
      HEADER.replace("\x00\x01\x00", "\x00\x02\x00") + WWW + AAAA_IN, // two questions
      HEADER.replace("\x00\x01\x00", "\xff\xff\x00") + WWW + AAAA_IN, // 65,535 of them
    ]
  ) assertEquals(asked(message), "pcap", JSON.stringify(message));
});

Deno.test("A packet whose lengths lie, and one of no UDP, are kept, too", () => {
  assertEquals(
    filter(packet({ protocol: 17, data: "\x9c\x40\x00\x35\x00\x09" }), filterContext()),
    "pcap",
  );
  const lies = Uint8Array.from("\x9c\x40\x00\x35\x00\x08\x00\x00" + HEADER, (c) => c.charCodeAt(0));
  assertEquals(filter(packet({ protocol: 17, data: lies }), filterContext()), "pcap");
  assertEquals(filter(packet({ tcp: {} }), filterContext()), "pcap");
});

Deno.test("No message makes it throw, however it is cut or changed", () => {
  const whole = HEADER + WWW + AAAA_IN;
  for (let at = 0; at < whole.length; at++) {
    asked(whole.slice(0, at));
    for (const byte of "\x00\x01\x3f\x40\x7f\x80\xc0\xff") {
      asked(whole.slice(0, at) + byte + whole.slice(at + 1));
    }
  }
});
