/** Adds fields of scripts to packets, as JSON for PostgreSQL's jsonb. */

/** Limit for the fields of a packet, in bytes. */
const MOST = 64 * 1024;

/** `JSON.rawJSON`, which TypeScript's library does not declare yet. */
type RawJson = typeof JSON & { rawJSON(text: string): unknown };

/**
 * Adds fields to those of a packet.
 *
 * @param extra Present fields: a JSON object in UTF-8.
 * @param fields Fields to add; they replace those with the same name.
 * @returns All fields, in the same form.
 * @throws {TypeError} If JSON cannot represent a value, or the fields are too long.
 */
export function attached(
  extra: Uint8Array | undefined,
  fields: Readonly<Record<string, unknown>>,
): Uint8Array {
  if (typeof fields !== "object" || fields === null || Array.isArray(fields)) {
    throw new TypeError('Cannot attach: write the fields as an object, as in { country: "DE" }');
  }
  const before = extra === undefined ? {} : JSON.parse(new TextDecoder().decode(extra));
  const text = storable(JSON.stringify({ ...before, ...fields }, exactly));
  const bytes = new TextEncoder().encode(text);
  if (bytes.length > MOST) {
    throw new TypeError(`Cannot attach: the fields take ${bytes.length} bytes, more than ${MOST}`);
  }
  return bytes;
}

/** Serializes integers of any size exactly. */
function exactly(_name: string, value: unknown): unknown {
  return typeof value === "bigint" ? (JSON as RawJson).rawJSON(String(value)) : value;
}

/** Replaces U+0000 and unpaired surrogates, which jsonb rejects, by U+FFFD. */
function storable(json: string): string {
  return json.replaceAll(
    /\\(?:u(?:0000|d[89a-f][\da-f]{2})|.)/g,
    (escape) => escape.length > 2 ? "\\ufffd" : escape,
  );
}
