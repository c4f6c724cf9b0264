import { assert, assertEquals } from "@std/assert";
import type { StructuredFlow } from "../../../src/flow/structured.ts";
import type { Stats } from "../../../src/daemon/telemetry/stats_client.ts";
import { dissect } from "../../../src/web/dissect/dissect.ts";
import { lineAt, linesOf, parentOf, placeText } from "../../../src/web/page/drawer/fields.ts";
import { factsOf } from "../../../src/web/page/drawer/facts.ts";
import {
  partsOf,
  pointsOf,
  presentRate,
  problemsOf,
  ratesOf,
} from "../../../src/web/page/health/rates.ts";
import { lasted } from "../../../src/web/page/flows/columns.tsx";
import { questionOf, sharedTime, shownTime } from "../../../src/web/page/nat/question.ts";
import {
  FIRST_VIEW,
  queryOf,
  TABS,
  type View,
  viewOf,
} from "../../../src/web/page/state/address.ts";
import { icmpMessage } from "../../../src/web/page/text/icmp.ts";
import { ipv4, tcp } from "../../packet/sample.ts";

const FIELDS = dissect(ipv4(6, tcp()), { etherType: 0x0800 });

Deno.test("Lines of the tree leave out parts of closed headers", () => {
  const all = linesOf(FIELDS, new Set());
  const [, version] = all;
  assertEquals([version!.key, version!.level, version!.isOpen], ["0.0", 2, undefined]);
  const closed = linesOf(FIELDS, new Set(["0"]));
  assertEquals(closed.slice(0, 2).map(({ field, isOpen }) => [field.name, isOpen]), [
    ["IPv4", false],
    ["TCP", true],
  ]);
  assertEquals(parentOf(all, 5), 0);
  assertEquals(parentOf(all, 0), 0);
});

Deno.test("A byte's line is that of its innermost field, of a closed header the header's", () => {
  const all = linesOf(FIELDS, new Set());
  assertEquals(all[lineAt(all, 22)]!.field.name, "destinationPort");
  assertEquals(all[lineAt(all, 0)]!.field.name, "version");
  assertEquals(lineAt(all, 40), -1);
  const closed = linesOf(FIELDS, new Set(["1"]));
  assertEquals(closed[lineAt(closed, 22)]!.field.name, "TCP");
});

Deno.test("Places of bytes are written for people", () => {
  assertEquals(placeText({ start: 9, end: 10 }), "byte 9");
  assertEquals(placeText({ start: 12, end: 16 }), "bytes 12 to 15");
  assertEquals(placeText({ start: 12, end: 12 }), "before byte 12");
});

/** Returns counters with so many received and lost. */
function stats(received: number, change: Partial<Stats> = {}): Stats {
  return {
    sources: { "nflog:1": { received, lost: 0, malformed: 0, foreign: 0 } },
    filter: { passed: received, dropped: 0, failed: 0, timedOut: 0 },
    outputs: {
      sqlite: {
        ...{ written: received, bytes: 0, failed: 0, dropped: 0 },
        ...{ spooled: 0, filtered: 0, emitted: received },
      },
    },
    ...change,
  };
}

const reading = (seconds: number, received: number | null) => ({
  timeMs: seconds * 1000,
  stats: received === null ? null : stats(received),
});

Deno.test("Rates are those between readings, over a restart and a gap", () => {
  const history = [[0, 100], [1, 150], [3, 250], [4, 20], [5, null], [6, 100], [7, 130]] as const;
  const rates = ratesOf(
    history.map(([seconds, received]) => reading(seconds, received)),
    ({ sources }) => sources["nflog:1"]!.received,
  );
  // After a restart it counts from 0; a gap gives no rate.
  assertEquals(rates, [50, 50, 20, 30]);
  assertEquals(presentRate(rates), 37.5);
  assertEquals(presentRate([]), undefined);
  assertEquals(pointsOf([0, 10]), "0.0,19.0 100.0,4.0");
});

Deno.test("Sources and outputs are those of the last reading", () => {
  const [part] = partsOf([reading(0, 0), reading(1, 7)], "sources", "received");
  assertEquals([part!.name, part!.figures.received, part!.rates], ["nflog:1", 7, [7]]);
  assertEquals(partsOf([reading(0, null)], "outputs", "written"), []);
});

Deno.test("Problems are named with the part that has them", () => {
  const names = (change: Partial<Stats>) =>
    problemsOf(stats(7, change), 100_000).map(({ check, message }) => `${check}: ${message}`);
  assertEquals(names({}), []);
  assertEquals(
    names({ sources: { "nflog:1": { received: 7, lost: 1234, malformed: 0, foreign: 0 } } }),
    ["source nflog:1: received 7, lost 1,234"],
  );
  assertEquals(names({ refusal: "output.x: is no output" }), [
    "last reload: was refused: output.x: is no output",
  ]);
  assertEquals(names({ filter: { passed: 0, dropped: 0, failed: 2, timedOut: 1 } }), [
    "filter: it threw on 2 records, and ran out of time on 1",
  ]);
  const host = {
    ...{ logged: 7, lost: 0, sent: 7, received: 7, repeated: 0, missing: 0 },
    ...{ lastSeenMs: 90_000, stopped: 0 },
  };
  const silent = { ...host, lastSeenMs: 10_000 };
  assertEquals(names({ hosts: { a: host, b: { ...silent, stopped: 1 } } }), []);
  assertEquals(names({ hosts: { a: host, b: silent } }), ["host b: is silent"]);
  assertEquals(names({ hosts: { a: { ...host, missing: 1200 }, b: silent, c: silent } }), [
    "hosts: 2 of 3 are silent",
    "hosts: 1,200 records that they sent are missing here",
  ]);
});

