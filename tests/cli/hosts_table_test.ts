import { assertEquals, assertLess } from "@std/assert";
import { hostsTable } from "../../src/cli/stats/hosts_table.ts";
import type { HostStats } from "../../src/record/counters.ts";

const host = (stats: Partial<HostStats>): HostStats => ({
  ...{ logged: 1000, lost: 0, sent: 1000, received: 1000, repeated: 0, missing: 0 },
  ...{ lastSeenMs: 0, stopped: 0 },
  ...stats,
});

Deno.test("hosts stand in rows, with their sum", () => {
  const hosts = {
    web: host({ lastSeenMs: 98_000, repeated: 3 }),
    "gate\x1b]0;": host({ lost: 1_234_567_890, lastSeenMs: -7_200_000, missing: 20 }),
    "a-very-long-name.example": host({ logged: 12_345_678_901, stopped: 1 }),
  };
  assertEquals(hostsTable(hosts, 100_000), [
    "host                logged    lost       sent   received repeated missing   seen",
    "a-very-long-n…      12.35G       0      1,000      1,000        0       0  ended",
    "gate\\u001b]0;        1,000   1.23G      1,000      1,000        0      20    2 h",
    "web                  1,000       0      1,000      1,000        3       0    2 s",
    "3 hosts             12.35G   1.23G      3,000      3,000        3      20",
  ]);
});

Deno.test("of many hosts those are shown that need a look", () => {
  const hosts = Object.fromEntries(
    Array.from({ length: 100 }, (_, index) => [`h${index}`, host({ lastSeenMs: index })]),
  );
  const lines = hostsTable({ ...hosts, bad: host({ missing: 1, lastSeenMs: 1e6 }) }, 1e6);
  assertLess(lines.length, 45);
  assertEquals(lines.filter((line) => /^bad /.test(line)).length, 1);
  assertEquals(lines.filter((line) => /^h99 /.test(line)).length, 0);
  assertEquals(lines.at(-1), "61 more hosts, which --json has");
});

Deno.test("what a centre before this one took counts as received", () => {
  const hosts = { web: host({ sent: 8267, received: 1, earlier: 8266, lastSeenMs: 0 }) };
  assertEquals(hostsTable(hosts, 1000).slice(1), [
    "web                  1,000       0      8,267      8,267        0       0    1 s",
    "received has 8,266 records from before this nfscribe started",
  ]);
});
