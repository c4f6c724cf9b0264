import { assert, assertEquals } from "@std/assert";
import type { Counter } from "../../../src/counter/counter.ts";
import { be32 } from "../../../src/netlink/attribute.ts";
import * as c from "../../../src/netlink/accounting/constants.ts";
import {
  EARLIER,
  MARK_NANOSECONDS,
  PARTIAL,
  WHOLE,
} from "../../../src/netlink/accounting/marks.ts";
import { AccountingDecoder } from "../../../src/source/accounting/decoder.ts";
import { counterOf, decodeAll } from "../../counter/sample.ts";
import { concat } from "../../packet/sample.ts";
import { account, be64, mark, named, object } from "./sample.ts";

const START = 1_800_000_000;

/** Shows what was counted. */
function shown({ name, packets, bytes, interval, restarted }: Counter): unknown[] {
  return [name, packets, bytes, interval, ...restarted ? ["restarted"] : []];
}

/** A decoder with readings at intervals of ten seconds. */
class Readings {
  readonly #decoder: AccountingDecoder;
  #number = 0;

  constructor(decoder = new AccountingDecoder()) {
    this.#decoder = decoder;
  }

  /** Decodes a reading. */
  take(
    make: (reading: number) => Uint8Array[],
    { end = WHOLE, isEarlier = false } = {},
  ): unknown[] {
    const reading = ++this.#number;
    const parts = [
      ...isEarlier ? [mark(EARLIER, reading, START + 10 * reading)] : [],
      ...make(reading),
      mark(end, reading),
    ];
    return decodeAll(concat(...parts), this.#decoder, START + 10 * reading).map(shown);
  }

  /** Decodes a reading of one object of nfacct. */
  web(packets: number, bytes: number, how = {}): unknown[] {
    return this.take((reading) => [account("web", { packets, bytes, reading })], how);
  }
}

Deno.test("An object of nfacct has its name, counts and quota", () => {
  const quota = c.NFACCT_F_QUOTA_BYTES | c.NFACCT_F_OVERQUOTA;
  const counter = counterOf(account("web", { packets: 3, bytes: 180, quota: 100, flags: quota }));
  assertEquals(counter.toJSON(), {
    type: "counter",
    version: 1,
    time: "2026-11-28T07:52:34.980497Z",
    seq: 7,
    object: "nfacct",
    name: "web",
    totalPackets: 3,
    totalBytes: 180,
    quota: { bytes: 100, exceeded: true },
  });
  const packets = { packets: 0, bytes: 0, quota: 5, flags: c.NFACCT_F_QUOTA_PKTS };
  assertEquals(counterOf(account("q", packets)).quota, { packets: 5, exceeded: false });
});

Deno.test("A named counter of nftables has family, table and name", () => {
  const { family, table, name, object, totalPackets, totalBytes } = counterOf(
    named("filter", "hits", { packets: 2, bytes: 2n ** 40n, family: 10 }),
  );
  assertEquals(
    [family, table, name, object, totalPackets, totalBytes],
    ["ip6", "filter", "hits", "nft", 2, 2 ** 40],
  );
});

Deno.test("A total of 64 bits that is no exact number is absent", () => {
  const { totalPackets, totalBytes } = counterOf(
    account("web", { packets: 2n ** 64n - 1n, bytes: 2n ** 53n - 1n }),
  );
  assertEquals([totalPackets, totalBytes], [undefined, Number.MAX_SAFE_INTEGER]);
});

Deno.test("Differences of counts above 2^53 are exact", () => {
  const readings = new Readings();
  const at = (bytes: bigint) =>
    readings.take((reading) => [account("web", { packets: 2n ** 64n - 9n, bytes, reading })]);
  at(2n ** 53n - 1n);
  assertEquals(at(2n ** 53n + 2n), [["web", 0, 3, 10]]);
  assertEquals(at(2n ** 56n), [["web", 0, undefined, 10]]);
  assertEquals(at(2n ** 56n + 2n ** 32n - 1n), [["web", 0, 2 ** 32 - 1, 10]]);
  assertEquals(at(2n ** 56n + 2n ** 32n), [["web", 0, 1, 10]]);
  // Less than before: reset by another program, but its packets are beyond exact numbers.
  assertEquals(at(2n ** 32n + 5n), [["web", undefined, 2 ** 32 + 5, 10, "restarted"]]);
});

Deno.test("Counts are the difference to the last reading", () => {
  const readings = new Readings();
  assertEquals(readings.web(100, 5000, { isEarlier: true }), []);
  assertEquals(readings.web(103, 5180), [["web", 3, 180, 10]]);
  assertEquals(readings.web(103, 5180), [["web", 0, 0, 10]]);
});

Deno.test("Without a reading before, counts are unknown, not 0 and not the total", () => {
  const readings = new Readings();
  assertEquals(readings.web(100, 5000), [["web", undefined, undefined, undefined]]);
  assertEquals(readings.web(101, 5050), [["web", 1, 50, 10]]);
});

Deno.test("After a reset by another program counts are what came since then, never less than 0", () => {
  const readings = new Readings();
  readings.web(100, 5000, { isEarlier: true });
  assertEquals(readings.web(2, 80), [["web", 2, 80, 10, "restarted"]]);
  assertEquals(readings.web(5, 200), [["web", 3, 120, 10]]);
  // Packets alone tell it, too.
  assertEquals(readings.web(4, 6000), [["web", 4, 6000, 10, "restarted"]]);
});

Deno.test("A counter that is made anew counts from its beginning, though it has counted more", () => {
  const readings = new Readings();
  const hits = (packets: number, handle: number) => (reading: number) => [
    named("filter", "hits", { packets, bytes: packets * 40, handle, reading }),
  ];
  readings.take(hits(5, 1), { isEarlier: true });
  assertEquals(readings.take(hits(9, 2)), [["hits", 9, 360, 10, "restarted"]]);
  assertEquals(readings.take(hits(10, 2)), [["hits", 1, 40, 10]]);
});

Deno.test("A new object counts from its beginning, and one that vanished is forgotten", () => {
  const readings = new Readings();
  readings.web(1, 40, { isEarlier: true });
  const both = (reading: number) => [
    account("web", { packets: 1, bytes: 40, reading }),
    account("mail", { packets: 7, bytes: 700, reading }),
  ];
  assertEquals(readings.take(both), [["web", 0, 0, 10], ["mail", 7, 700, 10, "restarted"]]);
  assertEquals(readings.web(2, 80), [["web", 1, 40, 10]]);
  assertEquals(readings.take(both), [
    ["web", 1, 40, 10, "restarted"],
    ["mail", 7, 700, 10, "restarted"],
  ]);
});

Deno.test("A reading that may lack objects forgets none, and what is new since a whole one is known", () => {
  const readings = new Readings();
  readings.web(1, 40, { isEarlier: true });
  assertEquals(readings.take(() => [], { end: PARTIAL }), []);
  assertEquals(readings.web(4, 160), [["web", 3, 120, 20]]);
  readings.web(4, 160, { end: PARTIAL });
  const other = (reading: number) => [account("mail", { packets: 7, bytes: 700, reading })];
  assertEquals(readings.take(other, { end: PARTIAL }), [["mail", 7, 700, 20, "restarted"]]);
  assertEquals(readings.take(other), [["mail", 0, 0, 10]]);
});

Deno.test("After a first reading that may lack objects none is taken for new", () => {
  const readings = new Readings();
  readings.web(1, 40, { isEarlier: true, end: PARTIAL });
  const mail = (reading: number) => [account("mail", { packets: 7, bytes: 700, reading })];
  assertEquals(readings.take(mail), [["mail", undefined, undefined, undefined]]);
});

Deno.test("Tables and families with the same names do not share counts", () => {
  const readings = new Readings();
  const all = (packets: number) => (reading: number) =>
    [[1, "a"], [1, "b"], [2, "a"]].map(([family, table], index) =>
      named(table as string, "hits", {
        ...{ packets: packets * (index + 1), bytes: 0, family: family as number, reading },
      })
    );
  readings.take(all(10), { isEarlier: true });
  assertEquals(readings.take(all(11)), [1, 2, 3].map((n) => ["hits", n, 0, 10]));
});

Deno.test("With reset, counts are those of the message, and the interval is that of the readings", () => {
  const readings = new Readings(new AccountingDecoder({ reset: true }));
  assertEquals(readings.web(5, 200), [["web", 5, 200, undefined]]);
  assertEquals(readings.web(3, 120), [["web", 3, 120, 10]]);
  const [counter] = decodeAll(
    account("web", { packets: 1, bytes: 2 }),
    new AccountingDecoder({ reset: true }),
  );
  assertEquals([counter!.totalPackets, counter!.totalBytes], [undefined, undefined]);
});

Deno.test("A first reading with reset does not count once more what the reading before had", () => {
  const readings = new Readings(new AccountingDecoder({ reset: true }));
  readings.web(100, 5000, { isEarlier: true });
  assertEquals(readings.web(103, 5180), [["web", 3, 180, 10]]);
  // Those that follow have no counts of the reading before, though they count less.
  assertEquals(readings.web(4, 200), [["web", 4, 200, 10]]);
  assertEquals(readings.web(150, 7500), [["web", 150, 7500, 10]]);
  assertEquals(readings.web(151, 7501), [["web", 151, 7501, 10]]);
});

Deno.test("An object that a first reading with reset missed has its older counts once", () => {
  const readings = new Readings(new AccountingDecoder({ reset: true }));
  readings.take((reading) => [
    account("web", { packets: 100, bytes: 5000, reading }),
    account("mail", { packets: 10, bytes: 500, reading }),
  ], { isEarlier: true });
  assertEquals(readings.web(103, 5180, { end: PARTIAL }), [["web", 3, 180, 10]]);
  const both = (reading: number) => [
    account("web", { packets: 120, bytes: 6000, reading }),
    account("mail", { packets: 17, bytes: 850, reading }),
  ];
  assertEquals(readings.take(both), [["web", 120, 6000, 10], ["mail", 7, 350, 20]]);
  assertEquals(readings.take(both), [["web", 120, 6000, 10], ["mail", 17, 850, 10]]);
});

Deno.test("Without reset after readings that did, counts are those since the last of them", () => {
  const readings = new Readings();
  // That is how the reader keeps a reading that reset.
  assertEquals(readings.take(() => [], { isEarlier: true }), []);
  assertEquals(readings.web(4, 200), [["web", 4, 200, 10, "restarted"]]);
  assertEquals(readings.web(9, 450), [["web", 5, 250, 10]]);
});

Deno.test("Objects that counted nothing make a record only if they are asked for", () => {
  for (const reset of [false, true]) {
    const readings = new Readings(new AccountingDecoder({ reset, unchanged: false }));
    readings.web(0, 0, { isEarlier: true });
    assertEquals(readings.web(0, 0), []);
    assertEquals(readings.web(1, 40), [["web", 1, 40, 10]]);
  }
});

Deno.test("Patterns choose names", () => {
  const decoder = new AccountingDecoder({ names: ["web*", "?ail"] });
  const datagram = concat(
    ...["web", "web80", "mail", "e-mail", "ssh"].map((name) =>
      account(name, { packets: 1, bytes: 1 })
    ),
    named("web", "other", { packets: 1, bytes: 1 }),
  );
  assertEquals(decodeAll(datagram, decoder).map(({ name }) => name), ["web", "web80", "mail"]);
  assertEquals([decoder.received, decoder.malformed], [3, 0]);
});

Deno.test("An object without a name, a table or counts is malformed", () => {
  const decoder = new AccountingDecoder();
  const name = { type: c.NFACCT_NAME, value: new TextEncoder().encode("web\0") };
  const packets = { type: c.NFACCT_PKTS, value: be64(1) };
  const bytes = { type: c.NFACCT_BYTES, value: be64(1) };
  const wrong = [
    object(c.NFNL_MSG_ACCT_NEW, [packets, bytes]),
    object(c.NFNL_MSG_ACCT_NEW, [name, packets]),
    object(c.NFNL_MSG_ACCT_NEW, [name, bytes]),
    object(c.NFNL_MSG_ACCT_NEW, [name, { ...packets, value: be32(1) }, bytes]),
    object(c.NFT_MSG_NEWOBJ, [
      { type: c.NFTA_OBJ_NAME, value: name.value },
      { type: c.NFTA_OBJ_TYPE, value: be32(c.NFT_OBJECT_COUNTER) },
    ]),
    // `NFT_OBJECT_QUOTA`
    object(c.NFT_MSG_NEWOBJ, [
      { type: c.NFTA_OBJ_TABLE, value: name.value },
      { type: c.NFTA_OBJ_NAME, value: name.value },
      { type: c.NFTA_OBJ_TYPE, value: be32(2) },
    ]),
  ];
  assertEquals(decodeAll(concat(...wrong), decoder), []);
  assertEquals([decoder.received, decoder.malformed], [wrong.length, wrong.length]);
});

Deno.test("An interval is a number whatever bytes are where a mark has its time", () => {
  const decoder = new AccountingDecoder();
  for (const byte of [0x00, 0x7f, 0xff]) {
    const damaged = mark(EARLIER, 1, START);
    damaged.fill(byte, MARK_NANOSECONDS);
    const counted = (reading: number) => account("web", { packets: 5, bytes: 500, reading });
    decodeAll(concat(damaged, counted(1), mark(WHOLE, 1)), decoder, START);
    const [counter] = decodeAll(concat(counted(2), mark(WHOLE, 2)), decoder, START + 10);
    assert(Number.isFinite(counter!.interval), String(counter!.interval));
  }
});
