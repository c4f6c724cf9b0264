/**
 * Finds server, database and user: from a URL, libpq's environment variables and `~/.pgpass`
 * (PostgreSQL documentation, "Environment Variables").
 */

import {
  bracketed,
  clientCertificate,
  oneHost,
  portOf,
  type ServerConnection,
  type ServerKind,
  sslModeOf,
  timeoutOf,
} from "../server/connection.ts";
import { type Keyword, KEYWORDS, type Settings, settingsOf } from "../server/connection_url.ts";
import { passwordIn } from "./passfile.ts";

/** Parameters of a connection. */
export type Connection = ServerConnection;

/** Environment variable with the whole URL. */
const URL_VARIABLE = "NFSCRIBE_POSTGRES_URL";

/** libpq's environment variables. */
const VARIABLES = {
  host: "PGHOST",
  hostaddr: "PGHOSTADDR",
  port: "PGPORT",
  dbname: "PGDATABASE",
  user: "PGUSER",
  password: "PGPASSWORD",
  sslmode: "PGSSLMODE",
  sslrootcert: "PGSSLROOTCERT",
  sslcert: "PGSSLCERT",
  sslkey: "PGSSLKEY",
  connect_timeout: "PGCONNECT_TIMEOUT",
} as const satisfies Record<Keyword, string>;

/** The environment variables that {@linkcode connectionOf} may read. */
export const ENVIRONMENT: readonly string[] = [
  URL_VARIABLE,
  ...Object.values(VARIABLES),
  "PGPASSFILE",
  "USER",
  "HOME",
];

/**
 * The default host. libpq uses the Unix socket of the folder that it was built for, or this if it
 * was built without; a socket needs three permissions more.
 */
const HOST = "localhost";
const PORT = 5432;

/** PostgreSQL, in messages. */
export const POSTGRES: ServerKind = { name: "PostgreSQL", tlsSetting: "ssl = on", socketPath };

/**
 * Composes a connection: values that the URL lacks come from libpq's variables, then from
 * `~/.pgpass` (the password) and libpq's defaults.
 *
 * @param url The URL; undefined to take it from `NFSCRIBE_POSTGRES_URL`.
 * @param env Returns the value of a variable.
 * @param passfile Returns the contents of a file, undefined if it is missing or refused; called
 *   only if no password is known.
 * @throws {Error} If a value is invalid; the message never contains the whole URL.
 */
export function connectionOf(
  url: string | undefined,
  env: (name: string) => string | undefined,
  passfile: (path: string) => string | undefined = () => undefined,
): Connection {
  const given = url ?? (env(URL_VARIABLE) || undefined);
  const said: Settings = given === undefined
    ? {}
    : settingsOf(given, { schemes: ["postgres", "postgresql"], keywords: KEYWORDS });
  const get = (word: Keyword) => said[word] ?? (env(VARIABLES[word]) || undefined);
  const from = (word: Keyword) => said[word] === undefined ? VARIABLES[word] : `the URL's ${word}`;
  const user = get("user") ?? env("USER");
  if (!user) throw new Error("no user is named; write postgres://user@host/database or set PGUSER");
  const address = get("hostaddr");
  const target = {
    host: oneHost(get("host") ?? address ?? HOST),
    port: portOf(get("port"), from("port"), PORT),
    database: get("dbname") ?? user,
    user,
  };
  return {
    ...target,
    ...(address !== undefined && { address: oneHost(address) }),
    password: get("password") ?? passwordFrom(target, env, passfile),
    sslMode: sslModeOf(get("sslmode"), from("sslmode")),
    sslRootCert: get("sslrootcert"),
    ...clientCertificate(get("sslcert"), get("sslkey")),
    connectTimeoutMs: timeoutOf(get("connect_timeout"), from("connect_timeout")),
  };
}

function passwordFrom(
  key: Pick<Connection, "host" | "port" | "database" | "user">,
  env: (name: string) => string | undefined,
  passfile: (path: string) => string | undefined,
): string | undefined {
  const home = env("HOME");
  const path = env("PGPASSFILE") || (home && `${home}/.pgpass`);
  const text = path ? passfile(path) : undefined;
  return text === undefined ? undefined : passwordIn(text, key);
}

/** Returns the path of the Unix socket; undefined if the host is not a folder. */
export function socketPath({ host, address, port }: Connection): string | undefined {
  return address === undefined && host.startsWith("/") ? `${host}/.s.PGSQL.${port}` : undefined;
}

/** Formats the connection for messages, as a URL without the password. */
export function describeConnection(connection: Connection): string {
  const { host, port, database, user } = connection;
  const [role, name] = [user, database].map(encodeURIComponent);
  if (!host.startsWith("/")) return `postgres://${role}@${bracketed(host)}:${port}/${name}`;
  const socket = `postgres://${role}@/${name}?host=${encodeURI(host)}`;
  return port === PORT ? socket : `${socket}&port=${port}`;
}
