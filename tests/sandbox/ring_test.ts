import { assertEquals } from "@std/assert";
import { Awaited } from "../../src/sandbox/wakeup.ts";
import { Ring, ringBytes } from "../../src/sandbox/ring.ts";
import { Kind, NO_PACKET, Slot, State } from "../../src/sandbox/slot.ts";

/** Maps a ring twice on the same memory. */
function twoRings(slots: number, areas: number): [Ring, Ring] {
  const size = { slots, areas };
  const parts = new Map<string, ArrayBuffer>();
  const total = ringBytes(size);
  const part = (offset: number, length: number) => {
    if (offset + length > total) throw new RangeError("outside of the memory");
    const known = parts.get(`${offset}+${length}`) ?? new ArrayBuffer(length);
    parts.set(`${offset}+${length}`, known);
    return known;
  };
  return [new Ring(size, part), new Ring(size, part)];
}

Deno.test("Two mappings of a ring see the same slots", () => {
  const [one, other] = twoRings(2, 2);
  const [mine, theirs] = [one.slots[1]!, other.slots[1]!];
  mine.clear(Kind.PACKETS);
  mine.memory.bytes[5] = 7;
  mine.addDatagram({
    source: 3,
    offset: 4,
    size: 100,
    seconds: 0x1_2345_6789,
    nanoseconds: 999_999_999,
    messages: 2,
  });
  mine.state = State.DISPATCHED;
  assertEquals(theirs.state, State.DISPATCHED);
  assertEquals(theirs.memory.bytes[5], 7);
  assertEquals(theirs.datagrams, 1);
  assertEquals([theirs.sourceOf(0), theirs.offsetOf(0), theirs.sizeOf(0)], [3, 4, 100]);
  assertEquals([theirs.secondsOf(0), theirs.nanosecondsOf(0)], [0x1_2345_6789, 999_999_999]);
  assertEquals(theirs.messagesOf(0), 2);
  assertEquals([theirs.skipDatagram, theirs.currentPosition], [NO_PACKET, NO_PACKET]);
  assertEquals(other.slots[0]!.datagrams, 0);

  theirs.countOutput(0, { length: 0, packets: 0, unfit: 1, filtered: 1, emitted: 0 });
  theirs.countOutput(1, { length: 115, packets: 2, unfit: 0, filtered: 0, emitted: 1 });
  theirs.countVerdicts(1, 2, 3);
  const report = { received: 5, malformed: 1, lost: 2, firstSeq: 0xffff_fffe, nextSeq: 3 };
  theirs.report(0, report);
  theirs.resumeAt(0, 44);
  assertEquals(other.release(theirs, State.FULL), false);
  assertEquals(mine.state, State.FULL);
  assertEquals([mine.lengthOf(1), mine.packetsOf(1), mine.emittedOf(1)], [115, 2, 1]);
  assertEquals([mine.lengthOf(0), mine.unfitOf(0), mine.filteredOf(0)], [0, 1, 1]);
  assertEquals([mine.passed, mine.dropped, mine.failed], [1, 2, 3]);
  assertEquals(mine.reportOf(0), report);
  assertEquals([mine.resumeDatagram, mine.resumePosition], [0, 44]);

  mine.clearResults();
  assertEquals([theirs.lengthOf(1), theirs.packetsOf(1), theirs.passed], [0, 0, 0]);
  assertEquals(theirs.datagrams, 1);
});

Deno.test("A copy of a slot's words does not change any more", () => {
  const [one] = twoRings(1, 1);
  const slot = one.slots[0]!;
  slot.countVerdicts(1, 2, 3);
  const copy = Slot.forCopies(1);
  copy.copyFrom(slot);
  slot.countVerdicts(10, 10, 10);
  slot.countOutput(0, { length: 9, packets: 9, unfit: 9, filtered: 9, emitted: 9 });
  assertEquals([copy.passed, copy.dropped, copy.failed, copy.lengthOf(0)], [1, 2, 3, 0]);
});

Deno.test("A report without sequence numbers reads as such", () => {
  const [{ slots }] = twoRings(1, 1);
  const report = { received: 1, malformed: 1, lost: 0, firstSeq: -1, nextSeq: -1 };
  slots[0]!.report(0, report);
  assertEquals(slots[0]!.reportOf(0), report);
});

Deno.test("Slots are dispatched in order, in turn, also when the count wraps", () => {
  const [mine, theirs] = twoRings(2, 1);
  for (const first of [0, 0xffff_fffe]) {
    const taken = [];
    for (let index = first; index < first + 5; index++) {
      mine.dispatch(index % 2, index);
      assertEquals(theirs.dispatched, (index + 1) | 0);
      taken.push(theirs.slots.indexOf(theirs.dispatchedAt(index | 0)));
    }
    assertEquals(taken, [0, 1, 0, 1, 0]);
  }
});

Deno.test("Each side knows whether it must wake the other", () => {
  const [mine, theirs] = twoRings(1, 1);
  assertEquals(mine.call(), false);
  theirs.sleeps = true;
  assertEquals([mine.call(), theirs.calls], [true, 2]);
  const slot = theirs.slots[0]!;
  const wakes = (awaited: number) => {
    mine.awaited = awaited;
    return [theirs.release(slot, State.FULL), theirs.release(slot, State.DONE)];
  };
  assertEquals(wakes(Awaited.NOTHING), [false, false]);
  assertEquals(wakes(Awaited.FULL), [true, false]);
  assertEquals(wakes(Awaited.ANY), [true, true]);
});
