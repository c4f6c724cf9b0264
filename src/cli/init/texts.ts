/** The files that `nfscribe init` writes. Pure. */

import { actionLines, actionNotes, type KnownActions } from "../../import/actions/known.ts";
import { comment } from "../../import/comment.ts";
import type { OutputType } from "../../output/define.ts";
import type { RecordKind } from "../../record/kind.ts";
import { kindOf, type SourceTable } from "../../source/define.ts";
import type { ShortSource } from "../part_options.ts";
import own from "../../../deno.json" with { type: "json" };

/** A source of a new configuration. */
export interface SourceAnswer {
  type: InitSource;
  /** A key of its table. */
  key: string;
  /** The key's value. */
  value: string | number | readonly (string | number)[];
}

/** Answers that the files are made from. */
export interface InitAnswers {
  /** The sources, in order. */
  sources: readonly SourceAnswer[];
  /** Bytes kept of each packet; 0 keeps all. */
  copyRange: number;
  /** The outputs in order, each with the value of its shorthand. */
  outputs: readonly { type: OutputType; value: string }[];
  /** Actions that firewall rules tell; absent where none were read. */
  actions?: KnownActions;
}

/** A source that a configuration can begin with. */
export type InitSource = ShortSource & { init: SourceTable };

/** Returns the kinds of record that the sources make. */
export function kindsOf({ sources }: Pick<InitAnswers, "sources">): RecordKind[] {
  return [...new Set(sources.map(({ type, key, value }) => kindOf(type, { [key]: value })))];
}

/**
 * Returns the text of nfscribe.toml.
 *
 * @param wishes What it is to say.
 * @param sources Where nfscribe is, for the schema; undefined where that is nowhere.
 */
export function configText(wishes: InitAnswers, sources: string | undefined): string {
  const kinds = kindsOf(wishes);
  const record = kinds.length === 1 ? kinds[0] : "record";
  const actions = kinds.includes("packet")
    ? `# NFLOG does not tell what a rule does with a packet: its prefix may.
[actions]
${actionsText(wishes)}# "DROP*" = "drop"             # reject, accept, log

`
    : "";
  const first = "What nfscribe logs, and where to. Paths are relative to this file.\n# What begins";
  return `${openingLines(first, sources)}${
    wishes.sources.map((source) => sourceTable(source, wishes.copyRange)).join("\n")
  }
# Without this table, every ${record} goes to every output.
[filter]
script = "filter.ts"           # a change takes effect at once
# on_error = "pass"            # where it throws; or drop
# [filter.permissions]         # what the script may do; else nothing
# net = ["127.0.0.1:6379"]

${outputTables(wishes).join("\n")}
${actions}[stats]
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
# nfscribe check looks whether all is right; docs/keys.md has all keys.

# Root's nfscribe becomes this user once everything is open.
# user = "nfscribe"

`;
}

/** Adds a comment to a line, in the column of the other comments. */
export function remarked(line: string, remark: string): string {
  return `${line.padEnd(30)} # ${remark}`;
}

/**
 * Returns the table of a source.
 *
 * @param source Its type, and a key with the value.
 * @param copyRange Bytes kept of each packet.
 * @param remark The meaning of the value; what the source itself says if left out.
 */
export function sourceTable(
  { type, key, value }: SourceAnswer,
  copyRange: number,
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
function valueText(value: SourceAnswer["value"]): string {
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

/** Packages that only tests, scripts and the web page import, which is bundled. */
const DEVELOPMENT: readonly string[] = [
  "@std/assert",
  "@valibot/to-json-schema",
  "ajv",
  "asciinema-player/",
  "axe-core",
  "markdown-it",
  "minisearch",
  "preact",
  "preact/hooks",
  "preact/jsx-runtime",
  "puppeteer-core",
  "uplot",
];
