/** The files that `nfscribe init` writes. Pure. */

import { actionLines, actionNotes, type KnownActions } from "../../import/actions/known.ts";
import { comment } from "../../import/comment.ts";
import type { OutputType } from "../../output/define.ts";
import type { SourceTable } from "../../source/define.ts";
import type { ShortSource } from "../part_options.ts";
import own from "../../../deno.json" with { type: "json" };

/** Answers that the files are made from. */
export interface InitAnswers {
  /** The source, with a key of its table and the value. */
  source: {
    type: InitSource;
    key: string;
    value: string | number | readonly (string | number)[];
  };
  /** Bytes kept of each packet; 0 keeps all. */
  copyRange: number;
  /** The outputs in order, each with the value of its shorthand. */
  outputs: readonly { type: OutputType; value: string }[];
  /** Actions that firewall rules tell; absent where none were read. */
  actions?: KnownActions;
}

/** A source that a configuration can begin with. */
export type InitSource = ShortSource & { init: SourceTable };

/**
 * Returns the text of nfscribe.toml.
 *
 * @param wishes What it is to say.
 * @param sources Where nfscribe is, for the schema; undefined where that is nowhere.
 */
export function configText(wishes: InitAnswers, sources: string | undefined): string {
  const first = "What nfscribe logs, and where to. Paths are relative to this file.\n# What begins";
  return `${openingLines(first, sources)}${sourceTable(wishes)}
# Without this table, every packet goes to every output.
[filter]
script = "filter.ts"           # a change takes effect at once
# on_error = "pass"            # where it throws; or drop
# [filter.permissions]         # what the script may do; else nothing
# net = ["127.0.0.1:6379"]

${outputTables(wishes).join("\n")}
# NFLOG does not tell what a rule does with a packet: its prefix may.
[actions]
${actionsText(wishes)}# "DROP*" = "drop"             # reject, accept, log

[stats]
socket = "nfscribe.sock"       # nfscribe stats and nfscribe doctor ask there
# metrics = "127.0.0.1:9477"   # for Prometheus

[log]                          # nfscribe's own messages
# file = "-"                   # standard error
# level = "info"               # debug, info, warn or error
`;
}

/**
 * Returns the lines before the first table.
 *
 * @param first The first lines, up to the beginning of what is said about options.
 * @param sources Where nfscribe is, for the schema.
 */
export function openingLines(first: string, sources: string | undefined): string {
  const schema = sources === undefined ? "" : `#:schema ${sources}schema/nfscribe.schema.json\n`;
  return `${schema}# ${first} with # and a name is an option, with its default or an example.
# nfscribe check looks whether all is right; docs/configuration.md has all keys.

# Root's nfscribe becomes this user once everything is open.
# user = "nfscribe"

`;
}

/** Adds a comment to a line, in the column of the other comments. */
export function remarked(line: string, remark: string): string {
  return `${line.padEnd(30)} # ${remark}`;
}

/**
 * Returns the table of the source.
 *
 * @param remark The meaning of its value; what the source itself says if left out.
 */
export function sourceTable(
  { source: { type, key, value }, copyRange }: InitAnswers,
  remark: string = type.init.remark,
): string {
  const { entries, init } = type;
  const range = Object.hasOwn(entries, "copyRange")
    ? `${remarked(`copy_range = ${copyRange}`, "bytes kept of each packet; 0 keeps all")}\n`
    : "";
  return `[[source]]
type = ${JSON.stringify(type.type)}
${remarked(`${key} = ${valueText(value)}`, remark)}
${range}${init.lines}`;
}

/** Returns a value as TOML writes it. */
function valueText(value: InitAnswers["source"]["value"]): string {
  if (typeof value !== "object") return JSON.stringify(value);
  return `[${value.map((each) => JSON.stringify(each)).join(", ")}]`;
}

/** Returns the actions that are known, and why others are not there. */
function actionsText({ actions }: InitAnswers): string {
  if (actions === undefined) return "";
  return [...actionLines(actions), ...actionNotes(actions).map(comment)]
    .map((line) => `${line}\n`).join("");
}

/** Returns the tables of the outputs. */
export function outputTables({ outputs }: InitAnswers): string[] {
  return outputs.map(({ type: { type, shorthand, init }, value }) =>
    `${remarked(`[output.${type}]`, init.purpose)}
${shorthand.key === undefined ? "" : `${shorthand.key} = ${JSON.stringify(value)}\n`}${init.lines}`
  );
}

/** Returns the text of filter.ts. */
export function filterText({ outputs }: InitAnswers): string {
  const names = outputs.map(({ type }) => type.type);
  const last = lastOf(names);
  const others = names.slice(0, -1);
  const ping = others.length === 0 ? "" : `, not to ${others.join(" or ")}`;
  return `import { cidr, type Filter, ports } from "nfscribe";

/** Destinations whose packets are dropped. */
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

/** Returns the text of filter_test.ts, which `deno test` runs. Its types fit every filter. */
export function testText({ outputs }: InitAnswers): string {
  const names = outputs.map(({ type }) => type.type);
  const last = lastOf(names);
  return `import { assertEquals } from "@std/assert";
import type { Filter } from "nfscribe";
import { filterContext, packet, type PacketFields } from "nfscribe/testing";
import script from "./filter.ts";

const filter: Filter = script;
const context = filterContext(${JSON.stringify(names).replaceAll(",", ", ")});
const verdict = (fields: PacketFields) => filter(packet(fields), context);

Deno.test("Remote access goes to every output", () => {
  assertEquals(verdict({ tcp: { destinationPort: 22 } }), true);
});

Deno.test("Multicast is dropped", () => {
  assertEquals(verdict({ destination: "224.0.0.251", udp: {} }), false);
});

Deno.test("Everything else goes to ${last}", () => {
  assertEquals(verdict({ icmp: {} }), "${last}");
});
`;
}

/** Returns the output that all packets go to. */
function lastOf(names: readonly string[]): string {
  return names.at(-1)!;
}

/**
 * Returns the text of deno.json, in which editors and `deno test` find the module "nfscribe".
 *
 * @param sources Where nfscribe is.
 */
export function denoText(sources: string): string {
  const names = [
    "nfscribe",
    "nfscribe/logemu",
    "nfscribe/packet",
    "nfscribe/pcap",
    "nfscribe/testing",
    "@std/assert",
  ] as const;
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
