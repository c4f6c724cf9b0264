import { assertEquals } from "@std/assert";
import { InterfaceTable } from "../../../src/packet/interface.ts";
import { newInFlight } from "../../../src/daemon/pool/in_flight.ts";
import type { Sandbox } from "../../../src/daemon/pool/sandbox.ts";
import { isPossible } from "../../../src/daemon/pool/slot_check.ts";
import { AREA_SIZE } from "../../../src/sandbox/ring.ts";
import { Kind, Slot, State } from "../../../src/sandbox/slot.ts";

const OUTPUTS = 2;

/** Returns a slot with two datagrams and 5 decisions: 3 packets passed to the first output. */
function answered() {
  const slot = Slot.forCopies(OUTPUTS);
  slot.clear(Kind.PACKETS);
  const datagrams = [0, 400].map((offset) => ({
    source: 0,
    offset,
    size: 400,
    seconds: 1,
    nanoseconds: 0,
    interfaces: new InterfaceTable(),
  }));
  slot.countVerdicts(3, 2, 0);
  slot.countOutput(0, { length: 300, packets: 3, unfit: 0, filtered: 2, emitted: 0 });
  slot.countOutput(1, { length: 0, packets: 0, unfit: 1, filtered: 4, emitted: 0 });
  const report = { lost: 0, firstSeq: -1, nextSeq: -1 };
  slot.report(0, { received: 4, malformed: 1, ...report });
  slot.report(1, { received: 2, malformed: 0, ...report });
  const inFlight = newInFlight({} as Sandbox, slot, Kind.PACKETS, datagrams);
  return { slot, inFlight, report };
}

Deno.test("Words of a slot that add up are accepted", () => {
  const { slot, inFlight } = answered();
  assertEquals(isPossible(slot, inFlight, State.DONE, OUTPUTS), true);
  slot.resumeAt(1, 500);
  assertEquals(isPossible(slot, inFlight, State.FULL, OUTPUTS), true);
});

const LIES: [name: string, lie: (made: ReturnType<typeof answered>) => void][] = [
  ["more packets than were decided", ({ slot }) => slot.countVerdicts(1, 0, 0)],
  [
    "a length beyond the area",
    ({ slot }) =>
      slot.countOutput(0, { length: AREA_SIZE + 1, packets: 3, unfit: 0, filtered: 2, emitted: 0 }),
  ],
  [
    "packets without bytes",
    ({ slot }) => slot.countOutput(0, { length: 0, packets: 3, unfit: 0, filtered: 2, emitted: 0 }),
  ],
  [
    "a packet in no column",
    ({ slot }) => slot.countOutput(0, { length: 9, packets: 2, unfit: 0, filtered: 2, emitted: 0 }),
  ],
  [
    "counts below zero",
    ({ slot }) =>
      slot.countOutput(0, { length: 9, packets: 6, unfit: 0, filtered: -1, emitted: 0 }),
  ],
  [
    "more damaged packets than came",
    ({ slot, report }) => slot.report(0, { received: 4, malformed: 5, ...report }),
  ],
  [
    "packets that were not received",
    ({ slot, report }) => slot.report(0, { received: 3, malformed: 1, ...report }),
  ],
];

for (const [name, lie] of LIES) {
  Deno.test(`Words of a slot are rejected: ${name}`, () => {
    const made = answered();
    lie(made);
    assertEquals(isPossible(made.slot, made.inFlight, State.DONE, OUTPUTS), false);
  });
}

Deno.test("The position to resume at is in its datagram, and never after the last one", () => {
  const { slot, inFlight } = answered();
  inFlight.resume = { datagram: 1, position: 450 };
  const isPlace = (datagram: number, position: number) => {
    slot.resumeAt(datagram, position);
    return isPossible(slot, inFlight, State.FULL, OUTPUTS);
  };
  assertEquals(isPlace(1, 450), true);
  assertEquals(isPlace(1, 800), true);
  assertEquals(isPlace(2, 0), true);
  for (
    const [datagram, position] of [[0, 0], [1, 449], [1, 801], [1, -1], [2, 1], [3, 0], [-1, 0]]
  ) {
    assertEquals(isPlace(datagram!, position!), false, `${datagram} ${position}`);
  }
});
