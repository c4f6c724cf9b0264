/**
 * nfscribe.toml(5): every key of a configuration, made of its JSON Schema. Pure.
 *
 * @module
 */

import {
  sharedKeys,
  type Table,
  topKeys,
  typesOf,
  type Value,
  words,
} from "../reference/tables.ts";
import type { JsonSchema } from "../json_schema.ts";
import { heading, item, literal, page, paragraph, subheading, type Title, title } from "./roff.ts";

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
    ...keys({ properties: topKeys(schema) }),
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
  return sharedKeys(tables).flatMap((shared) => {
    const types = shared.types.map((type) => `type = ${JSON.stringify(type)}`).join(", ");
    return [
      ...subheading(shared.types.length === tables.size ? "All types" : types),
      ...keys(shared),
    ];
  });
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
