import { assertEquals, assertStringIncludes } from "@std/assert";
import { HostWatch } from "../../../src/daemon/telemetry/host_watch.ts";
import type { HostStats } from "../../../src/record/counters.ts";

const host = (stats: Partial<HostStats>): HostStats => ({
  ...{ logged: 0, lost: 0, sent: 0, received: 0, repeated: 0, missing: 0 },
  ...{ lastSeenMs: 0, stopped: 0 },
  ...stats,
});

Deno.test("a host that falls silent is logged once, and when it is back", () => {
  const watch = new HostWatch(60_000);
  const hosts = { gate: host({ lastSeenMs: 1000 }), edge: host({ lastSeenMs: 100_000 }) };
  assertEquals(watch.check(hosts, 61_000), []);
  const [silent, ...more] = watch.check(hosts, 61_001);
  assertEquals([silent!.level, silent!.fields, more], ["warn", { hosts: "gate" }, []]);
  assertStringIncludes(silent!.message, "A host is silent");
  assertEquals(watch.notes(hosts, 61_001), ["A host is silent for 60 s: gate"]);
  assertEquals(watch.silent(hosts, 61_001), 1);
  assertEquals(watch.check(hosts, 62_000), []);
  const [back] = watch.check({ ...hosts, gate: host({ lastSeenMs: 70_000 }) }, 70_000);
  assertEquals([back!.level, back!.message], ["info", "A host is back"]);
});

Deno.test("a host that said that it ends is not silent", () => {
  const watch = new HostWatch(60_000);
  assertEquals(watch.check({ gate: host({ stopped: 1 }) }, 1e9), []);
});

Deno.test("many hosts are named in one message, whose names act on no terminal", () => {
  const watch = new HostWatch(60_000);
  const names = ["a\x1b[2J", ..."bcdefgh"];
  const hosts = Object.fromEntries(names.map((name) => [name, host({})]));
  const [silent] = watch.check(hosts, 1e9);
  assertStringIncludes(silent!.message, "8 hosts are silent");
  assertEquals(silent!.fields, { hosts: "a\\u001b[2J, b, c, d, e and 3 more" });
});

Deno.test("missing records are logged, at a limited rate", () => {
  const watch = new HostWatch(1e12);
  const check = (missing: number, nowMs: number) =>
    watch.check({ gate: host({ missing }) }, nowMs).map(({ fields }) => fields);
  assertEquals(check(5, 20_000), [{ missing: 5, in_total: 5, hosts: "gate" }]);
  assertEquals(check(7, 25_000), []);
  assertEquals(check(9, 30_000), [{ missing: 4, in_total: 9, hosts: "gate" }]);
  assertEquals(check(9, 50_000), []);
});
