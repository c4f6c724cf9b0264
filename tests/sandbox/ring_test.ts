import { assertEquals } from "@std/assert";
import { Events, Mailbox } from "../../src/sandbox/mailbox.ts";
import { makeRing, Ring } from "../../src/sandbox/ring.ts";
import { Kind, State } from "../../src/sandbox/slot.ts";

Deno.test("Two looks at a ring see the same slots", async () => {
  const events = new Events();
  const shared = makeRing(2, 2, events.shared);
  const [one, other] = [new Ring(shared), new Ring(shared)];
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
  mine.state = State.DEALT;
  assertEquals(theirs.state, State.DEALT);
  assertEquals(theirs.memory.bytes[5], 7);
  assertEquals(theirs.datagrams, 1);
  assertEquals([theirs.sourceOf(0), theirs.offsetOf(0), theirs.sizeOf(0)], [3, 4, 100]);
  assertEquals([theirs.secondsOf(0), theirs.nanosecondsOf(0)], [0x1_2345_6789, 999_999_999]);
  assertEquals(theirs.messagesOf(0), 2);
  assertEquals(other.slots[0]!.datagrams, 0);

  theirs.countOutput(0, { length: 0, packets: 0, unfit: 1, filtered: 1, emitted: 0 });
  theirs.countOutput(1, { length: 115, packets: 2, unfit: 0, filtered: 0, emitted: 1 });
  theirs.countVerdicts(1, 2, 3);
  const report = { received: 5, malformed: 1, lost: 2, firstSeq: 0xffff_fffe, nextSeq: 3 };
  theirs.report(0, report);
  theirs.resumeAt(0, 44);
  const seen = events.count;
  const told = events.after(seen);
  other.giveBack(theirs, State.FULL);
  await told;
  assertEquals(events.count, seen + 1);
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

Deno.test("A report without numbers says so", () => {
  const { slots } = new Ring(makeRing(1, 1, new Events().shared));
  const report = { received: 1, malformed: 1, lost: 0, firstSeq: -1, nextSeq: -1 };
  slots[0]!.report(0, report);
  assertEquals(slots[0]!.reportOf(0), report);
});

Deno.test("A mailbox hands slots on in order, round and round", async () => {
  const mine = new Mailbox(2);
  const theirs = new Mailbox(mine.shared);
  assertEquals(theirs.waitMore(0, 1), false);
  const more = theirs.moreThan(0);
  const taken = [];
  for (let index = 0; index < 5; index++) {
    mine.put(index % 2);
    assertEquals(theirs.count, index + 1);
    taken.push(theirs.at(index));
  }
  await more;
  assertEquals(taken, [0, 1, 0, 1, 0]);
});
