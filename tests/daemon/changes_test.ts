import { assertEquals } from "@std/assert";
import type { Config } from "../../src/config/config.ts";
import { changesOf } from "../../src/daemon/changes.ts";

const NFLOG = { name: "nflog:1", type: "nflog", options: { group: 1 } };
const PCAP = { name: "pcap", type: "pcap", options: { path: "a.pcap" } };
const OLD: Config = {
  sources: [NFLOG],
  outputs: [PCAP],
  filter: undefined,
  actions: {},
  log: { file: "-", level: "info", format: "text" },
  stats: {},
  stopTimeoutMs: 1000,
};

function changes(next: Partial<Config>) {
  const { keptSources, keptOutputs, filter, later } = changesOf(OLD, { ...OLD, ...next });
  return { sources: [...keptSources], outputs: [...keptOutputs], filter, later };
}

const SAME = { sources: ["nflog:1"], outputs: ["pcap"], filter: false, later: [] };

Deno.test("The same configuration changes nothing", () => {
  assertEquals(changes({}), SAME);
  assertEquals(changes(structuredClone(OLD)), SAME);
});

Deno.test("A part with other options is another one, whatever its name", () => {
  const group = { ...NFLOG, options: { group: 2 } };
  assertEquals(changes({ sources: [group] }), { ...SAME, sources: [], filter: true });
  const type = { ...PCAP, type: "logemu" };
  assertEquals(changes({ outputs: [type] }), { ...SAME, outputs: [], filter: true });
});

Deno.test("Other actions replace the sandboxes, and nothing else", () => {
  assertEquals(changes({ actions: { "DROP*": "drop" } }), { ...SAME, filter: true });
});

Deno.test("A source whose packets go elsewhere stays open, and sandboxes are made anew", () => {
  const second = { ...PCAP, name: "second", options: { path: "b.pcap" } };
  const next = { sources: [{ ...NFLOG, outputs: ["pcap"] }], outputs: [PCAP, second] };
  assertEquals(changes(next), { ...SAME, filter: true });
});

Deno.test("An output that another one follows stays open, in whatever order", () => {
  const second = { ...PCAP, name: "second", options: { path: "b.pcap" } };
  assertEquals(changes({ outputs: [second, PCAP] }), { ...SAME, filter: true });
});

Deno.test("Keys that only a start looks at are named, and nothing else happens", () => {
  const next = {
    user: "nobody",
    log: { ...OLD.log, level: "debug" as const },
    stats: { socket: "x" },
  };
  assertEquals(changes(next as Partial<Config>), { ...SAME, later: ["user", "log", "stats"] });
  assertEquals(changes({ stopTimeoutMs: 5 }), SAME);
});

Deno.test("A source with other options or another name is adjusted where its type can be", () => {
  const adjusted = (
    part: object,
    adjusts: (type: string) => boolean = (type) => type === "nflog",
  ) => {
    const next = { ...OLD, sources: [{ ...NFLOG, ...part }] } as Config;
    return [...changesOf(OLD, next, adjusts).adjustedSources];
  };
  const options = { group: 1, copyRange: 40 };
  assertEquals(adjusted({}), []);
  assertEquals(adjusted({ options }), [["nflog:1", "nflog:1"]]);
  assertEquals(adjusted({ name: "web" }), [["web", "nflog:1"]]);
  assertEquals(adjusted({ options }, () => false), []);
  assertEquals(adjusted({ options: { group: 2 } }), []);
  assertEquals(adjusted({ options: { group: 1, netns: "/run/netns/a" } }), []);
});
