/**
 * Reads services, which are named sets of parameters (PostgreSQL documentation, "The Connection
 * Service File"). Pure.
 */

/**
 * Finds a service.
 *
 * @param text The file's text: sections `[name]` with lines of `keyword=value`; `#` begins a
 *   comment.
 * @param name The service's name.
 * @param keywords The keywords that may be there.
 * @returns Its values by keyword; undefined if the file does not have it.
 * @throws {Error} If a line is invalid; the message contains no value.
 */
export function serviceIn<Word extends string>(
  text: string,
  name: string,
  keywords: readonly Word[],
): { [Name in Word]?: string } | undefined {
  let found: { [Name in Word]?: string } | undefined;
  let isInside = false;
  for (const [index, untrimmed] of text.split("\n").entries()) {
    const line = untrimmed.trim();
    if (line === "" || line.startsWith("#")) continue;
    if (line.startsWith("[")) {
      // As in libpq, the first section of a name counts.
      if (found !== undefined) break;
      isInside = line === `[${name}]`;
      if (isInside) found = {};
      continue;
    }
    if (!isInside) continue;
    const [, key, value = ""] = /^([a-z_]+)=(.*)$/.exec(line) ?? [];
    const word = keywords.find((word) => word === key);
    if (word === undefined) {
      const shown = key === undefined ? "is not as in host=db.example" : `has the unknown "${key}"`;
      throw new Error(`line ${index + 1} ${shown}; known are ${keywords.join(", ")}`);
    }
    if (value !== "") found![word] ??= value;
  }
  return found;
}
