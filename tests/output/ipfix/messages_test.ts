import { assert, assertEquals, assertGreater, assertThrows } from "@std/assert";
import { flow } from "nfscribe/testing";
import { Flow } from "../../../src/flow/flow.ts";
import { IpfixEncoder } from "../../../src/output/ipfix/encoder.ts";
import { MessageBuilder, type MessageOptions } from "../../../src/output/ipfix/messages.ts";
import { templateOf } from "../../../src/output/ipfix/template.ts";
import { RefusedError } from "../../../src/output/remote/failure.ts";
import { numberedFlow, randomFlows } from "../../conformance/flows.ts";
import { IpfixReader, type Message } from "./reader.ts";

const OPTIONS: MessageOptions = {
  observationDomain: 7,
  limit: 512,
  templateSeconds: 600,
  templateMessages: 20,
};

/** Returns the data sets of numbered flows, of which each third one is of ICMP. */
function setsOf(first: number, count: number): Uint8Array {
  const encoder = new IpfixEncoder({
    events: ["destroy"],
    natEvents: false,
    counters: "delta",
    times: "milliseconds",
  });
  const out = new Uint8Array(count * 256 + 256);
  let at = 0;
  for (let number = first; number < first + count; number++) {
    const raw = number % 3 === 0
      ? Flow.rawOf(flow({ protocol: 1, id: number }))
      : numberedFlow(number);
    at += encoder.encode(raw, out, at);
  }
  return out.slice(0, at);
}

const numbersOf = (messages: readonly Message[]) =>
  messages.flatMap(({ records }) => records.map(({ flowId }) => flowId));

/** Reads messages as they come. */
function read(reader: IpfixReader, builder: MessageBuilder, sets: Uint8Array, now = 1000) {
  return Array.from(builder.messages(sets, now), (bytes) => {
    assert(bytes.length <= 512, `${bytes.length}`);
    return reader.read(bytes);
  });
}

Deno.test("Messages count data records from 0 on, and hold no more than their limit", () => {
  const [builder, reader] = [new MessageBuilder(OPTIONS), new IpfixReader()];
  const messages = [0, 100, 101].flatMap((first, index) =>
    read(reader, builder, setsOf(first, [100, 1, 50][index]!))
  );
  assertEquals(numbersOf(messages), Array.from({ length: 151 }, (_, number) => number));
  let sequence = 0;
  for (const message of messages) {
    assertEquals(message.sequence, sequence);
    assertEquals([message.exportTime, message.observationDomain], [1000, 7]);
    sequence += message.records.length;
  }
  assertEquals(sequence, 151);
});

Deno.test("A template comes before its first record, and again after messages and seconds", () => {
  const [builder, reader] = [new MessageBuilder(OPTIONS), new IpfixReader()];
  const [first, ...others] = read(reader, builder, setsOf(0, 200));
  assertEquals(first!.templates.length, 2);
  assertGreater(others.length, 25);
  const repeated = others.flatMap(({ templates }, index) =>
    templates.length > 0 ? [index + 1] : []
  );
  assertEquals(repeated, [20]);
  const quiet = new MessageBuilder(OPTIONS);
  const templates = (now: number) =>
    read(reader, quiet, setsOf(0, 2), now).flatMap((message) => message.templates).length;
  assertEquals([1000, 1599, 1600, 1601, 2200, 100].map(templates), [2, 0, 2, 0, 2, 2]);
});

Deno.test("Over a connection each template comes once", () => {
  const builder = new MessageBuilder({
    ...OPTIONS,
    templateSeconds: Infinity,
    templateMessages: Infinity,
  });
  const reader = new IpfixReader();
  const messages = [0, 1000, 100_000].flatMap((now) => read(reader, builder, setsOf(0, 200), now));
  assertEquals(messages.flatMap(({ templates }) => templates).length, 2);
});

Deno.test("What is no data set is refused, and what was before it is sent", () => {
  const sets = setsOf(0, 3);
  for (let cut = 1; cut < 60; cut++) {
    const messages = new MessageBuilder(OPTIONS).messages(sets.subarray(0, sets.length - cut), 0);
    const reader = new IpfixReader();
    const sent: Message[] = [];
    assertThrows(() => {
      for (const bytes of messages) sent.push(reader.read(bytes));
    }, RefusedError);
    assertEquals(numbersOf(sent), [0, 1]);
  }
  for (const id of [0, 2, 255, 0xffff, 256 + 6]) {
    const other = sets.slice();
    [other[0], other[1]] = [id >> 8, id & 0xff];
    assertThrows(() => [...new MessageBuilder(OPTIONS).messages(other, 0)], RefusedError);
  }
});

Deno.test("Every template with any record fits into the shortest message", () => {
  let templates = 0;
  for (let id = 0; id <= 0xffff; id++) {
    const template = templateOf(id);
    if (template === undefined) continue;
    templates++;
    assert(16 + 8 + template.bytes.length + template.length <= 512, `${id}`);
  }
  assertGreater(templates, 1000);
});

Deno.test("Random flows come back through the shortest messages", () => {
  const encoder = new IpfixEncoder({
    events: ["new", "update", "destroy", "interim", "inferred"],
    natEvents: false,
    counters: "total",
    times: "nanoseconds",
  });
  const out = new Uint8Array(512 * 1024);
  let at = 0;
  const flows = randomFlows(3, 500);
  for (const one of flows) at += encoder.encode(one, out, at);
  const messages = read(new IpfixReader(), new MessageBuilder(OPTIONS), out.subarray(0, at));
  assertEquals(numbersOf(messages), flows.map(({ id }) => id));
});
