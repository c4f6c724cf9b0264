import { assertEquals } from "@std/assert";
import type { Datagram } from "../../../src/daemon/pool/in_flight.ts";
import { Receiver } from "../../../src/daemon/pipeline/receiver.ts";
import type { PipelineSource } from "../../../src/daemon/pipeline/topology.ts";
import { SourceLedger } from "../../../src/daemon/telemetry/ledger.ts";
import { INPUT_SIZE } from "../../../src/sandbox/ring.ts";
import { DATAGRAMS_MAX, Slot, slotWords } from "../../../src/sandbox/slot.ts";
import type { Reader } from "../../../src/source/source.ts";
import { FakeReader, sourceOf } from "./fakes.ts";

const slot = new Slot(new Int32Array(slotWords(0)), new ArrayBuffer(INPUT_SIZE), []);

function receiverOf() {
  const errors: unknown[] = [];
  let wakes = 0;
  const receiver = new Receiver({ onFailure: (error) => errors.push(error), wake: () => wakes++ });
  return { receiver, errors, wakes: () => wakes };
}

/** Looks for sources that have something, and fills the slot. */
function fill(
  receiver: Receiver,
  sources: readonly PipelineSource[],
  only?: ReadonlySet<Reader>,
): Datagram[] {
  receiver.look(sources);
  return receiver.fill(sources, only, slot);
}

Deno.test("Datagrams lie at multiples of 4 and have their source, time and length", () => {
  const { receiver } = receiverOf();
  const reader = new FakeReader().push([1, 2, 3], [4], [5, 6, 7, 8]);
  const datagrams = fill(receiver, [sourceOf("in", reader)]);
  assertEquals(datagrams.map(({ offset, size }) => [offset, size]), [[0, 3], [4, 1], [8, 4]]);
  assertEquals([...slot.memory.bytes.subarray(0, 12)], [1, 2, 3, 0, 4, 0, 0, 0, 5, 6, 7, 8]);
  const [{ source, seconds, nanoseconds }] = datagrams as [typeof datagrams[0]];
  assertEquals([source, seconds, nanoseconds], [0, 1, 2]);
  slot.memory.bytes.fill(0);
});

Deno.test("A slot takes so many datagrams, and each source comes first in its turn", () => {
  const { receiver } = receiverOf();
  const readers = [new FakeReader(), new FakeReader(), new FakeReader()];
  for (const reader of readers) {
    reader.push(...Array.from({ length: 3 * DATAGRAMS_MAX }, () => [1]));
  }
  const sources = readers.map((reader, index) => sourceOf(`${index}`, reader));
  const firsts = Array.from({ length: 6 }, () => {
    const datagrams = fill(receiver, sources);
    assertEquals(datagrams.length, DATAGRAMS_MAX);
    return datagrams[0]!.source;
  });
  assertEquals(firsts, [0, 1, 2, 0, 1, 2]);
});

Deno.test("Where readers are emptied for an exchange, others are not received from", () => {
  const { receiver } = receiverOf();
  const [leaving, staying] = [new FakeReader().push([1]), new FakeReader().push([2])];
  const sources = [sourceOf("a", leaving), sourceOf("b", staying)];
  const taken = fill(receiver, sources, new Set([leaving]));
  assertEquals(taken.map(({ source }) => source), [0]);
  assertEquals(fill(receiver, sources).map(({ source }) => source), [1]);
});

Deno.test("A reader that fails is reported once, and neither read again nor stopped", () => {
  const { receiver, errors } = receiverOf();
  const [bad, good] = [new FakeReader(), new FakeReader().push([2])];
  bad.error = new Error("gone");
  const sources = [sourceOf("a", bad), sourceOf("b", good)];
  assertEquals(fill(receiver, sources).length, 1);
  assertEquals(fill(receiver, sources).length, 0);
  receiver.stop(bad);
  assertEquals([errors.length, bad.events], [1, []]);
});

Deno.test("A stop that takes waiting counts as an end that is still to come", async () => {
  const { receiver, errors, wakes } = receiverOf();
  const [quiet, slow, failing] = [new FakeReader(), new FakeReader(), new FakeReader()];
  const done = Promise.withResolvers<void>();
  slow.last = done.promise;
  failing.last = Promise.reject(new Error("cannot stop"));
  receiver.stop(quiet);
  assertEquals(receiver.isEnding, false);
  receiver.stop(slow);
  receiver.stop(failing);
  assertEquals(receiver.isEnding, true);
  done.resolve();
  await new Promise((resolve) => setTimeout(resolve, 0));
  assertEquals([receiver.isEnding, wakes()], [false, 2]);
  assertEquals(errors.map(String), ["Error: cannot stop"]);
});

Deno.test("Once sockets are to be left, a stop leaves them, but for those that are given back", () => {
  const { receiver } = receiverOf();
  receiver.keepSockets();
  const [left, given] = [new FakeReader(), new FakeReader()];
  receiver.stop(left);
  receiver.stop(given, false);
  assertEquals([left.events, given.events], [["leave"], ["stop"]]);
});

Deno.test("What the kernel dropped since then belongs to the last datagram of its source", () => {
  const { receiver } = receiverOf();
  const [counting, numbered] = [new FakeReader().push([1], [2]), new FakeReader().push([3])];
  counting.lostRecords = 7;
  const sources = [{ ...sourceOf("a", counting), ledger: new SourceLedger({ drops: 2 }) }];
  const datagrams = fill(receiver, [...sources, sourceOf("b", numbered)]);
  const dropped = Object.groupBy(datagrams, ({ source }) => `${source}`);
  assertEquals(dropped["0"]?.map(({ dropped }) => dropped), [undefined, 5]);
  assertEquals(dropped["1"]?.map(({ dropped }) => dropped), [undefined]);
  counting.push([4]);
  assertEquals(fill(receiver, sources).map(({ dropped }) => dropped), [undefined]);
});
