/**
 * Passwords from `~/.pgpass`, as libpq reads it (PostgreSQL documentation, "The Password File").
 */

/** Connection to compare the file's lines with. */
export interface PassfileKey {
  /** The server's name, or the folder of its Unix socket. */
  host: string;
  /** The server's port. */
  port: number;
  database: string;
  user: string;
}

/** Socket folders that libpq may have been built with; a line calls them `localhost`. */
const SOCKET_FOLDERS: readonly string[] = ["/run/postgresql", "/var/run/postgresql", "/tmp"];

/**
 * Finds a password.
 *
 * @param text The file's text: lines of `host:port:database:user:password`, where `*` matches
 *   anything, `\` escapes `:` and `\`, and `#` begins a comment.
 * @param key The connection.
 * @returns The password of the first line that matches; undefined if it is empty or none matches.
 */
export function passwordIn(text: string, key: PassfileKey): string | undefined {
  const host = SOCKET_FOLDERS.includes(key.host) ? "localhost" : key.host;
  const wanted = [host, String(key.port), key.database, key.user];
  for (const line of text.split(/\r?\n/)) {
    if (line.startsWith("#")) continue;
    const fields = fieldsOf(line);
    const fits = wanted.every((value, index) =>
      fields[index]?.raw === "*" ||
      fields[index]?.value === value
    );
    if (fits && fields.length > wanted.length) return fields[wanted.length]!.value || undefined;
  }
  return undefined;
}

/** Splits a line into fields, with and without their escapes. */
function fieldsOf(line: string): { raw: string; value: string }[] {
  // A lone backslash at the end is literal.
  return [...line.matchAll(/(?:^|:)((?:\\.|[^:])*)/g)].map(([, raw = ""]) => ({
    raw,
    value: raw.replaceAll(/\\(.)/g, "$1"),
  }));
}
