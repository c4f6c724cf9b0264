/**
 * Passwords from `~/.pgpass`, as libpq takes them from there (PostgreSQL
 * documentation, "The Password File").
 *
 * @module
 */

/** What a line of the file is compared with. */
export interface PassfileKey {
  /** The server's name, or the folder of its Unix socket. */
  host: string;
  /** The server's port. */
  port: number;
  /** The database. */
  database: string;
  /** The user. */
  user: string;
}

/** Folders that libpq may have been built with; a line calls them `localhost`. */
const SOCKET_FOLDERS: readonly string[] = ["/run/postgresql", "/var/run/postgresql", "/tmp"];

/**
 * Finds a password.
 *
 * @param text What the file holds: lines of `host:port:database:user:password`,
 * where `*` stands for anything, `\` takes the meaning of `:` and `\` away, and
 * `#` begins a comment.
 * @param key What it is for.
 * @returns The password of the first line that fits; undefined where it is empty or none fits.
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

/** A line's fields, as they stand there and without their escapes. */
function fieldsOf(line: string): { raw: string; value: string }[] {
  // A lone backslash at the end stands for itself.
  return [...line.matchAll(/(?:^|:)((?:\\.|[^:])*)/g)].map(([, raw = ""]) => ({
    raw,
    value: raw.replaceAll(/\\(.)/g, "$1"),
  }));
}
