/** Settings in libpq's `options`, which are arguments of the server's process. Pure. */

/** A parameter of postgresql.conf and its value. */
export type Setting = readonly [name: string, value: string];

/**
 * Parses options (PostgreSQL documentation, "Parameter Key Words", `options`).
 *
 * @param text Arguments such as `-c search_path=firewall --statement_timeout=60s`, separated by
 *   space, which a backslash escapes.
 * @param from Their source, for messages.
 * @throws {Error} If there is an argument of another kind: a pooler could not be given it.
 *
 * @example
 * ```ts
 * import { sessionOptions } from "./session_options.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(sessionOptions("-c search_path=firewall"), [["search_path", "firewall"]]);
 * ```
 */
export function sessionOptions(text: string, from = "options"): Setting[] {
  const words = [...text.matchAll(/(?:\\.|[^\s\\])+/gs)]
    .map(([word]) => word.replaceAll(/\\(.)/gs, "$1"));
  const settings: Setting[] = [];
  while (words.length > 0) {
    const word = words.shift()!;
    const said = word === "-c" ? words.shift() : /^(?:-c|--)(.+)$/s.exec(word)?.[1];
    const [, name, value] = /^([A-Za-z_][A-Za-z0-9_.-]*)=(.*)$/s.exec(said ?? "") ?? [];
    if (name === undefined) {
      throw new Error(`${from} may only set parameters, as in -c search_path=firewall`);
    }
    settings.push([name.replaceAll("-", "_"), value!]);
  }
  return settings;
}
