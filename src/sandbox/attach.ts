/**
 * Fields that a script attaches to a packet, as JSON that PostgreSQL's jsonb takes.
 *
 * @module
 */

/** Bytes that a packet's fields take at the most. */
const MOST = 64 * 1024;

/** `JSON.rawJSON`, which TypeScript does not know yet. */
type RawJson = typeof JSON & { rawJSON(text: string): unknown };

/**
 * Adds fields to those that a packet has.
 *
 * @param extra What it has: an object in JSON, in UTF-8.
 * @param fields What is added; a name that is there already gets the new value.
 * @returns All of them, in the same form.
 * @throws {TypeError} If JSON cannot hold a value, or there is too much.
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

/** Whole numbers of any size, as they are. */
function exactly(_name: string, value: unknown): unknown {
  return typeof value === "bigint" ? (JSON as RawJson).rawJSON(String(value)) : value;
}

/** U+0000 and halves of surrogate pairs, which jsonb refuses, become U+FFFD. */
function storable(json: string): string {
  return json.replaceAll(
    /\\(?:u(?:0000|d[89a-f][\da-f]{2})|.)/g,
    (escape) => escape.length > 2 ? "\\ufffd" : escape,
  );
}
