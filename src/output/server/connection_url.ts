/** Parses a connection URL as libpq does (PostgreSQL documentation, "Connection URIs"). */

/** Settings by libpq's names; empty ones are absent. */
export type Settings<Word extends string> = { readonly [Name in Word]?: string };

/** URLs of a product. Several hosts are joined with commas, and so are their ports. */
export interface UrlKind<Word extends string> {
  /** Their scheme, and others with the same meaning. */
  schemes: readonly [string, ...string[]];
  /** Their parameters. */
  keywords: readonly Word[];
}

/** Parameters that the URL has outside of its query, too. */
type BaseKeyword = "user" | "password" | "host" | "port" | "dbname";

/** Advice for a URL with characters that must be escaped. */
const ESCAPES =
  "in user names and passwords write @ as %40, / as %2F, : as %3A, ? as %3F, % as %25";

/**
 * Parses a URL.
 *
 * @param url A URL such as `postgres://user:password@host:port/database?parameter=value`.
 * @param kind The expected scheme and parameters.
 * @throws {Error} If it is not such a URL; the message contains nothing that may be a password.
 */
export function settingsOf<Word extends string>(
  url: string,
  { schemes, keywords }: UrlKind<Word | BaseKeyword>,
): Settings<Word | BaseKeyword> {
  const [, scheme, rest] = /^(\w+):\/\/(.*)$/s.exec(url) ?? [];
  if (rest === undefined || !schemes.includes(scheme!)) {
    const [first] = schemes;
    throw new Error(
      `the URL does not begin with ${first}://; write ${first}://user@host/database`,
    );
  }
  // As in libpq, the first @ ends the user's part, unless a / precedes it.
  const [, login, behind = ""] = /^(?:([^@/]*)@)?(.*)$/s.exec(rest) ?? [];
  const [, place = "", path = "", query = ""] =
    /^([^/?]*)(?:\/([^?]*))?(?:\?(.*))?$/s.exec(behind) ?? [];
  const [user, ...password] = (login ?? "").split(":");
  const said: [string, string][] = [
    ["user", decoded(user!, "the user's name")],
    ["password", decoded(password.join(":"), "the password")],
    ...hostsAndPorts(place),
    ["dbname", decoded(path, "the database's name")],
    ...parameters(query, keywords),
  ];
  return Object.fromEntries(said.filter(([, value]) => value !== "")) as Settings<
    Word | BaseKeyword
  >;
}

function hostsAndPorts(place: string): [BaseKeyword, string][] {
  const hosts = place.split(",").map(hostAndPort);
  const ports = hosts.map(({ port }) => port);
  return [
    ["host", hosts.map(({ host }) => host).join(",")],
    // As in libpq, a place without any says nothing of them.
    ["port", ports.every((port) => port === "") ? "" : ports.join(",")],
  ];
}

function hostAndPort(place: string): { host: string; port: string } {
  const [, address, name, port] = /^(?:\[([^\]]*)\]|([^:@[\]]*))(?::(\d*))?$/.exec(place) ?? [];
  if (address === undefined && name === undefined) {
    throw new Error(
      `the URL's host and port are not as in db.example, db.example:PORT or [::1]:PORT; ${ESCAPES}`,
    );
  }
  return { host: address ?? decoded(name!, "the host"), port: port ?? "" };
}

function parameters(query: string, keywords: readonly string[]): [string, string][] {
  return query.split("&").filter((part) => part !== "").map((part) => {
    const [name, ...value] = part.split("=");
    const word = keywords.find((word) => word === name);
    if (word === undefined) throw new Error(unknownParameter(name!, keywords));
    return [word, decoded(value.join("="), word)];
  });
}

function unknownParameter(name: string, keywords: readonly string[]): string {
  // Anything else may be the rest of a password with a / in it.
  const shown = /^[a-z_]+$/.test(name) ? ` "${name}"` : "";
  return `the URL has an unknown parameter${shown}; known are ${keywords.join(", ")}`;
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
