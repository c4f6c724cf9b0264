import { assert, assertEquals, assertGreater, assertLess } from "@std/assert";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Flow } from "../../src/flow/flow.ts";
import { FlowTable } from "../../src/flow/flow_table.ts";
import { INFERRED, RawFlow } from "../../src/flow/raw_flow.ts";
import { Memory } from "../../src/bytes/memory.ts";
import { ConntrackDecoder } from "../../src/source/conntrack/decoder.ts";
import { randomEvent } from "../filter/expression/stored_flows.ts";
import { Random } from "../fuzz/random.ts";
import { EVENTS } from "../source/conntrack/events.ts";
import { everyAttribute, numberedFlow } from "../source/conntrack/sample.ts";

/** Decodes the one flow of a datagram into a raw flow. */
function rawOf(datagram: Uint8Array): RawFlow {
  const memory = new Memory(new ArrayBuffer((datagram.length + 3) & ~3));
  memory.bytes.set(datagram);
  const decoder = new ConntrackDecoder();
  decoder.begin(memory, 0, datagram.length, 0, 0);
  const raw = new RawFlow();
  assert(decoder.next(raw));
  return raw;
}

/** Takes all flows older than an epoch. */
function older(table: FlowTable, epoch: number): Flow[] {
  const flows: Flow[] = [];
  for (let at = 0;;) {
    const raw = new RawFlow();
    at = table.takeOlder(raw, epoch, at);
    if (at < 0) return flows;
    raw.event = INFERRED;
    flows.push(new Flow(raw));
  }
}

Deno.test("A flow that a dump lacks comes back with what was known of it", () => {
  for (const name of ["tcpNew", "udpNew", "icmpNew", "icmpv6New", "snatNew", "dnatNew"] as const) {
    const table = new FlowTable(100);
    const raw = rawOf(EVENTS[name]);
    table.keep(raw, 1);
    assertEquals(older(table, 1), []);
    const [flow] = older(table, 2);
    const { event: _, time: __, timeout: ___, state: ____, ...known } = new Flow(raw).toJSON();
    const { event, time: _time, start, ...form } = flow!.toJSON();
    assertEquals({ ...form }, { ...known });
    assertEquals(event, "inferred");
    // A new flow began at its event.
    assertEquals(start, new Flow(raw).toJSON().time);
    assertEquals([table.size, older(table, 3)], [0, []]);
  }
});

Deno.test("Zone, mark and ports of any flow are kept", () => {
  const table = new FlowTable(100);
  table.keep(rawOf(everyAttribute()), 1);
  const [flow] = older(table, 2);
  assertEquals([flow?.zone, flow?.mark, flow?.sourcePort], [5, 0xdeadbeef, 40_000]);
});

Deno.test("Every value comes back, the largest of its bits and one that is absent alike", () => {
  const random = new Random(7);
  for (let number = 0; number < 3000; number++) {
    const raw = rawOf(randomEvent(random));
    for (const tuple of [raw.original, raw.reply]) {
      if (tuple.packets >= 0) tuple.packets = random.pick([0, 1, 2 ** 48 - 1]);
    }
    const table = new FlowTable(1, { counts: true });
    table.keep(raw, 1);
    const [flow] = older(table, 2);
    const known = Flow.rawOf(flow!);
    const valuesOf = ({ original, reply, mark, zone, status, state, id }: RawFlow) => {
      const tuples = [original, reply].map(
        ({ zone: _, source: __, destination: ___, ...values }) => values,
      );
      return [tuples, mark, zone, status, state, id];
    };
    assertEquals(valuesOf(known), valuesOf(raw));
  }
});

Deno.test("A table is a model of the flows that there are, however they come and go", () => {
  const table = new FlowTable(5000);
  const random = new Random(3);
  const model = new Map<number, number>();
  for (let step = 0; step < 60_000; step++) {
    const number = random.below(9000);
    const raw = rawOf(numberedFlow(number));
    if (random.below(3) === 0) {
      table.remove(raw);
      model.delete(number);
    } else {
      const epoch = 1 + random.below(3);
      if (table.keep(raw, epoch)) model.set(number, epoch);
      else assertEquals(model.size, 5000);
    }
    assertEquals(table.size, model.size);
  }
  const numbers = older(table, 2).map(({ id }) => id!).sort((a, b) => a - b);
  const expected = [...model].filter(([, epoch]) => epoch !== 2).map(([number]) => number);
  assertEquals(numbers, expected.sort((a, b) => a - b));
  assertEquals(table.size, model.size - expected.length);
});

Deno.test("Counters and state are kept where that is asked for", () => {
  for (const name of ["tcpDestroy", "snatDestroy", "tcpNew"] as const) {
    const raw = rawOf(EVENTS[name]);
    raw.original.bytes = raw.original.bytes < 0 ? raw.original.bytes : 2 ** 47 + 1;
    const table = new FlowTable(100, { counts: true });
    table.keep(raw, 1);
    const [flow] = older(table, 2);
    const { original, reply, state } = new Flow(raw);
    assertEquals(
      [flow?.original.packets, flow?.original.bytes, flow?.reply?.packets, flow?.reply?.bytes],
      [original.packets, original.bytes, reply?.packets, reply?.bytes],
    );
    assertEquals(flow?.state, state);
  }
  const raw = rawOf(EVENTS.udpDestroy);
  raw.original.bytes = 2 ** 48;
  const table = new FlowTable(100, { counts: true });
  table.keep(raw, 1);
  // Unknown rather than wrong.
  assertEquals(older(table, 2)[0]?.original.bytes, undefined);
});

/** Returns the size of all buffers that are used. */
function usedMemory(): number {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
  return Deno.memoryUsage().external;
}

for (const counts of [false, true]) {
  Deno.test(`A flow takes at most 150 bytes, counters kept: ${counts}`, () => {
    const table = new FlowTable(200_000, { counts });
    const raw = rawOf(numberedFlow(1));
    const before = usedMemory();
    for (let number = 0; number < 200_000; number++) {
      raw.id = number;
      table.keep(raw, 1);
    }
    const used = usedMemory() - before;
    assertEquals(table.size, 200_000);
    assertGreater(used, 200_000 * 100);
    assertLess(used, 200_000 * 150);
  });
}
