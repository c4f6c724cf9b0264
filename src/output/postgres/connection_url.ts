/**
 * A connection's URL, as libpq reads it (PostgreSQL documentation, "Connection URIs").
 *
 * @module
 */

/** What a URL may say, in libpq's words. */
export const KEYWORDS = [
  "host",
  "hostaddr",
  "port",
  "dbname",
  "user",
  "password",
  "sslmode",
  "sslrootcert",
  "sslcert",
  "sslkey",
  "connect_timeout",
] as const;

/** One of libpq's words. */
export type Keyword = typeof KEYWORDS[number];

/** What was said, by libpq's words; what is empty was not said. */
export type Settings = { readonly [Word in Keyword]?: string };

/** What to do where a URL falls apart in the wrong places. */
const ESCAPES =
  "in user names and passwords write @ as %40, / as %2F, : as %3A, ? as %3F, % as %25";

/**
 * Takes a URL apart.
 *
 * @param url `postgres://user:password@host:port/database?parameter=value`.
 * @throws {Error} If it is none; the message holds nothing of it that may be a password.
 */
export function settingsOf(url: string): Settings {
  const [, rest] = /^postgres(?:ql)?:\/\/(.*)$/s.exec(url) ?? [];
  if (rest === undefined) {
    throw new Error("the URL does not begin with postgres://; write postgres://user@host/database");
  }
  // As in libpq, the first @ ends the user's part, unless a / stands before it.
  const [, login, behind = ""] = /^(?:([^@/]*)@)?(.*)$/s.exec(rest) ?? [];
  const [, place = "", path = "", query = ""] =
    /^([^/?]*)(?:\/([^?]*))?(?:\?(.*))?$/s.exec(behind) ?? [];
  const [user, ...password] = (login ?? "").split(":");
  const said: [Keyword, string][] = [
    ["user", decoded(user!, "the user's name")],
    ["password", decoded(password.join(":"), "the password")],
    ...hostAndPort(place),
    ["dbname", decoded(path, "the database's name")],
    ...parameters(query),
  ];
  return Object.fromEntries(said.filter(([, value]) => value !== ""));
}

function hostAndPort(place: string): [Keyword, string][] {
  const [, address, name, port] = /^(?:\[([^\]]*)\]|([^:@[\]]*))(?::(\d*))?$/.exec(place) ?? [];
  if (address === undefined && name === undefined) {
    throw new Error(
      `the URL's host and port are not as in db.example:5432 or [::1]:5432; ${ESCAPES}`,
    );
  }
  return [["host", address ?? decoded(name!, "the host")], ["port", port ?? ""]];
}

function parameters(query: string): [Keyword, string][] {
  return query.split("&").filter((part) => part !== "").map((part) => {
    const [name, ...value] = part.split("=");
    const word = KEYWORDS.find((word) => word === name);
    if (word === undefined) throw new Error(unknownParameter(name!));
    return [word, decoded(value.join("="), word)];
  });
}

function unknownParameter(name: string): string {
  // Anything else may be the rest of a password with a / in it.
  const shown = /^[a-z_]+$/.test(name) ? ` "${name}"` : "";
  return `the URL has an unknown parameter${shown}; known are ${KEYWORDS.join(", ")}`;
}

function decoded(text: string, what: string): string {
  let value: string;
  try {
    value = decodeURIComponent(text);
  } catch {
    throw new Error(`${what} in the URL has a % without two hexadecimal digits; ${ESCAPES}`);
  }
  if (value.includes("\0")) throw new Error(`${what} in the URL holds %00, which cannot be sent`);
  return value;
}
