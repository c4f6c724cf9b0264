import { assert, assertEquals, assertMatch } from "@std/assert";
import { LineHead, shortName } from "../../../src/output/lines/head.ts";
import { LineWriter } from "../../../src/text/line.ts";
import type { RawPacket } from "../../../src/packet/raw_packet.ts";
import { rawPacket } from "../../packet/sample.ts";

function headOf(head: LineHead, fields: Partial<RawPacket>): string {
  const line = new LineWriter();
  line.out = new Uint8Array(200);
  const packet = rawPacket(undefined, fields);
  const room = head.roomFor(packet);
  head.write(line, packet);
  assert(line.at <= room, `${line.at} bytes where ${room} were announced`);
  return new TextDecoder().decode(line.out.subarray(0, line.at));
}

const syslog = (host = "gate", program = "") =>
  new LineHead("syslog", host, (name) => ` ${shortName(name)} ${program}`);
const rfc3339 = () => new LineHead("rfc3339", "gate", (host) => ` ${host} `);

/** Returns the seconds since the epoch of a local time, whatever the machine's time zone. */
function local(year: number, month: number, day: number, clock: readonly number[]): number {
  return new Date(year, month - 1, day, ...clock).getTime() / 1000;
}

Deno.test("The syslog form is local time with the day padded by a space", () => {
  const head = syslog();
  const third = local(2026, 11, 3, [3, 12, 9]);
  assertEquals(headOf(head, { seconds: third, nanoseconds: 999 }), "Nov  3 03:12:09 gate ");
  const last = local(2026, 12, 31, [23, 59, 59]);
  assertEquals(headOf(head, { seconds: last, nanoseconds: 0 }), "Dec 31 23:59:59 gate ");
});

Deno.test("Every month has its English name", () => {
  const head = syslog();
  const months = Array.from({ length: 12 }, (_, month) => {
    const seconds = local(2026, month + 1, 10, [12, 0, 0]);
    return headOf(head, { seconds, nanoseconds: 0 }).slice(0, 3);
  });
  assertEquals(months.join(" "), "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec");
});

Deno.test("The time is made anew whenever the second changes, also backwards", () => {
  const head = syslog();
  const start = local(2026, 11, 3, [3, 12, 9]);
  const ends = [0, 0, 1, 51, 0, -1].map((later) =>
    headOf(head, { seconds: start + later, nanoseconds: 0 }).slice(7, 15)
  );
  assertEquals(ends, ["03:12:09", "03:12:09", "03:12:10", "03:13:00", "03:12:09", "03:12:08"]);
});

Deno.test("The kernel's timestamp is preferred to the time of receipt", () => {
  const receivedSeconds = local(2026, 11, 3, [5, 0, 0]);
  const received = { receivedSeconds, receivedNanoseconds: 7_000 };
  const seconds = local(2026, 11, 3, [4, 0, 0]);
  const stamped = { ...received, seconds, nanoseconds: 123_456_789 };
  const head = rfc3339();
  assertMatch(headOf(head, stamped), /^2026-11-03T04:00:00\.123456/);
  assertMatch(headOf(head, received), /^2026-11-03T05:00:00\.000007/);
});

Deno.test("A stamp of 0 is a stamp", () => {
  const received = { receivedSeconds: local(2026, 11, 3, [5, 0, 0]) };
  const date = new Date(0);
  const line = headOf(rfc3339(), { ...received, seconds: 0, nanoseconds: 0 });
  assertEquals(line.slice(0, 4), String(date.getFullYear()));
});

Deno.test("The RFC 3339 form has microseconds and the zone, and is the same instant", () => {
  const head = rfc3339();
  for (const month of [1, 7]) { // with summer time, if there is one
    const seconds = local(2026, month, 3, [3, 12, 9]);
    const line = headOf(head, { seconds, nanoseconds: 1_999 });
    assertMatch(line, /^2026-0\d-03T03:12:09\.000001[+-]\d\d:\d\d gate $/);
    assertEquals(Date.parse(line.split(" ")[0]!), seconds * 1000);
  }
});

Deno.test("Microseconds are cut, not rounded", () => {
  const seconds = local(2026, 11, 3, [3, 12, 9]);
  const line = headOf(rfc3339(), { seconds, nanoseconds: 999_999_999 });
  assertMatch(line, /^2026-11-03T03:12:09\.999999/);
});

Deno.test("The host is cut at its first dot, and followed by the program", () => {
  const seconds = local(2026, 11, 3, [3, 12, 9]);
  const at = { seconds, nanoseconds: 0 };
  assertEquals(headOf(syslog("fw1.example.org"), at), "Nov  3 03:12:09 fw1 ");
  assertEquals(headOf(syslog("fw1.example.org", "kernel: "), at), "Nov  3 03:12:09 fw1 kernel: ");
  assertEquals(headOf(syslog("fw1"), at), "Nov  3 03:12:09 fw1 ");
});

Deno.test("Absurd seconds give a time all the same, within the announced room", () => {
  for (const seconds of [0, 2 ** 31, 2 ** 32, 8.64e12, 8.64e12 + 1, 2 ** 53, 2 ** 64]) {
    for (const head of [syslog(), rfc3339()]) {
      const line = headOf(head, { seconds, nanoseconds: 0 });
      assertMatch(line, / \d\d:\d\d:\d\d gate $|T\d\d:\d\d:\d\d\.000000[+-]\d\d:\d\d gate $/);
    }
  }
});

Deno.test("Absurd nanoseconds stay within the announced room", () => {
  for (const nanoseconds of [999_999_999, 1_000_000_000, 2 ** 31, 2 ** 32 - 1, 2 ** 53]) {
    assertMatch(headOf(rfc3339(), { seconds: 1, nanoseconds }), / gate $/);
  }
});
