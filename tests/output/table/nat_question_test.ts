import { assertEquals } from "@std/assert";
import { type NatQuestion, NatSearch } from "../../../src/output/table/nat_question.ts";
import type { StructuredFlow } from "../../../src/flow/structured.ts";

const DAY = "2026-11-28T";
const ms = (time: string) => Date.parse(`${DAY}${time}Z`);
const stamp = (time: string) => `${DAY}${time}.000000Z`;

function flow(id: number, event: StructuredFlow["event"], time: string, more = {}): StructuredFlow {
  return {
    type: "flow",
    version: 1,
    time: stamp(time),
    host: "gate",
    event,
    protocol: "TCP",
    id,
    original: { source: `10.0.0.${id}`, sourcePort: 5000, destination: "203.0.113.9" },
    reply: { source: "203.0.113.9", destination: "198.51.100.7", destinationPort: 40_001 },
    nat: { source: "198.51.100.7", sourcePort: 40_001 },
    ...more,
  };
}

/** Returns who is found, and the number of flows whose beginning is unknown. */
function ask(at: string, records: readonly StructuredFlow[], more: Partial<NatQuestion> = {}) {
  const question = { fromMs: ms(at), toMs: ms(at), limit: 10, ...more } as NatQuestion;
  const search = new NatSearch(question);
  for (const record of records) search.take(record);
  const found = search.finish();
  return [found.map(({ flow, end }) => `${flow.original.source} ${end ?? "open"}`), search.unknown];
}

Deno.test("Who had an address is found by the records of begin and end", () => {
  const records = [
    flow(1, "new", "08:00:00"),
    flow(1, "destroy", "08:10:00", { start: stamp("08:00:00"), end: stamp("08:09:00") }),
    flow(2, "new", "08:20:00"),
  ];
  assertEquals(ask("07:59:59", records), [[], 0]);
  assertEquals(ask("08:00:00", records), [[`10.0.0.1 ${stamp("08:09:00")}`], 0]);
  assertEquals(ask("08:09:00", records), [[`10.0.0.1 ${stamp("08:09:00")}`], 0]);
  assertEquals(ask("08:09:01", records), [[], 0]);
  assertEquals(ask("08:20:00", records), [["10.0.0.2 open"], 0]);
  assertEquals(ask("23:00:00", records), [["10.0.0.2 open"], 0]);
});

Deno.test("A question tells whether any record is of an open flow", () => {
  const search = new NatSearch({ fromMs: 0, toMs: 0, limit: 1 } as NatQuestion);
  search.take(flow(1, "destroy", "08:10:00"));
  search.take(flow(2, "inferred", "08:10:00"));
  assertEquals(search.hasOpen, false);
  search.take(flow(3, "new", "08:10:00"));
  assertEquals(search.hasOpen, true);
});

Deno.test("An answer tells whether the limit has left out flows", () => {
  for (const count of [1, 2, 3, 4, 7]) {
    const search = new NatSearch({ fromMs: 0, toMs: Date.now(), limit: 3 } as NatQuestion);
    for (let id = 1; id <= count; id++) search.take(flow(id, "new", "08:10:00"));
    assertEquals([search.finish().length, search.isComplete], [Math.min(count, 3), count <= 3]);
  }
});

Deno.test("An end without a start of its own is paired with its beginning; alone it is counted", () => {
  const end = flow(1, "destroy", "08:10:00");
  assertEquals(ask("08:05:00", [flow(1, "new", "08:00:00"), end]), [
    [`10.0.0.1 ${stamp("08:10:00")}`],
    0,
  ]);
  assertEquals(ask("08:05:00", [end]), [[], 1]);
  assertEquals(ask("08:11:00", [end]), [[], 0]);
});

Deno.test("A flow is open from its first record on, whatever that is", () => {
  const interim = flow(1, "interim", "09:00:00", { start: stamp("08:00:00") });
  assertEquals(ask("08:30:00", [interim]), [["10.0.0.1 open"], 0]);
  assertEquals(ask("08:30:00", [flow(1, "update", "09:00:00")]), [[], 0]);
  assertEquals(ask("09:30:00", [flow(1, "update", "09:00:00")]), [["10.0.0.1 open"], 0]);
});

Deno.test("A flow whose end was lost ended before the next one of its ends began", () => {
  const records = [flow(1, "new", "08:00:00"), flow(1, "new", "09:00:00")];
  assertEquals(ask("08:30:00", records), [[`10.0.0.1 ${stamp("09:00:00")}`], 0]);
  assertEquals(ask("09:30:00", records), [["10.0.0.1 open"], 0]);
});

Deno.test("A flow that both indexes lead to is found once, as what it is", () => {
  const ended = [
    flow(1, "new", "08:00:00"),
    flow(1, "update", "08:00:05"),
    flow(1, "destroy", "08:10:00"),
  ];
  assertEquals(ask("08:05:00", [...ended, ...ended]), [[`10.0.0.1 ${stamp("08:10:00")}`], 0]);
  const open = [flow(1, "new", "08:00:00"), flow(1, "update", "08:00:05")];
  assertEquals(ask("08:05:00", [...open, ...open]), [["10.0.0.1 open"], 0]);
});

Deno.test("Flows of several hosts and of one port at a time are kept apart, the newest first", () => {
  const records = [
    flow(1, "new", "08:00:00"),
    flow(1, "new", "08:00:01", { host: "other" }),
    flow(2, "new", "08:00:02"),
    flow(1, "destroy", "08:01:00", { host: "other" }),
  ];
  const all = ["10.0.0.2 open", `10.0.0.1 ${stamp("08:01:00")}`, "10.0.0.1 open"];
  assertEquals(ask("08:00:30", records), [all, 0]);
  assertEquals(ask("08:00:30", records, { limit: 1 }), [all.slice(0, 1), 0]);
  assertEquals(ask("08:30:00", records), [["10.0.0.2 open", "10.0.0.1 open"], 0]);
});
