import { assertEquals, assertNotEquals } from "@std/assert";
import type { MessageHead } from "../../../src/nats/format/message.ts";
import { LANE_MOST } from "../../../src/record/origin.ts";
import { type Arrival, Arrivals } from "../../../src/source/nats/arrivals.ts";
import { laneKey, laneName } from "../../../src/source/nats/lane.ts";
import { headOf, SESSION } from "./sample.ts";

const lane = (host: string) => laneName({ host, source: "nflog:1", kind: "packet" }, "nflog:1");

function arrival(host: string, fields: Partial<MessageHead> = {}, reply = `$JS.${host}`): Arrival {
  const head = headOf({ host, ...fields });
  const { first, records } = head;
  return {
    ...{ head, first, records, reply, subject: "", data: undefined, size: 100 },
    ...{ sequence: 1, sentMs: 0, isOld: false, isHandedOut: false },
    lane: laneKey(SESSION, lane(host)),
  };
}

/** Origin of the last chunk of a message. */
const originOf = (host: string, { from = 48 } = {}) => ({
  ...{ session: SESSION, lane: lane(host), from, part: 0, chunk: 0 },
  ...{ previous: undefined, isLast: true },
});

Deno.test("A message with another host's session makes none of that host's messages a repeat", () => {
  for (const first of [0, undefined]) {
    const arrivals = new Arrivals();
    assertEquals(arrivals.offer(arrival("evil", { first }), 0), "taken");
    // While it is waited for, too.
    assertEquals(arrivals.offer(arrival("good", { first }), 0), "taken");
    for (const host of ["evil", "good"]) {
      const { message } = arrivals.next()!;
      assertEquals(message.head.host, host);
      arrivals.handOut(message);
    }
    assertEquals(arrivals.take(originOf("evil"))?.reply, "$JS.evil");
    assertEquals(arrivals.take(originOf("good"))?.reply, "$JS.good");
    assertEquals(arrivals.offer(arrival("good", { first }), 0), "acknowledge");
  }
});

Deno.test("The acknowledgement goes to the last delivery of the same host's message", () => {
  const arrivals = new Arrivals();
  arrivals.offer(arrival("good"), 0);
  assertEquals(arrivals.offer(arrival("good", {}, "$JS.again"), 0), "wait");
  assertEquals(arrivals.offer(arrival("evil"), 0), "taken");
  assertEquals(arrivals.take(originOf("good"))?.reply, "$JS.again");
});

Deno.test("Sources of a host whose names its subject cannot tell apart are lanes of their own", () => {
  const parts = { host: "fw-a", source: "a_b", kind: "packet" } as const;
  const names = ["a_b", "a.b", "a b"].map((capture) => laneName(parts, capture));
  assertEquals(new Set(names).size, 3);
  assertEquals(names[0], "fw-a.a_b.packet");
  assertEquals(laneName({ ...parts, source: "_" }, ""), "fw-a._.packet");
  assertNotEquals(laneName({ ...parts, source: "_" }, "_"), "fw-a._.packet");
  const long = ["x", "y"].map((end) => {
    const capture = "s".repeat(254) + end;
    return laneName({ host: "h".repeat(255), source: capture, kind: "packet" }, capture);
  });
  assertNotEquals(long[0], long[1]);
  assertEquals(long.map((name) => name.length), [LANE_MOST, LANE_MOST]);
});
