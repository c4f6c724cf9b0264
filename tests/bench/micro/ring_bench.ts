import { assertEquals } from "@std/assert";
import { Events, Mailbox } from "../../../src/sandbox/mailbox.ts";
import { makeRing, Ring } from "../../../src/sandbox/ring.ts";
import { Kind, State } from "../../../src/sandbox/slot.ts";

const SLOTS = 8;
const events = new Events();
const shared = makeRing(SLOTS, 2, events.shared);
const [mine, theirs] = [new Ring(shared), new Ring(shared)];
const [put, take] = (() => {
  const mailbox = new Mailbox(SLOTS);
  return [mailbox, new Mailbox(mailbox.shared)];
})();
const report = { received: 500, malformed: 0, lost: 0, firstSeq: 0, nextSeq: 500 };
const output = { length: 58_000, packets: 500, unfit: 0, filtered: 0, emitted: 0 };
let dealt = 0;

/** A slot's way to the sandbox and back, both sides on this thread. */
function roundTrip(): number {
  const number = dealt % SLOTS;
  const slot = mine.slots[number]!;
  slot.clear(Kind.PACKETS);
  slot.addDatagram({
    source: 0,
    offset: 0,
    size: 100_000,
    seconds: 1_700_000_000,
    nanoseconds: 0,
    messages: 0,
  });
  slot.state = State.DEALT;
  put.put(number);
  const work = theirs.slots[take.at(dealt++)]!;
  for (let one = 0; one < 2; one++) work.countOutput(one, output);
  work.countVerdicts(500, 0, 0);
  work.report(0, report);
  theirs.giveBack(work, State.DONE);
  return slot.state === State.DONE ? slot.reportOf(0).received + slot.packetsOf(1) : 0;
}

const before = events.count;
assertEquals(roundTrip(), 1000);
assertEquals([take.count, events.count - before], [1, 1]);
Deno.bench("a slot's way to the sandbox and back, on one thread", () => void roundTrip());
