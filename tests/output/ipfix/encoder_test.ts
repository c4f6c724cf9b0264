import { assert, assertEquals, assertGreater } from "@std/assert";
import { flow, type FlowFields } from "nfscribe/testing";
import { Flow } from "../../../src/flow/flow.ts";
import { IpfixEncoder, type IpfixRecordOptions } from "../../../src/output/ipfix/encoder.ts";
import { FLOW_EVENTS, RawFlow } from "../../../src/flow/raw_flow.ts";
import { LEFT_OUT, NO_ROOM, UNFIT } from "../../../src/record/encoder.ts";
import { decodeAll } from "../../flow/sample.ts";
import { FlowDatagrams } from "../../fuzz/flows.ts";
import { Random } from "../../fuzz/random.ts";
import { EVENTS } from "../../source/conntrack/events.ts";
import { ipfixRecords } from "../../conformance/outputs/flows.ts";
import type { Values } from "./reader.ts";

const ALL: IpfixRecordOptions = {
  events: FLOW_EVENTS,
  natEvents: false,
  counters: "delta",
  times: "milliseconds",
};

/** Returns the data records of some flows. */
function recordsOf(
  flows: readonly (FlowFields | Flow)[],
  options: Partial<IpfixRecordOptions> = {},
  encoder = new IpfixEncoder({ ...ALL, ...options }),
): Values[] {
  const out = new Uint8Array(65_536);
  let at = 0;
  for (const one of flows) {
    const length = encoder.encode(Flow.rawOf(one instanceof Flow ? one : flow(one)), out, at);
    if (length === LEFT_OUT) continue;
    assertGreater(length, 0);
    at += length;
  }
  return ipfixRecords(out.subarray(0, at));
}

Deno.test("A translated flow that has ended is a biflow with both addresses", () => {
  const fields: FlowFields = {
    state: "TIME_WAIT",
    packets: 6,
    bytes: 322,
    reply: { packets: 2 ** 33, bytes: 2 ** 53 - 1 },
    nat: { source: "198.51.100.7", sourcePort: 40001 },
    id: 0xdeadbeef,
    zone: 3,
    start: 1_699_999_999_123_456,
    end: 1_700_000_000_654_321,
  };
  assertEquals(recordsOf([fields]), [{
    sourceIPv4Address: "192.0.2.1",
    destinationIPv4Address: "192.0.2.2",
    sourceTransportPort: 40000,
    destinationTransportPort: 80,
    protocolIdentifier: 6,
    flowStartMilliseconds: 1_699_999_999_123,
    flowEndMilliseconds: 1_700_000_000_654,
    flowEndReason: 3,
    octetDeltaCount: 322,
    packetDeltaCount: 6,
    "reverse octetDeltaCount": 2 ** 53 - 1,
    "reverse packetDeltaCount": 2 ** 33,
    postNATSourceIPv4Address: "198.51.100.7",
    postNATDestinationIPv4Address: "192.0.2.2",
    postNAPTSourceTransportPort: 40001,
    postNAPTDestinationTransportPort: 80,
    flowId: 0xdeadbeef,
    ingressVRFID: 3,
  }]);
});

Deno.test("A new flow and a changed one have their time and no counters", () => {
  const common = {
    sourceIPv4Address: "192.0.2.1",
    destinationIPv4Address: "192.0.2.2",
    sourceTransportPort: 40000,
    destinationTransportPort: 80,
    protocolIdentifier: 6,
    observationTimeMilliseconds: 1_700_000_000_000,
    flowId: 1,
  };
  assertEquals(recordsOf([{ event: "new" }, { event: "update" }]), [
    { ...common, firewallEvent: 1 },
    { ...common, firewallEvent: 5 },
  ]);
});

