/**
 * docs/keys.md: every key of a configuration, made of its JSON Schema. Pure.
 *
 * @module
 */

import type { JsonSchema } from "../json_schema.ts";
import { sharedKeys, type Table, topKeys, typesOf, type Value, words } from "./tables.ts";

/** Number of types that share a key from which on it has a place beside those of one type. */
const SHARED_MIN = 3;

/**
 * Returns the page as Markdown; its tables are not aligned.
 *
 * @param schema The JSON Schema of a configuration.
 */
export function keysPage(schema: JsonSchema): string {
  const definitions = schema.definitions as Record<string, Table>;
  const { permissions, ...filter } = definitions.filter!.properties;
  return [
    "# Every key",
    "<!-- Written by deno task keys: change the texts in src, not here. -->",
    "[configuration.md](configuration.md) tells how a configuration is taken, and " +
    "[outputs.md](outputs.md) what outputs write. A key without a default may be left out, unless " +
    "it **must** be there. nfscribe.toml(5) has the same.",
    "## Outside of tables",
    keys({ properties: topKeys(schema) }),
    "## `[[source]]`",
    ...kinds(typesOf(definitions, "source.")),
    "## `[filter]`",
    keys({ ...definitions.filter!, properties: filter }),
    "### `[filter.permissions]`",
    permissions!.description!,
    keys({ properties: permissions!.properties! }),
    "## `[output.NAME]`",
    ...kinds(typesOf(definitions, "output.")),
    ...["actions", "log", "stats", "web"].flatMap((name) => [
      `## \`[${name}]\``,
      definitions[name]!.description!,
      ...definitions[name]!.properties === undefined ? [] : [keys(definitions[name]!)],
    ]),
  ].join("\n\n") + "\n";
}

/** Describes types of sources or outputs: first the keys that several share, then each one's own. */
function kinds(tables: ReadonlyMap<string, Table>): string[] {
  const groups = sharedKeys(tables);
  const shared = groups.filter(({ types }) => types.length >= SHARED_MIN);
  return [
    ...shared.flatMap(({ types, ...table }) => [
      types.length === tables.size ? "Every type:" : `${types.join(", ")}:`,
      keys(table),
    ]),
    ...[...tables].flatMap(([type, { required }]) => {
      const own = groups.filter(({ types }) => types.length < SHARED_MIN && types.includes(type))
        .map(({ properties }) => properties);
      const properties: Table["properties"] = Object.assign({}, ...own);
      if (own.length === 0) return [];
      return [`### \`type = "${type}"\``, keys({ properties, required: required ?? [] })];
    }),
  ];
}

function keys({ properties, required = [] }: Table): string {
  const titles = ["key", "value", "default", "meaning"];
  const rows = Object.entries(properties).map(([key, value]) => {
    const { description = "", default: preset } = value;
    const shown = preset === undefined ? "" : `\`${JSON.stringify(preset)}\``;
    return [`\`${key}\``, values(value), required.includes(key) ? "**must**" : shown, description];
  });
  return [titles, titles.map(() => "---"), ...rows].map(line).join("\n");
}

function line(cells: readonly string[]): string {
  const texts = cells.map((text) => text.replaceAll("|", "\\|").replaceAll(" <", " \\<"));
  return `| ${texts.join(" | ")} |`;
}

/** Describes the values that a key may have. */
function values(value: Value): string {
  if (value.anyOf !== undefined) return value.anyOf.map(values).join(" or ");
  if (value.type === "array") return `list of ${values(value.items!)}`;
  if (value.type === "string" && value.enum === undefined) return "text";
  const text = words(value);
  return text.includes('"') || text.includes("|") ? `\`${text.replaceAll(" | ", "`, `")}\`` : text;
}
