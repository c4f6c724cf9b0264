/**
 * The tables of keys that a configuration's JSON Schema holds, for manual pages and documents. Pure.
 *
 * @module
 */

/** A table of keys. */
export interface Table {
  description?: string;
  properties: Record<string, Value>;
  required?: string[];
}

/** Values of a key. */
export interface Value {
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

/** Keys of the same meaning in the same types. */
export interface Shared extends Required<Pick<Table, "properties" | "required">> {
  types: readonly string[];
}

/** Returns the keys that stand outside of all tables. */
export function topKeys(schema: Record<string, unknown>): Table["properties"] {
  const { properties, definitions } = schema as unknown as Table & { definitions: object };
  return Object.fromEntries(
    Object.entries(properties).filter(([name]) =>
      !["source", "output"].includes(name) && !Object.hasOwn(definitions, name)
    ),
  );
}

/** Returns the keys of all types of sources or outputs, those of the most types first. */
export function sharedKeys(tables: ReadonlyMap<string, Table>): Shared[] {
  const told = new Map<string, string[]>();
  for (const [type, { properties }] of tables) {
    for (const [key, value] of Object.entries(properties)) {
      const text = JSON.stringify([key, value]);
      told.set(text, [...told.get(text) ?? [], type]);
    }
  }
  const groups = [...Map.groupBy(told, ([, types]) => types.join()).values()];
  groups.sort(([a], [b]) => b![1].length - a![1].length);
  return groups.map((entries) => {
    const types = entries[0]![1];
    const properties = Object.fromEntries(entries.map(([text]) => JSON.parse(text)));
    return { types, properties, required: tables.get(types[0]!)!.required ?? [] };
  });
}

/**
 * Returns the tables of each type, where the `type` of each tells all that there are. One
 * table for several sources at once has a name of its own, and is one with that for one.
 *
 * @param definitions Definitions of the schema.
 * @param prefix `source.` or `output.`.
 */
export function typesOf(
  definitions: Readonly<Record<string, Table>>,
  prefix: string,
): Map<string, Table> {
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

/** Describes the values that a key may have. */
export function words(value: Value): string {
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
