import { assertEquals } from "@std/assert";
import { liveSource, newSource, Topology } from "../../../src/daemon/pipeline/topology.ts";
import { newInFlight, type SlotWorker } from "../../../src/daemon/pool/in_flight.ts";
import { InterfaceTable } from "../../../src/packet/interface.ts";
import { Kind, Slot } from "../../../src/sandbox/slot.ts";
import { FakeReader, outputOf, sourceOf } from "./fakes.ts";

const WORKER: SlotWorker = { dispatch() {}, resume() {}, reclaim() {}, rejectResults() {} };

function filterStats() {
  return { passed: 0, dropped: 0, failed: 0, timedOut: 0 };
}

/** Returns a slot with datagrams of these sources, and its words. */
function slotOf(...sources: number[]) {
  const interfaces = new InterfaceTable();
  const datagrams = sources.map((source, index) => ({
    source,
    offset: 100 * index,
    size: 100,
    seconds: 10 + index,
    nanoseconds: 5,
    interfaces,
  }));
  const slot = Slot.forCopies(1);
  slot.clear(Kind.PACKETS);
  return { slot, inFlight: newInFlight(WORKER, slot, Kind.PACKETS, datagrams) };
}

function topologyOf(...names: string[]) {
  const { output } = outputOf("out");
  return new Topology(names.map((name) => sourceOf(name, new FakeReader())), [output]);
}

Deno.test("What datagrams hold is counted at their sources, once, however often the slot comes back", () => {
  const topology = topologyOf("a", "b");
  const { slot, inFlight } = slotOf(0, 1, 0);
  const filter = filterStats();
  const report = { received: 3, malformed: 1, lost: 0, firstSeq: -1, nextSeq: -1 };
  slot.report(0, report);
  slot.countVerdicts(1, 1, 0);
  slot.resumeAt(1, 0);
  topology.count(inFlight, slot, filter, false);
  assertEquals([inFlight.counted, inFlight.decided, inFlight.wellFormed], [1, 2, 2]);
  assertEquals(inFlight.resume, { datagram: 1, position: 0 });
  slot.clearResults();
  slot.report(1, report);
  slot.report(2, report);
  slot.countVerdicts(2, 1, 1);
  topology.count(inFlight, slot, filter, true);
  const { sources } = topology.counters(filter);
  assertEquals(sources.a, { received: 6, lost: 0, malformed: 2, foreign: 0 });
  assertEquals(sources.b, { received: 3, lost: 0, malformed: 1, foreign: 0 });
  assertEquals(filter, { passed: 3, dropped: 2, failed: 1, timedOut: 0 });
});

Deno.test("A gap in a source's numbers is a loss of that source, at the time of the datagram", () => {
  const topology = topologyOf("a", "b");
  const { slot, inFlight } = slotOf(0, 1, 0);
  slot.report(0, { received: 2, malformed: 0, lost: 0, firstSeq: 0, nextSeq: 2 });
  slot.report(1, { received: 1, malformed: 0, lost: 0, firstSeq: 0, nextSeq: 1 });
  slot.report(2, { received: 1, malformed: 0, lost: 4, firstSeq: 5, nextSeq: 10 });
  slot.countVerdicts(4, 0, 0);
  const losses = topology.count(inFlight, slot, filterStats(), true);
  assertEquals(losses, [{ source: "a", packets: 7, seconds: 12, nanoseconds: 5 }]);
});

Deno.test("A loss that a sender tells of is one of its host, source and session, counted once", () => {
  const topology = topologyOf("a");
  const { slot, inFlight } = slotOf(0);
  const senderLoss = { host: "fw-a", session: "s", source: "nflog:1", packets: 9 };
  Object.assign(inFlight.datagrams[0]!, { senderLoss });
  slot.report(0, { received: 2, malformed: 0, lost: 0, firstSeq: -1, nextSeq: -1 });
  slot.countVerdicts(2, 0, 0);
  slot.resumeAt(0, 40);
  assertEquals(topology.count(inFlight, slot, filterStats(), false), []);
  const losses = topology.count(inFlight, slot, filterStats(), true);
  assertEquals(losses, [{ ...senderLoss, seconds: 10, nanoseconds: 5 }]);
  assertEquals(topology.counters(filterStats()).sources.a!.lost, 9);
});

Deno.test("Packets that the filter was not asked about count by how it failed", () => {
  const topology = topologyOf("a");
  const filter = filterStats();
  const { slot, inFlight } = slotOf(0);
  inFlight.failure = "failed";
  slot.countVerdicts(5, 0, 0);
  topology.count(inFlight, slot, filter, true);
  const alone = slotOf(0);
  alone.inFlight.resume = { datagram: 0, position: 40 };
  alone.inFlight.skip = { datagram: 0, position: 40, failure: "timedOut" };
  alone.slot.countVerdicts(1, 0, 0);
  alone.slot.resumeAt(0, 60);
  topology.count(alone.inFlight, alone.slot, filter, false);
  assertEquals(filter, { passed: 0, dropped: 0, failed: 5, timedOut: 1 });
  assertEquals(alone.inFlight.skip, undefined, "the next ones are asked about again");
});

Deno.test("Traces that cannot be are left out", () => {
  const topology = topologyOf("a");
  const area = new ArrayBuffer(8);
  const slot = new Slot(new Int32Array(2000), new ArrayBuffer(0), [area, area]);
  for (const length of [-1, 9, 0x7fff_ffff]) {
    slot.countOutput(1, { length, packets: 0, unfit: 0, filtered: 0, emitted: 0 });
    assertEquals(topology.traces(slot, slot), [], `${length}`);
  }
});

Deno.test("Only sources with a socket can be handed on, with the number that comes next", () => {
  const part = { name: "nflog:5", type: "nflog", options: { group: 5 } };
  const reader = Object.assign(new FakeReader(), { descriptor: 7, isAdopted: true });
  const source = newSource(part, reader, {
    name: "nflog:5",
    type: "nflog",
    group: 5,
    descriptor: 3,
    expected: 42,
  });
  const live = liveSource(source)!;
  assertEquals([live.descriptor, live.expected, live.type, live.group], [7, 42, "nflog", 5]);
  source.ledger.add({ received: 1, malformed: 0, lost: 0, firstSeq: 42, nextSeq: 43 });
  assertEquals(live.expected, 43);
  assertEquals(liveSource(sourceOf("file", new FakeReader())), undefined);
});

Deno.test("Nothing is left to write to once all outputs are gone, and with none nothing is missing", () => {
  assertEquals(new Topology([], []).gone, undefined);
  assertEquals(topologyOf("a").gone, undefined);
});

Deno.test("Drops behind the last datagram are counted while nothing is in flight, and go on after a handover", () => {
  const reader = new FakeReader();
  reader.lostRecords = 10;
  const part = { name: "flows", type: "conntrack", options: {} };
  const inherited = { type: "conntrack", group: 0, name: "flows", descriptor: 3, expected: 4 };
  const adopted = Object.assign(reader, { isAdopted: true });
  const { output } = outputOf("out");
  const topology = new Topology([newSource(part, adopted, inherited)], [output]);
  topology.countDrops();
  topology.countDrops();
  assertEquals(topology.counters(filterStats()).sources.flows?.lost, 6);
  const [source] = topology.sources;
  assertEquals(source?.ledger.expected, 10);
  const fresh = new FakeReader();
  fresh.lostRecords = 3;
  const opened = new Topology([newSource(part, fresh, undefined)], [output]);
  opened.countDrops();
  assertEquals(opened.counters(filterStats()).sources.flows?.lost, 3);
});
