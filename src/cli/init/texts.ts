/**
 * The files that `nfscribe init` writes. Pure.
 *
 * @module
 */

import { outputs } from "../../output/outputs.ts";
import { groupSource } from "../../source/sources.ts";
import own from "../../../deno.json" with { type: "json" };

/** Answers that the files are made from. */
export interface InitAnswers {
  /** The group of the firewall's rule. */
  group: number;
  /** Bytes kept of each packet; 0 keeps all. */
  copyRange: number;
  /** Paths by output, in order, and the URL of a database. */
  outputs: Readonly<Record<string, string>>;
}

/**
 * nfscribe.toml.
 *
 * @param answers The answers.
 * @param sources Where nfscribe is, for the schema; undefined where that is nowhere.
 */
export function configText(answers: InitAnswers, sources: string | undefined): string {
  const { group, copyRange } = answers;
  const schema = sources === undefined ? "" : `#:schema ${sources}schema/nfscribe.schema.json\n`;
  return `${schema}# What nfscribe logs, and where to. Paths are relative to this file.
# What begins with # and a name is an option, with its default or an example.
# nfscribe check looks whether all is right; docs/configuration.md has all keys.

# Root's nfscribe becomes this user once everything is open.
# user = "nfscribe"

[[source]]
type = "${groupSource.type}"
${remarked(`group = ${group}`, "the number that the firewall's rule names")}
${remarked(`copy_range = ${copyRange}`, "bytes kept of each packet; 0 keeps all")}
# buffer_size = 8388608        # bytes held while nfscribe is busy

# Without this table, every packet goes to every output.
[filter]
script = "filter.ts"           # a change takes effect at once
# on_error = "pass"            # where it throws; or drop
# [filter.permissions]         # what the script may do; else nothing
# net = ["127.0.0.1:6379"]

${outputTables(answers).join("\n")}
[stats]
socket = "nfscribe.sock"       # nfscribe stats and nfscribe doctor ask there
# metrics = "127.0.0.1:9477"   # for Prometheus

[log]                          # nfscribe's own messages
# file = "-"                   # standard error
# level = "info"               # debug, info, warn or error
`;
}

/** A line with a comment where the others have theirs. */
function remarked(line: string, remark: string): string {
  return `${line.padEnd(30)} # ${remark}`;
}

function outputTables({ outputs: places }: InitAnswers): string[] {
  return Object.entries(places).map(([name, place]) => {
    const { shorthand, init } = outputs[name]!;
    const head = `[output.${name}]`.padEnd(30);
    return `${head} # ${init.purpose}\n${shorthand.key} = ${JSON.stringify(place)}\n${init.lines}`;
  });
}

/** filter.ts. */
export function filterText({ outputs }: InitAnswers): string {
  const names = Object.keys(outputs);
  const last = lastOf(names);
  const others = names.slice(0, -1);
  const ping = others.length === 0 ? "" : `, not to ${others.join(" or ")}`;
  return `import { cidr, type Filter, ports } from "nfscribe";

/** Where a packet goes that says nothing of interest: nowhere. */
const multicast = cidr("224.0.0.0/4", "ff00::/8");
/** Remote access, of which everything is kept. */
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
}

/** filter_test.ts: `deno test` runs it. */
export function testText({ outputs }: InitAnswers): string {
  return `import { assertEquals } from "@std/assert";
import { packet } from "nfscribe/testing";
import filter from "./filter.ts";

Deno.test("Remote access goes to every output", () => {
  assertEquals(filter(packet({ tcp: { destinationPort: 22 } })), true);
});

Deno.test("Multicast is dropped", () => {
  assertEquals(filter(packet({ destination: "224.0.0.251", udp: {} })), false);
});

Deno.test("Everything else goes to ${lastOf(Object.keys(outputs))}", () => {
  assertEquals(filter(packet({ icmp: {} })), "${lastOf(Object.keys(outputs))}");
});
`;
}

/** The output that all packets go to. */
function lastOf(names: readonly string[]): string {
  return names.at(-1)!;
}

/**
 * deno.json: what editors and `deno test` take for "nfscribe".
 *
 * @param sources Where nfscribe is.
 */
export function denoText(sources: string): string {
  const names = ["nfscribe", "nfscribe/packet", "nfscribe/testing", "@std/assert"] as const;
  const place = (target: string) => target.startsWith("./") ? sources + target.slice(2) : target;
  const imports = names.map((name) => [name, place(own.imports[name])] as const);
  // What nfscribe's own modules import; the rest is for its development.
  const inner = Object.entries(own.imports)
    .filter(([name]) => !name.startsWith("nfscribe") && !DEVELOPMENT.includes(name));
  return `${
    JSON.stringify(
      {
        imports: Object.fromEntries(imports),
        scopes: { [sources]: Object.fromEntries(inner) },
        nodeModulesDir: "none",
        lock: false,
        compilerOptions: { types: [`${sources}types/std.d.ts`] },
      },
      null,
      2,
    )
  }\n`;
}

/** Packages that only tests and scripts import. */
const DEVELOPMENT: readonly string[] = ["@std/assert", "@valibot/to-json-schema", "ajv"];
