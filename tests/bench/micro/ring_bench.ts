import { assertEquals } from "@std/assert";
import { Ring } from "../../../src/sandbox/ring.ts";
import { Kind, Slot, State } from "../../../src/sandbox/slot.ts";

const SIZE = { slots: 8, areas: 2 };
const ring = new Ring(SIZE, (_, length) => new ArrayBuffer(length));
const copy = Slot.forCopies(SIZE.areas);
const report = { received: 500, malformed: 0, lost: 0, firstSeq: 0, nextSeq: 500 };
const output = { length: 58_000, packets: 500, unfit: 0, filtered: 0, emitted: 0 };
let dispatched = 0;

/** Passes a slot to the sandbox and back, both sides on this thread. */
function roundTrip(): number {
  const number = dispatched % SIZE.slots;
  const slot = ring.slots[number]!;
  slot.clear(Kind.PACKETS);
  slot.addDatagram({
    source: 0,
    offset: 0,
    size: 100_000,
    seconds: 1_700_000_000,
    nanoseconds: 0,
    messages: 0,
  });
  slot.state = State.DISPATCHED;
  ring.dispatch(number, dispatched);
  const work = ring.dispatchedAt(dispatched++);
  for (let one = 0; one < 2; one++) work.countOutput(one, output);
  work.countVerdicts(500, 0, 0);
  work.report(0, report);
  ring.release(work, State.DONE);
  copy.copyFrom(slot);
  return slot.state === State.DONE ? copy.reportOf(0).received + copy.packetsOf(1) : 0;
}

assertEquals(roundTrip(), 1000);
assertEquals(ring.dispatched, 1);
Deno.bench("a slot's way to the sandbox and back, in one process", () => void roundTrip());
