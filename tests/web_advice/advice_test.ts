import { assertEquals, assertStringIncludes } from "@std/assert";
import type { Stats } from "../../src/daemon/telemetry/stats_client.ts";
import { advice, type Circumstances } from "../../src/web/advice/advice.ts";

const FEED = { target: "NFLOG", group: 1, copyRange: 0 } as const;
const SOURCE = { received: 0, lost: 0, malformed: 0, foreign: 0 };
const OUTPUT = { written: 0, bytes: 0, failed: 0, dropped: 0, spooled: 0, filtered: 0, emitted: 0 };
const FILTER = { passed: 0, dropped: 0, failed: 0, timedOut: 0 };

function stats(received: number, change: Partial<Stats> = {}): Stats {
  return {
    sources: { "nflog:1": { ...SOURCE, received } },
    filter: { ...FILTER, passed: received },
    outputs: { sqlite: { ...OUTPUT, written: received } },
    ...change,
  };
}

const WELL: Circumstances = {
  store: {
    kinds: [{ kind: "packet", newestMs: 1 }, { kind: "flow", newestMs: 1 }],
    hosts: [],
    where: "fw.db",
    isReadOnly: true,
    mayWrite: false,
  } as Exclude<Circumstances["store"], undefined>,
  hasPayload: true,
  stats: stats(7),
  socket: "/run/nfscribe/stats.sock",
  feeds: () => [{ name: "nflog:1", feed: FEED }],
  named: " -c fw.toml",
  storeNamed: " -c fw.toml",
  example: "nfscribe run --group 1 --sqlite fw.db --web",
  flowSource: "[[source]]",
  flowSources: () => [],
};

/** Returns the subjects and states of findings, and the commands. */
function told(change: Partial<Circumstances>): string[] {
  return advice({ ...WELL, ...change }).nothing.map(({ check, state, commands = [] }) =>
    [check, state, ...commands].join("; ")
  );
}

const DOCTOR = "doctor; note; nfscribe doctor -c fw.toml";

Deno.test("advice() only names doctor where nothing is missing", () => {
  assertEquals(told({}), [DOCTOR]);
  assertEquals(advice(WELL).rules, []);
});

Deno.test("advice() prints the rules of a group that has received nothing", () => {
  assertEquals(told({ stats: stats(0) })[0], "rules nflog:1; fix; nfscribe rules -c fw.toml");
  const [nft, iptables, ...more] = advice({ ...WELL, stats: stats(0) }).rules;
  assertEquals(more, []);
  assertStringIncludes(nft!, "# nft: new connections to group 1\nnft -f - <<'END'\n");
  assertStringIncludes(nft!, 'ct state new counter log prefix "input" group 1');
  assertStringIncludes(iptables!, "ip6tables -I FORWARD -m conntrack --ctstate NEW -j NFLOG");
});

Deno.test("advice() names the group where there is no configuration", () => {
  const found = advice({ ...WELL, named: "", stats: stats(0) });
  assertEquals(found.nothing[0]?.commands, ["nfscribe rules --group 1"]);
  assertEquals(found.rules.length, 2);
});

Deno.test("advice() tells what is wrong with the store", () => {
  assertEquals(
    told({ store: undefined })[0],
    "store; fix; nfscribe run --group 1 --sqlite fw.db --web",
  );
  assertEquals(
    told({ store: { problem: "cannot be opened" } })[0],
    "store; fix; nfscribe db init -c fw.toml",
  );
  const missing = { named: "", storeNamed: " --sqlite fw.db", store: { problem: "is not there" } };
  assertEquals(told(missing)[0], "store; fix; nfscribe run --group 1 --sqlite fw.db --web");
  const empty = { ...WELL.store, kinds: [{ kind: "packet" }, { kind: "flow" }] };
  assertEquals(told({ store: empty as typeof WELL.store })[0], "flows; note; [[source]]");
  const store = { ...WELL.store, kinds: [] } as unknown as Exclude<
    Circumstances["store"],
    undefined
  >;
  assertEquals(told({ store }), [
    "table of packets; fix; nfscribe db init -c fw.toml",
    "flows; note; [[source]]",
    DOCTOR,
  ]);
});

Deno.test("advice() tells that nfscribe is away or refuses its configuration", () => {
  assertEquals(told({ stats: null }), [
    "running nfscribe; fix; systemctl start nfscribe; nfscribe run -c fw.toml",
    "rules nflog:1; note; nfscribe rules -c fw.toml",
    DOCTOR,
  ]);
  assertEquals(
    told({ stats: stats(7, { refusal: "x" }) })[0],
    "last reload; fix; nfscribe check -c fw.toml",
  );
  assertEquals(told({ stats: undefined, feeds: () => [] })[0], "running nfscribe; note");
});

Deno.test("advice() tells where packets have stayed", () => {
  const dropped = stats(7, { filter: { ...FILTER, dropped: 7 } });
  assertEquals(told({ stats: dropped })[0], "filter; fix; nfscribe check -c fw.toml");
  const spooled = stats(7, { outputs: { postgres: { ...OUTPUT, spooled: 7 } } });
  const { check, message } = advice({ ...WELL, stats: spooled }).nothing[0]!;
  assertEquals([check, message], [
    "output postgres",
    "7 records wait in its spool, and none is written",
  ]);
});

Deno.test("advice() tells how the bytes of packets are stored", () => {
  assertEquals(told({ hasPayload: false }), ["payload; note", DOCTOR]);
  assertEquals(told({ hasPayload: undefined }), [DOCTOR]);
});

Deno.test("advice() tells why there are no flows, though a source takes them", () => {
  const store = { ...WELL.store, kinds: [{ kind: "packet" }] } as typeof WELL.store;
  const flowSources = () => ["conntrack"];
  const source = { received: 0, lost: 0, malformed: 0, foreign: 0 };
  const silent = stats(7, { sources: { ...stats(7).sources, conntrack: source } });
  const [untracked] = advice({ ...WELL, store, flowSources, stats: silent }).nothing;
  assertEquals(untracked?.message, "conntrack has received no event");
  assertStringIncludes(
    untracked!.commands![0]!,
    "\nnft add rule inet tracked prerouting ct state new",
  );
  const told = stats(7, { sources: { conntrack: { ...source, received: 7 } } });
  const [tracked] = advice({ ...WELL, store, flowSources, stats: told }).nothing
    .filter(({ check }) => check === "flows");
  assertEquals([tracked?.message, tracked?.commands], ["fw.db has none", undefined]);
});
