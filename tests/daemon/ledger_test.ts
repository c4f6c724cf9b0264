import { assertEquals } from "@std/assert";
import { SourceLedger } from "../../src/daemon/telemetry/ledger.ts";

/** Reports a datagram with numbered packets, none of them malformed. */
function numbered(firstSeq: number, received: number, lost = 0) {
  const nextSeq = (firstSeq + received + lost) >>> 0;
  return { received, malformed: 0, lost, firstSeq, nextSeq };
}

function counts({ received, lost, malformed }: SourceLedger): number[] {
  return [received, lost, malformed];
}

Deno.test("Packets that are missing in and between datagrams are counted, from sequence number 0 on", () => {
  const ledger = new SourceLedger();
  ledger.add(numbered(2, 3));
  assertEquals(counts(ledger), [3, 2, 0]);
  ledger.add(numbered(5, 4, 10));
  assertEquals(counts(ledger), [7, 12, 0]);
  ledger.add(numbered(119, 1));
  assertEquals(counts(ledger), [8, 112, 0]);
});

Deno.test("Sequence numbers wrap after 2^32 - 1", () => {
  const ledger = new SourceLedger();
  ledger.add(numbered(0, 1));
  ledger.add(numbered(0x7000_0000, 1));
  const before = ledger.lost;
  ledger.add(numbered(0xe000_0000, 1));
  ledger.add(numbered(0xffff_ffff, 1));
  ledger.add(numbered(0, 1));
  assertEquals(ledger.lost - before, 0xe000_0000 - 0x7000_0001 + 0xffff_ffff - 0xe000_0001);
});

Deno.test("A malformed datagram counts as one packet", () => {
  const ledger = new SourceLedger();
  ledger.add(numbered(0, 2));
  ledger.add({ received: 1, malformed: 1, lost: 0, firstSeq: -1, nextSeq: -1 });
  ledger.add(numbered(3, 1));
  assertEquals(counts(ledger), [4, 0, 1]);
});

Deno.test("A sequence number that goes back is no loss", () => {
  const ledger = new SourceLedger();
  ledger.add(numbered(10, 1));
  ledger.add(numbered(5, 1));
  assertEquals(ledger.lost, 10);
});

Deno.test("A ledger that continues a sequence counts the packets missing before its first one", () => {
  const former = new SourceLedger();
  former.add(numbered(0, 100));
  assertEquals(former.expected, 100);
  const next = new SourceLedger(former);
  next.add(numbered(103, 7));
  assertEquals([next.received, next.lost, next.expected], [7, 3, 110]);
});

Deno.test("A ledger without an expected number counts from the first packet", () => {
  const ledger = new SourceLedger({ expected: undefined });
  ledger.add({ received: 1, malformed: 1, lost: 0, firstSeq: -1, nextSeq: -1 });
  assertEquals(ledger.expected, undefined);
  ledger.add(numbered(5000, 10));
  ledger.add(numbered(5011, 9));
  assertEquals([ledger.lost, ledger.expected], [1, 5020]);
});

Deno.test("Drops that the kernel counts are counted once, and wrap after 2^32 - 1", () => {
  const ledger = new SourceLedger({ drops: 0xffff_fff0 });
  assertEquals(ledger.newDrops(0xffff_fff5), 5);
  assertEquals(ledger.newDrops(0xffff_fff5), 0);
  assertEquals(ledger.newDrops(3), 14);
  assertEquals(ledger.expected, 3);
  // A malformed event has no number that could move it.
  ledger.add({ received: 1, malformed: 1, lost: 0, firstSeq: -1, nextSeq: -1 });
  assertEquals(ledger.expected, 3);
});