Deno.test("The beginning and the end of a translation are records of their own where they are wanted", () => {
  const events: FlowFields[] = [
    { event: "new", protocol: 17, nat: { destination: "192.0.2.9", destinationPort: 8080 } },
    { event: "update", protocol: 17, nat: { destination: "192.0.2.9", destinationPort: 8080 } },
    { protocol: 17, nat: { destination: "192.0.2.9", destinationPort: 8080 }, bytes: 5 },
    { event: "new", source: "2001:db8::1", nat: { source: "2001:db8::7" } },
    { event: "inferred", source: "2001:db8::1", nat: { source: "2001:db8::7" } },
    { event: "destroy", protocol: 1, nat: { source: "192.0.2.9" } },
  ];
  const some: Partial<IpfixRecordOptions> = { events: ["destroy"], natEvents: true };
  const encoder = new IpfixEncoder({ ...ALL, ...some });
  const wanted = events.filter((_, index) => index !== 1);
  const records = recordsOf(wanted, {}, encoder);
  assertEquals(records[0], {
    sourceIPv4Address: "192.0.2.1",
    destinationIPv4Address: "192.0.2.2",
    sourceTransportPort: 40000,
    destinationTransportPort: 80,
    protocolIdentifier: 17,
    observationTimeMilliseconds: 1_700_000_000_000,
    postNATSourceIPv4Address: "192.0.2.1",
    postNATDestinationIPv4Address: "192.0.2.9",
    postNAPTSourceTransportPort: 40000,
    postNAPTDestinationTransportPort: 8080,
    natEvent: 4,
    flowId: 1,
  });
  assertEquals(
    records.map((one) => [one.natEvent, one.octetDeltaCount]),
    [[4, undefined], [undefined, 5], [5, undefined], [1, undefined], [2, undefined], [
      undefined,
      100,
    ], [5, undefined]],
  );
  const out = new Uint8Array(1024);
  assertEquals(encoder.encode(Flow.rawOf(flow(events[1])), out, 0), LEFT_OUT);
  assertEquals(encoder.encode(Flow.rawOf(flow({ event: "new" })), out, 0), LEFT_OUT);
});

Deno.test("Reasons of an end follow from the protocol's state and what was left of the timeout", () => {
  const reasonOf = (fields: FlowFields) => recordsOf([fields])[0]!.flowEndReason;
  assertEquals(reasonOf({ state: "CLOSE", timeout: 9 }), 3);
  assertEquals(reasonOf({ state: "ESTABLISHED" }), 1);
  assertEquals(reasonOf({ state: "ESTABLISHED", timeout: 432_000 }), 4);
  assertEquals(reasonOf({ protocol: 17 }), 1);
  assertEquals(reasonOf({ protocol: 17, timeout: 30 }), 4);
  assertEquals(reasonOf({ event: "interim", state: "ESTABLISHED" }), 2);
  assertEquals(reasonOf({ event: "inferred" }), undefined);
  assertEquals(reasonOf({ event: "update" }), undefined);
});

Deno.test("Type and code of ICMP stand for ports, and protocols without either have none", () => {
  const [four, six, esp] = recordsOf([
    { protocol: 1, icmpType: 3, icmpCode: 1 },
    { protocol: 58 },
    { protocol: 50 },
  ]);
  assertEquals([four!.icmpTypeCodeIPv4, six!.icmpTypeCodeIPv6], [3 * 256 + 1, 128 * 256]);
  assertEquals(
    Object.keys(esp!).filter((name) => /Port|icmp/.test(name)),
    [],
  );
});

Deno.test("Times are exact in each unit", () => {
  const raw = Flow.rawOf(flow({ nat: { source: "192.0.2.9" } }));
  [raw.startSeconds, raw.startNanoseconds] = [1_699_999_999, 123_456_789];
  [raw.endSeconds, raw.endNanoseconds] = [4_200_000_000, 999_999_999];
  const one = (times: IpfixRecordOptions["times"]) => recordsOf([new Flow(raw)], { times })[0]!;
  const near = (found: unknown, expected: bigint, most: bigint) => {
    const difference = expected - (found as bigint);
    assert(difference >= 0n && difference <= most, `${found} is not ${expected}`);
  };
  near(one("nanoseconds").flowStartNanoseconds, 1_699_999_999_123_456_789n, 1n);
  near(one("microseconds").flowStartMicroseconds, 1_699_999_999_123_456_789n, 1000n);
  assertEquals(one("milliseconds").flowEndMilliseconds, 4_200_000_000_999);
  // NTP's seconds begin anew in 2036.
  near(
    one("nanoseconds").flowEndNanoseconds as bigint + (1n << 32n) * 1_000_000_000n,
    4_200_000_000_999_999_999n,
    1n,
  );
});