Deno.test("A question for the holder of an address is checked before it is asked", () => {
  const written = { address: " 198.51.100.7 ", port: "61000", at: "2026-11-29T08:15:02Z" };
  assertEquals(questionOf(written, 0, "utc"), {
    asked: {
      address: "198.51.100.7",
      port: 61_000,
      at: Date.UTC(2026, 10, 29, 8, 15, 2),
      until: Date.UTC(2026, 10, 29, 8, 15, 2, 999),
    },
  });
  assertEquals(questionOf({ ...written, port: "", at: "" }, 9, "utc"), {
    asked: { address: "198.51.100.7", port: undefined, at: 9, until: 9 },
  });
  const wrong = questionOf({ address: "host.example", port: "70000", at: "yesterday" }, 0, "utc");
  assert("mistakes" in wrong);
  assertEquals(Object.keys(wrong.mistakes), ["address", "port", "at"]);
});

Deno.test("A time that is asked about lasts as long as it is exact", () => {
  const asked = (at: string) => {
    const question = questionOf({ address: "198.51.100.7", port: "", at }, 0, "local");
    assert("asked" in question);
    return [question.asked.at, question.asked.until];
  };
  // Without a zone it is the page's, also a day alone.
  const local = (day: number, hour = 0, minute = 0, second = 0, ms = 0) =>
    new Date(2026, 10, day, hour, minute, second, ms).getTime();
  assertEquals(asked("2026-11-29"), [local(29), local(29, 23, 59, 59, 999)]);
  assertEquals(asked("2026-11-29 08:15"), [local(29, 8, 15), local(29, 8, 15, 59, 999)]);
  assertEquals(asked("2026-11-29T08:15:02"), [local(29, 8, 15, 2), local(29, 8, 15, 2, 999)]);
  assertEquals(asked("2026-11-29 08:15:02.5"), Array(2).fill(local(29, 8, 15, 2, 500)));
});

Deno.test("A time that is asked about is shared in UTC, and shown in the page's zone", () => {
  const times = ["2026-11-29 08:15", "2026-11-29 08:15:02", "2026-11-29 08:15:02.500"];
  const shared = ["2026-11-29T08:15Z", "2026-11-29T08:15:02Z", "2026-11-29T08:15:02.500Z"];
  assertEquals(times.map((time) => sharedTime(time, "utc")), shared);
  assertEquals(shared.map((time) => shownTime(time, "utc")), times);
  assertEquals(times.map((time) => shownTime(sharedTime(time, "local"), "local")), times);
  assertEquals(sharedTime("2026-11-29T10:15:02+02:00", "local"), shared[1]);
  for (const text of ["2026-11-29", "yesterday", "2026-99-99T00:00Z"]) {
    assertEquals([sharedTime(text, "utc"), shownTime(text, "utc")], [text, text]);
  }
});

Deno.test("The address bar has a question about NAT only where it is asked", () => {
  const question = { address: "198.51.100.7", port: "61000", at: "2026-11-29" };
  const view: View = { ...FIRST_VIEW, ...question, tab: "nat" };
  assertEquals(
    queryOf(view),
    "?view=nat&from=-15m&to=now&address=198.51.100.7&port=61000&at=2026-11-29",
  );
  for (const tab of TABS.filter((tab) => tab !== "nat")) {
    assert(!/address|port|at=/.test(queryOf({ ...view, tab })));
  }
  assertEquals(viewOf("?kind=packet&address=198.51.100.7&at=2026-11-29").address, undefined);
  assertEquals(viewOf(queryOf(view)).port, "61000");
});

Deno.test("Messages of ICMP have names, by their code where it says more", () => {
  assertEquals(icmpMessage(false, 8), "echo request");
  assertEquals(icmpMessage(false, 3, 3), "port unreachable");
  assertEquals(icmpMessage(false, 11, 0), "time exceeded: in transit");
  assertEquals(icmpMessage(true, 135), "neighbour solicitation");
  assertEquals(icmpMessage(true, 200, 7), "type 200, code 7");
});

Deno.test("A flow's facts have its timeout only while it is open", () => {
  const flow: StructuredFlow = {
    type: "flow",
    version: 1,
    time: "2026-11-29T08:15:02.000000Z",
    host: "fw",
    event: "new",
    protocol: "TCP",
    original: { source: "10.0.0.7", destination: "192.0.2.1", packets: 1, bytes: 60 },
    timeout: 115,
  };
  const facts = (event: StructuredFlow["event"]) =>
    factsOf({ ...flow, event, rowId: "1" }).map(({ name, value }) => `${name}: ${value}`);
  assert(facts("new").includes("Timeout: 1.9 minutes"));
  assert(facts("new").includes("Sent: 1 packet, 60 B"));
  for (const event of ["destroy", "inferred"] as const) {
    assert(!facts(event).some((fact) => fact.startsWith("Timeout")));
  }
});

Deno.test("Durations of flows are short", () => {
  assertEquals([0.04, 9.96, 42.4, 59.6].map(lasted), ["0.0 s", "10.0 s", "42 s", "60 s"]);
  assertEquals([60, 108, 7500, 200_000].map(lasted), ["1 m 0 s", "1 m 48 s", "2 h 5 m", "2 d 7 h"]);
});
