/**
 * The JSON Schemas of configuration files and of each kind of record, made of the same entries that the
 * checks of both use.
 *
 * @module
 */

import { toJsonSchema } from "@valibot/to-json-schema";
import { topEntries } from "../src/config/config.ts";
import { logEntries } from "../src/config/log.ts";
import { statsEntries } from "../src/config/stats.ts";
import { webEntries } from "../src/config/web.ts";
import { entriesOf, OUTPUTS_MAX } from "../src/config/outputs.ts";
import { severalEntries, sourceEntries } from "../src/config/sources.ts";
import { snakeCaseEntries } from "../src/config/spelling.ts";
import { filterEntries, filterPermissionEntries } from "../src/filter/options.ts";
import { outputs as outputTypes } from "../src/output/outputs.ts";
import { counterSchema } from "../src/counter/structured_schema.ts";
import { flowSchema, flowSchemaParts } from "../src/flow/structured_schema.ts";
import { ACTIONS } from "../src/packet/actions.ts";
import { structuredParts, structuredSchema } from "../src/packet/structured_schema.ts";
import { checkTable, type Entries } from "../src/schema.ts";
import { sources } from "../src/source/sources.ts";

/** A JSON Schema, or a part of one. */
export type JsonSchema = Record<string, unknown>;

/** Returns the schema of a whole configuration; draft 7, which editors know. */
export function configJsonSchema(): JsonSchema {
  const outputs = Object.keys(outputTypes);
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "nfscribe.toml",
    description: "The configuration of nfscribe.",
    type: "object",
    properties: {
      source: {
        description: "Where packets come from.",
        type: "array",
        minItems: 1,
        items: { anyOf: Object.keys(sourceTables()).map(ref) },
      },
      filter: ref("filter"),
      output: {
        description:
          "Where packets go. A table's name is the output's name, and by default its type.",
        type: "object",
        minProperties: 1,
        maxProperties: OUTPUTS_MAX,
        properties: Object.fromEntries(
          outputs.map((type) => [type, { anyOf: [ref(`output.${type}`), ref("output")] }]),
        ),
        additionalProperties: ref("output"),
      },
      actions: ref("actions"),
      log: ref("log"),
      stats: ref("stats"),
      web: ref("web"),
      ...table(topEntries).properties,
    },
    required: ["source", "output"],
    additionalProperties: false,
    definitions: definitions(),
  };
}

/** Returns the schema of a packet's structured form; draft 7. A later version may have more fields. */
export function packetJsonSchema(): JsonSchema {
  const { $schema, $defs, ...packet } = toJsonSchema(structuredSchema, {
    definitions: structuredParts,
  });
  return {
    $schema,
    title: "nfscribe packet",
    description: "A packet as nfscribe writes it as JSON.",
    ...packet,
    $defs,
  };
}

/** Returns the schema of a flow's structured form; draft 7. A later version may have more fields. */
export function flowJsonSchema(): JsonSchema {
  const { $schema, $defs, ...flow } = toJsonSchema(flowSchema, { definitions: flowSchemaParts });
  return {
    $schema,
    title: "nfscribe flow",
    description: "A flow as nfscribe writes it as JSON.",
    ...flow,
    $defs,
  };
}

/** Returns the schema of a counter's structured form; draft 7. A later version may have more fields. */
export function counterJsonSchema(): JsonSchema {
  const { $schema, ...counter } = toJsonSchema(counterSchema);
  return {
    $schema,
    title: "nfscribe counter",
    description: "A counter as nfscribe writes it as JSON.",
    ...counter,
  };
}

function definitions(): JsonSchema {
  const permissions = {
    description: "What the script may do beside deciding; nothing unless it is granted here.",
    ...table(filterPermissionEntries),
  };
  return {
    ...sourceTables(),
    filter: {
      description:
        "The expression and the script that decide where packets go; without them, every output gets them.",
      anyOf: ["script", "where"].map((key) => ({ properties: { [key]: true }, required: [key] })),
      ...withProperty("permissions", permissions, table(filterEntries)),
    },
    ...Object.fromEntries(
      Object.entries(outputTypes).map(([type, known]) => [
        `output.${type}`,
        typed(type, table(entriesOf(known))),
      ]),
    ),
    // An output whose name tells no type.
    output: {
      allOf: [
        { anyOf: Object.keys(outputTypes).map((type) => ref(`output.${type}`)) },
        { type: "object", required: ["type"] },
      ],
    },
    actions: {
      description: "What rules do with the packets that they log: patterns of their prefixes, in " +
        "which * stands for any text and ? for one character. Of several patterns that match, the " +
        "one that names the most characters counts.",
      type: "object",
      additionalProperties: { enum: ACTIONS },
    },
    log: { description: "nfscribe's own messages.", ...table(logEntries) },
    stats: {
      description: "Where the counters of a running nfscribe can be asked for.",
      ...table(statsEntries),
    },
    web: { description: "The web page of nfscribe web.", ...table(webEntries) },
  };
}

/** Returns the tables that a source may be; a type that takes several at once has two. */
function sourceTables(): Record<string, JsonSchema> {
  return Object.fromEntries(
    Object.entries(sources).flatMap(([type, known]) => {
      const named = (name: string, entries: Entries) =>
        [`source.${name}`, typed(type, table({ ...sourceEntries, ...entries }))] as const;
      const one = named(type, known.entries);
      if (known.several === undefined) return [one];
      return [one, named(`${type}.${known.several.name}`, severalEntries(known))];
    }),
  );
}

/** Returns a table of options as files spell them. */
function table(entries: Entries): JsonSchema & { properties: JsonSchema } {
  const spelled = snakeCaseEntries(entries);
  const properties = Object.fromEntries(
    Object.entries(spelled).map(([name, schema]) => {
      const { $schema: _, ...property } = toJsonSchema(schema, {
        ignoreActions: ["check", "metadata", "transform"],
      });
      return [name, property];
    }),
  );
  // What an empty table lacks must be written.
  const required = checkTable(spelled, {}, "").problems.map(({ key }) => key);
  return {
    type: "object",
    properties,
    ...required.length > 0 ? { required } : {},
    additionalProperties: false,
  };
}

/** Returns a table whose `type` is one word. */
function typed(type: string, table: JsonSchema & { properties: JsonSchema }): JsonSchema {
  const { description } = table.properties.type as JsonSchema;
  return withProperty("type", { description, const: type }, table);
}

function withProperty(
  name: string,
  property: JsonSchema,
  table: JsonSchema & { properties: JsonSchema },
): JsonSchema {
  return { ...table, properties: { ...table.properties, [name]: property } };
}

function ref(definition: string): JsonSchema {
  return { $ref: `#/definitions/${definition}` };
}