Deno.test("What the kernel sent comes back, event for event", () => {
  const names = Object.keys(EVENTS) as (keyof typeof EVENTS)[];
  for (const name of names) {
    const [tracked] = decodeAll(EVENTS[name]);
    const [values] = recordsOf([tracked!]);
    const { original, reply, nat } = tracked!;
    assertEquals(values!.sourceIPv4Address ?? values!.sourceIPv6Address, tracked!.source, name);
    assertEquals(values!.sourceTransportPort, tracked!.sourcePort, name);
    assertEquals(values!.octetDeltaCount, original.bytes, name);
    assertEquals(values!["reverse packetDeltaCount"], reply?.packets, name);
    const translated = values!.postNATDestinationIPv4Address;
    assertEquals(translated !== undefined, nat !== undefined, name);
    if (nat !== undefined) assertEquals(translated, reply!.source, name);
  }
});

/** Returns records of a flow that goes on: bytes so far at times a minute apart, then its end. */
function lifeOf(id: number, bytes: readonly number[]): FlowFields[] {
  return bytes.map((count, index): FlowFields => ({
    event: index === bytes.length - 1 ? "destroy" : "interim",
    id,
    packets: count,
    bytes: count * 100,
    reply: { packets: count * 2, bytes: count * 300 },
    start: 1_699_000_000_000_000,
    time: 1_700_000_000_000_000 + index * 60_000_000,
  }));
}

Deno.test("Counts are those since the record before, of each flow by itself", () => {
  const lives = [lifeOf(1, [5, 7, 7, 20]), lifeOf(2, [1, 1000, 2000, 2001])];
  const records = recordsOf(lives[0]!.flatMap((one, index) => [one, lives[1]![index]!]));
  const packets = (of: number) =>
    records.filter(({ flowId }) => flowId === of).map((one) => one.packetDeltaCount);
  assertEquals(packets(1), [5, 2, 13]);
  assertEquals(packets(2), [1, 999, 1000, 1]);
  assertEquals(records.map((one) => one["reverse octetDeltaCount"]).slice(0, 3), [1500, 300, 600]);
  // The kernel numbers the next flow the same, once this one has ended.
  const encoder = new IpfixEncoder(ALL);
  recordsOf(lifeOf(1, [5, 7]), {}, encoder);
  assertEquals(recordsOf(lifeOf(1, [3, 4]), {}, encoder).map((one) => one.packetDeltaCount), [
    3,
    1,
  ]);
});

Deno.test("A flow that goes on without packets has no record until it has some, or ends", () => {
  const encoder = new IpfixEncoder(ALL);
  const out = new Uint8Array(4096);
  const encode = (fields: FlowFields) => {
    const raw = Flow.rawOf(flow({ bytes: 100, reply: { packets: 1, bytes: 60 }, ...fields }));
    return encoder.encode(raw, out, 0);
  };
  const at = (second: number) => ({ event: "interim", time: second * 1e6, start: 1e6 }) as const;
  assertGreater(encode({ ...at(10), packets: 1 }), 0);
  assertEquals(encode({ ...at(20), packets: 1 }), LEFT_OUT);
  assertEquals(encode({ ...at(30), packets: 1 }), LEFT_OUT);
  const length = encode({ ...at(40), packets: 1, reply: { packets: 2, bytes: 100 } });
  const [record] = ipfixRecords(out.subarray(0, length));
  assertEquals(
    [record!.packetDeltaCount, record!["reverse packetDeltaCount"]],
    [0, 1],
  );
  assertGreater(encode({ ...at(50), event: "destroy", packets: 1 }), 0);
  const total = new IpfixEncoder({ ...ALL, counters: "total" });
  const raw = Flow.rawOf(flow({ event: "interim" }));
  for (let n = 0; n < 2; n++) assertGreater(total.encode(raw, out, 0), 0);
});

Deno.test("A flow whose number another one had, of which the end was lost, counts for itself", () => {
  const lost = lifeOf(1, [5, 7, 9]).slice(0, 2);
  const start = 1_700_000_100_000_000;
  const next = lifeOf(1, [8, 20]).map((fields, index): FlowFields => ({
    ...fields,
    start,
    time: start + (index + 1) * 60_000_000,
  }));
  const encoder = new IpfixEncoder(ALL);
  const counts = (fields: FlowFields[]) =>
    recordsOf(fields, {}, encoder).map((one) => one.packetDeltaCount);
  assertEquals([counts(lost), counts(next)], [[5, 2], [8, 12]]);
  // An end that was inferred has no counters, and ends the flow all the same.
  const inferred: FlowFields = { event: "inferred", id: 1, start: 1_699_000_000_000_000 };
  const again = lifeOf(1, [5, 7]).map((one) => ({ ...one, start: 1_699_000_000_000_000 }));
  assertEquals(
    [counts(lost), counts([inferred]), counts(again)],
    [[5, 2], [undefined], [5, 2]],
  );
});

