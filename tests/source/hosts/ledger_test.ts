import { assertEquals } from "@std/assert";
import { addHosts } from "../../../src/source/hosts/add_hosts.ts";
import { FURTHER_HOSTS, HostLedger } from "../../../src/source/hosts/ledger.ts";

const MESSAGE = { host: "gate", session: "a", source: "nflog:1", kind: "packet" };
const SAID = { host: "gate", isStopping: false, logged: 100, lost: 10, sent: 90 };

/** Sends records; each entry is the number of the first one, and how many they are. */
function arrive(ledger: HostLedger, messages: readonly [first: number, records: number][]) {
  for (const [first, records] of messages) ledger.message({ ...MESSAGE, first, records }, 1000);
  return ledger.hosts.get("gate")!;
}

Deno.test("records in order are received, and none is missing", () => {
  const { received, missing } = arrive(new HostLedger(), [[0, 5], [5, 7], [12, 1]]);
  assertEquals([received, missing], [13, 0]);
});

Deno.test("a gap is missing, and what comes late is not", () => {
  const ledger = new HostLedger();
  assertEquals(arrive(ledger, [[0, 5], [15, 5]]).missing, 10);
  const { received, missing } = arrive(ledger, [[5, 4], [20, 1]]);
  assertEquals([received, missing], [15, 6]);
});

Deno.test("what was sent before this process began is not missing", () => {
  assertEquals(arrive(new HostLedger(), [[1000, 5], [1005, 5]]).missing, 0);
  const ledger = new HostLedger();
  ledger.message({ ...MESSAGE, first: undefined, records: 5 }, 1);
  const { received, missing } = arrive(ledger, [[7, 1]]);
  assertEquals([received, missing], [6, 0]);
});

Deno.test("sources, kinds and sessions are numbered apart", () => {
  const ledger = new HostLedger();
  ledger.message({ ...MESSAGE, first: 0, records: 5 }, 1);
  ledger.message({ ...MESSAGE, source: "nflog:2", first: 0, records: 5 }, 1);
  ledger.message({ ...MESSAGE, kind: "flow", first: 0, records: 5 }, 1);
  ledger.message({ ...MESSAGE, session: "b", first: 0, records: 5 }, 1);
  const { received, missing } = arrive(ledger, [[5, 5]]);
  assertEquals([received, missing], [25, 0]);
});

Deno.test("repeats are no records that were received", () => {
  const ledger = new HostLedger();
  ledger.repeated("gate", 5, 2000);
  const { received, repeated, lastSeenMs } = arrive(ledger, [[0, 5]]);
  assertEquals([received, repeated, lastSeenMs], [5, 5, 2000]);
});

Deno.test("figures that a host tells are added up over its runs", () => {
  const ledger = new HostLedger();
  ledger.status({ ...SAID, session: "a" }, 1);
  ledger.status({ ...SAID, session: "a", logged: 200, sent: 190 }, 2);
  ledger.status({ ...SAID, session: "b", isStopping: true }, 3);
  const { logged, lost, sent, stopped } = ledger.hosts.get("gate")!;
  assertEquals([logged, lost, sent, stopped], [300, 20, 280, 1]);
  // Taken later, and sent before.
  ledger.message({ ...MESSAGE, first: 0, records: 1 }, 2);
  assertEquals(ledger.hosts.get("gate")!.stopped, 1);
  assertEquals(arrive(ledger, [[1, 1]]).stopped, 0);
});

Deno.test("hosts are bounded: further ones are counted together", () => {
  const ledger = new HostLedger();
  for (let host = 0; host < 20_010; host++) {
    ledger.message({ ...MESSAGE, host: `h${host}`, first: 0, records: 2 }, 1);
  }
  assertEquals(ledger.hosts.size, 20_001);
  assertEquals(ledger.hosts.get(FURTHER_HOSTS)!.received, 20);
});

Deno.test("hosts of several sources: records are added, what a host says is not", () => {
  const [one, two] = [new HostLedger(), new HostLedger()];
  for (const ledger of [one, two]) ledger.status({ ...SAID, session: "a" }, 5);
  arrive(one, [[0, 5]]);
  two.message({ ...MESSAGE, kind: "flow", first: 0, records: 3 }, 9000);
  assertEquals(addHosts([one.hosts, two.hosts]), {
    gate: {
      ...{ logged: 100, lost: 10, sent: 90, received: 8, earlier: 0, repeated: 0, missing: 0 },
      ...{ lastSeenMs: 9000, stopped: 0 },
    },
  });
  assertEquals(addHosts([]), undefined);
  assertEquals(addHosts([new HostLedger().hosts]), {});
});

Deno.test("what was sent before this process began counts once for each run", () => {
  const ledger = new HostLedger();
  const earlier = () => ledger.hosts.get("gate")!.earlier;
  ledger.status({ ...SAID, session: "a" }, 1);
  ledger.status({ ...SAID, session: "a", sent: 95 }, 2);
  assertEquals(earlier(), 90);
  ledger.message({ ...MESSAGE, session: "a:0", first: 80, records: 5 }, 3);
  assertEquals(earlier(), 80);
  ledger.message({ ...MESSAGE, session: "a:1", first: 85, records: 5 }, 4);
  ledger.message({ ...MESSAGE, session: "b:1", first: 0, records: 5 }, 5);
  assertEquals(earlier(), 80);
});
