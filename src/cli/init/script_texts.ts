/** The filter script that `nfscribe init` writes, and its test. Pure. */

import type { RecordKind } from "../../record/kind.ts";
import { type InitAnswers, kindsOf } from "./texts.ts";

/** Columns of a line. */
const COLUMNS = 80;

/** Returns the text of filter.ts: an export for each kind of record that the sources make. */
export function filterText(answers: InitAnswers): string {
  const kinds = kindsOf(answers);
  const has = (kind: RecordKind) => kinds.includes(kind);
  const names = [
    ...has("packet") || has("flow") ? ["cidr"] : [],
    ...has("counter") ? ["type CounterFilter"] : [],
    ...has("packet") ? ["type Filter"] : [],
    ...has("flow") ? ["type FlowFilter"] : [],
    ...has("packet") ? ["ports"] : [],
  ];
  const isTypeAlone = names.every((name) => name.startsWith("type "));
  const records = kinds.filter((kind) => kind !== "counter").map((kind) => `${kind}s`);
  const importLine = isTypeAlone
    ? importOf(names.map((name) => name.slice("type ".length)), "nfscribe", "import type")
    : importOf(names, "nfscribe");
  const multicast = records.length === 0 ? [] : [
    `/** Destinations whose ${records.join(" and ")} are dropped. */
const multicast = cidr("224.0.0.0/4", "ff00::/8");
`,
  ];
  return [
    `${importLine}\n`,
    ...multicast,
    ...kinds.map((kind) => EXPORTS[kind](outputsOf(answers, kind))),
  ].join("\n");
}

/** Texts of the exports, by kind, made from the names of outputs. */
const EXPORTS: Readonly<Record<RecordKind, (names: readonly string[]) => string>> = {
  packet: (names) => {
    const last = names.at(-1)!;
    const others = names.slice(0, -1);
    const ping = others.length === 0 ? "" : `, not to ${others.join(" or ")}`;
    return `/** Remote access, of which everything is kept. */
const remote = ports(22, 3389);

/**
 * Asked about every packet. Returns true (all outputs), false (none), or names.
 * Outputs: ${names.join(", ")}. What a first try sends, as a ping, goes to ${last}${ping}.
 */
export default ((packet) => {
  if (multicast.destination(packet)) return false;
  if (remote.destination(packet)) return true;
  return "${last}";
}) satisfies Filter;
`;
  },
  flow: (names) =>
    `/**
 * Asked about every flow. Returns true (all outputs), false (none), or names.
 * Outputs: ${names.join(", ")}.
 */
export const flow: FlowFilter = ({ original }) =>
  !multicast.contains(original.destination);
`,
  counter: (names) =>
    `/**
 * Asked about every counter at each reading: what counted anything is logged.
 * Returns true (all outputs), false (none), or names. Outputs: ${names.join(", ")}.
 */
export const counter: CounterFilter = ({ packets }) => packets !== 0;
`,
};

/** Returns the text of filter_test.ts, which `deno test` runs. Its types fit every filter. */
export function testText(answers: InitAnswers): string {
  const kinds = kindsOf(answers);
  const imports = {
    packet: { types: ["Filter"], testing: ["packet", "type PacketFields"] },
    flow: { types: ["FlowFilter"], testing: ["flow", "type FlowFields"] },
    counter: { types: ["CounterFilter"], testing: ["type AccountFields", "counter"] },
  };
  const types = kinds.flatMap((kind) => imports[kind].types).sort();
  const testing = ["filterContext", ...kinds.flatMap((kind) => imports[kind].testing)]
    .sort((a, b) => bare(a).localeCompare(bare(b)));
  const names = answers.outputs.map(({ type }) => type.type);
  return [
    'import { assertEquals } from "@std/assert";',
    importOf(types, "nfscribe", "import type"),
    importOf(testing, "nfscribe/testing"),
    'import * as script from "./filter.ts";',
    "",
    `const context = filterContext(${JSON.stringify(names).replaceAll(",", ", ")});`,
    kinds.map((kind) => TESTS[kind](outputsOf(answers, kind))).join("\n"),
  ].join("\n");
}

/** Texts of the tests, by kind, made from the names of outputs. */
const TESTS: Readonly<Record<RecordKind, (names: readonly string[]) => string>> = {
  packet: (names) =>
    `const filter: Filter = script.default;
const verdict = (fields: PacketFields) => filter(packet(fields), context);

Deno.test("Remote access goes to every output", () => {
  assertEquals(verdict({ tcp: { destinationPort: 22 } }), true);
});

Deno.test("Multicast is dropped", () => {
  assertEquals(verdict({ destination: "224.0.0.251", udp: {} }), false);
});

Deno.test("Everything else goes to ${names.at(-1)}", () => {
  assertEquals(verdict({ icmp: {} }), "${names.at(-1)}");
});
`,
  flow: () =>
    `const flowFilter: FlowFilter = script.flow;
const ofFlow = (fields: FlowFields) => flowFilter(flow(fields), context);

Deno.test("Flows to multicast addresses are dropped", () => {
  assertEquals(ofFlow({ destination: "224.0.0.251", protocol: 17 }), false);
});

Deno.test("Other flows go to every output", () => {
  assertEquals(ofFlow({ nat: { source: "198.51.100.7" } }), true);
});
`,
  counter: () =>
    `const counterFilter: CounterFilter = script.counter;
const ofCounter = (fields: AccountFields) =>
  counterFilter(counter(fields), context);

Deno.test("A counter that counted nothing is dropped", () => {
  assertEquals(ofCounter({ name: "web", packets: 0, bytes: 0 }), false);
});

Deno.test("What counted anything goes to every output", () => {
  assertEquals(ofCounter({ name: "web", packets: 3 }), true);
});
`,
};

/** Returns the names of the outputs that take a kind of record. */
function outputsOf({ outputs }: InitAnswers, kind: RecordKind): string[] {
  return outputs.filter(({ type }) => type.kinds.includes(kind)).map(({ type }) => type.type);
}

/** Formats an import, as deno fmt does. */
function importOf(names: readonly string[], from: string, word = "import"): string {
  const line = `${word} { ${names.join(", ")} } from "${from}";`;
  if (line.length <= COLUMNS) return line;
  return `${word} {\n${names.map((name) => `  ${name},\n`).join("")}} from "${from}";`;
}

/** Returns a name as imports are sorted: without the word `type`. */
function bare(name: string): string {
  return name.replace(/^type /, "").toLowerCase();
}