Deno.test("With counters = total counts are those since the start", () => {
  const records = recordsOf(lifeOf(1, [5, 7, 20]), { counters: "total" });
  assertEquals(records.map((one) => one.octetTotalCount), [500, 700, 2000]);
  assertEquals(records.map((one) => one["reverse packetTotalCount"]), [10, 14, 40]);
});

Deno.test("A record that is encoded again, after an area was full, counts the same", () => {
  const encoder = new IpfixEncoder(ALL);
  const out = new Uint8Array(4096);
  const counted: unknown[] = [];
  for (const one of lifeOf(1, [5, 7, 20])) {
    for (let attempt = 0; attempt < 3; attempt++) {
      const length = encoder.encode(Flow.rawOf(flow(one)), out, attempt);
      const [values] = ipfixRecords(out.slice(attempt, attempt + length));
      counted.push(values!.packetDeltaCount);
    }
  }
  assertEquals(counted, [5, 5, 5, 2, 2, 2, 13, 13, 13]);
});

Deno.test("A hundred thousand flows that go on are each counted by themselves", () => {
  const encoder = new IpfixEncoder(ALL);
  const raw = Flow.rawOf(flow({ event: "interim" }));
  const out = new Uint8Array(512);
  const count = (id: number, packets: number, event: number) => {
    // Two flows with each identifier.
    raw.id = id >> 1;
    raw.original.sourcePort = id & 1;
    raw.event = event;
    raw.original.packets = packets;
    raw.receivedSeconds++;
    const length = encoder.encode(raw, out, 0);
    return ipfixRecords(out.subarray(0, length))[0]!.packetDeltaCount;
  };
  const step = 37;
  for (let id = 0; id < 100_000; id++) encoder.encode(numberedInterim(raw, id), out, 0);
  for (let id = 0; id < 100_000; id += step) assertEquals(count(id, id + 9, 3), 9, `${id}`);
  for (let id = 0; id < 100_000; id += step) assertEquals(count(id, id + 10, 2), 1, `${id}`);
  for (let id = 0; id < 100_000; id += step) assertEquals(count(id, 4, 3), 4, `${id}`);
  for (let id = 1; id < 100_000; id += step) assertEquals(count(id, id + 2, 2), 2, `${id}`);
});

function numberedInterim(raw: RawFlow, id: number): RawFlow {
  raw.id = id >> 1;
  raw.original.sourcePort = id & 1;
  raw.original.packets = id;
  return raw;
}

Deno.test("Events that are not chosen are left out, and a flow without addresses is unfit", () => {
  const encoder = new IpfixEncoder({ ...ALL, events: ["destroy"] });
  const out = new Uint8Array(1024);
  assertEquals(encoder.encode(Flow.rawOf(flow({ event: "new" })), out, 0), LEFT_OUT);
  assertEquals(encoder.encode(Flow.rawOf(flow()), new Uint8Array(500), 0), NO_ROOM);
  const raw = new RawFlow();
  raw.event = 2;
  assertEquals(encoder.encode(raw, out, 0), UNFIT);
});

Deno.test("Damaged flows are whole data sets", () => {
  const encoder = new IpfixEncoder({ ...ALL, times: "microseconds" });
  const datagrams = new FlowDatagrams(new Random(11));
  const out = new Uint8Array(65_536);
  let flows = 0;
  for (let n = 0; n < 3000; n++) {
    for (const one of decodeAll(datagrams.next())) {
      const length = encoder.encode(Flow.rawOf(one), out, 0);
      if (length === UNFIT) continue;
      flows++;
      const [values, ...others] = ipfixRecords(out.subarray(0, length));
      assertEquals([values!.protocolIdentifier, others], [one.protocol, []]);
    }
  }
  assertGreater(flows, 500);
});
