/**
 * nfscribe.toml(5): every key of a configuration, made of its JSON Schema. Pure.
 *
 * @module
 */

import type { JsonSchema } from "../json_schema.ts";
import { heading, item, literal, page, paragraph, subheading, type Title, title } from "./roff.ts";

/** A table of keys. */
interface Table {
  description?: string;
  properties: Record<string, Value>;
  required?: string[];
}

/** Values of a key. */
interface Value {
  description?: string;
  default?: unknown;
  const?: unknown;
  enum?: unknown[];
  type?: string;
  minimum?: number;
  maximum?: number;
  multipleOf?: number;
  items?: Value;
  anyOf?: Value[];
  properties?: Table["properties"];
}

const EXAMPLE = `[[source]]
type = "nflog"
group = 1
copy_range = 100

[filter]
script = "filter.ts"

[output.pcap]
path = "trace.pcap"`;

const ACTIONS = `[actions]
"DROP*" = "drop"
"ACCEPT*" = "accept"`;

/**
 * Returns the page.
 *
 * @param schema The JSON Schema of a configuration.
 * @param about When it was changed, and which version it is about.
 */
export function configPage(schema: JsonSchema, about: Pick<Title, "date" | "source">): string {
  const { properties } = schema as unknown as Table;
  const definitions = schema.definitions as Record<string, Table>;
  const top = Object.entries(properties).filter(([name]) =>
    !["source", "output"].includes(name) && !Object.hasOwn(definitions, name)
  );
  const { permissions, ...filter } = definitions.filter!.properties;
  return page([
    ...title({ name: "nfscribe.toml", section: 5, ...about }),
    ...heading("NAME"),
    "nfscribe.toml \\- the configuration of nfscribe",
    ...heading("DESCRIPTION"),
    ...paragraph(
      "A file in TOML. `nfscribe run`, `check` and other commands read the one that `-c` names, or " +
        "`nfscribe.toml` in the current folder. Paths in it are relative to it. All that is wrong " +
        "with it is reported at once, before anything is opened; a key that is not known is an error.",
    ),
    ...literal(EXAMPLE),
    ...heading("OUTSIDE OF TABLES"),
    ...keys({ properties: Object.fromEntries(top) }),
    ...heading("[[source]]"),
    ...paragraph(`${properties.source!.description} At least one.`),
    ...kinds(definitions, "source."),
    ...heading("[filter]"),
    ...paragraph(definitions.filter!.description!),
    ...keys({ ...definitions.filter!, properties: filter }),
    ...subheading("[filter.permissions]"),
    ...paragraph(permissions!.description!),
    ...keys({ properties: permissions!.properties! }),
    ...heading("[output.NAME]"),
    ...paragraph(`${properties.output!.description} At least one.`),
    ...kinds(definitions, "output."),
    ...heading("[actions]"),
    ...paragraph(
      `${definitions.actions!
        .description!} The actions are \`drop\`, \`reject\`, \`accept\` and \`log\`.`,
    ),
    ...literal(ACTIONS),
    ...["log", "stats", "web"].flatMap((name) => [
      ...heading(`[${name}]`),
      ...paragraph(definitions[name]!.description!),
      ...keys(definitions[name]!),
    ]),
    ...heading("FILES"),
    ...item("`/etc/nfscribe/nfscribe.toml`", "The configuration of the service."),
    ...item("`schema/nfscribe.schema.json`", "The same for editors, as a JSON Schema."),
    ...heading("SEE ALSO"),
    "\\fBnfscribe\\fR(1)",
  ]);
}

/** Describes the types of sources or outputs: keys that several share come once, and first. */
function kinds(definitions: Record<string, Table>, prefix: string): string[] {
  const tables = typesOf(definitions, prefix);
  const told = new Map<string, string[]>();
  for (const [type, { properties }] of tables) {
    for (const [key, value] of Object.entries(properties)) {
      const text = JSON.stringify([key, value]);
      told.set(text, [...told.get(text) ?? [], type]);
    }
  }
  const groups = [...Map.groupBy(told, ([, types]) => types.join()).values()];
  groups.sort(([a], [b]) => b![1].length - a![1].length);
  return groups.flatMap((entries) => {
    const types = entries[0]![1];
    const properties = Object.fromEntries(entries.map(([text]) => JSON.parse(text)));
    const { required = [] } = tables.get(types[0]!)!;
    const words = types.map((type) => `type = ${JSON.stringify(type)}`).join(", ");
    return [
      ...subheading(types.length === tables.size ? "All types" : words),
      ...keys({ properties, required }),
    ];
  });
}

/**
 * Returns the tables of each type, where the `type` of each tells all that there are. One
 * table for several sources at once has a name of its own, and is one with that for one.
 */
function typesOf(definitions: Record<string, Table>, prefix: string): Map<string, Table> {
  const names = Object.keys(definitions).filter((name) => name.startsWith(prefix));
  const types = names.map((name) => name.slice(prefix.length)).filter((name) =>
    !name.includes(".")
  );
  return new Map(types.map((type) => {
    const { properties, required = [] } = definitions[prefix + type]!;
    const several = names.filter((name) => name.startsWith(`${prefix}${type}.`))
      .map((name) => definitions[name]!);
    const alternatives = several.flatMap(({ properties }) => Object.entries(properties))
      .filter(([name]) => !Object.hasOwn(properties, name));
    return [type, {
      properties: {
        ...properties,
        type: { ...properties.type, const: undefined, enum: types },
        ...Object.fromEntries(alternatives),
      },
      required: required.filter((name) => several.every((other) => other.required?.includes(name))),
    }];
  }));
}

function keys({ properties, required = [] }: Table): string[] {
  return Object.entries(properties).flatMap(([name, value]) => {
    const { description = "" } = value;
    const rest = required.includes(name) ? " It must be there." : defaultText(value);
    return item(`\`${name}\` = ${words(value)}`, `${description}${rest}`);
  });
}

function defaultText({ default: value }: Value): string {
  return value === undefined ? "" : ` Default: ${JSON.stringify(value)}.`;
}

/** Describes the values that a key may have. */
function words(value: Value): string {
  const { minimum, maximum, multipleOf } = value;
  if (value.const !== undefined) return JSON.stringify(value.const);
  if (value.enum !== undefined) return value.enum.map((word) => JSON.stringify(word)).join(" | ");
  if (value.anyOf !== undefined) return value.anyOf.map(words).join(" | ");
  switch (value.type) {
    case "integer": {
      const range = maximum === undefined ? "" : ` from ${minimum} to ${maximum}`;
      return `${multipleOf === undefined ? "number" : `multiple of ${multipleOf}`}${range}`;
    }
    case "boolean":
      return "true | false";
    case "array":
      return `[${words(value.items!)}, …]`;
    case "string":
      return '"text"';
  }
  throw new TypeError(`There are no words for ${JSON.stringify(value)}`);
}
