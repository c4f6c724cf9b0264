/**
 * Finds server, database and user: from a URL, libpq's environment variables and `~/.pgpass`
 * (PostgreSQL documentation, "Environment Variables").
 */

import type { Need } from "../../permission.ts";
import { type Keyword, type Settings, settingsOf } from "./connection_url.ts";
import { passwordIn } from "./passfile.ts";

/** Modes of TLS in libpq's words, from the weakest to the strongest. */
const SSL_MODES = [
  "disable",
  "allow",
  "prefer",
  "require",
  "verify-ca",
  "verify-full",
] as const;

/** One of {@linkcode SSL_MODES}. */
export type SslMode = typeof SSL_MODES[number];

/** Parameters of a connection. */
export interface Connection {
  /** A name, an address, or the folder of a Unix socket, which begins with `/`. */
  host: string;
  /** The address of the host, if it is not to be resolved. */
  address?: string;
  /** The TCP port, or the number in the name of the Unix socket. */
  port: number;
  database: string;
  /** The role. */
  user: string;
  password: string | undefined;
  /** Mode of TLS; Unix sockets have none. */
  sslMode: SslMode;
  /** Path of the trusted certificates; undefined for those that Deno trusts. */
  sslRootCert: string | undefined;
  /** Path of the client's certificate. */
  sslCert: string | undefined;
  /** Path of its key. */
  sslKey: string | undefined;
  /** Timeout of connecting in milliseconds; 0 for none. */
  connectTimeoutMs: number;
}

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
/** libpq waits without a limit; a writer with rows to send tries again instead. */
const CONNECT_TIMEOUT_MS = 10_000;

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
  const said: Settings = given === undefined ? {} : settingsOf(given);
  const get = (word: Keyword) => said[word] ?? (env(VARIABLES[word]) || undefined);
  const from = (word: Keyword) => said[word] === undefined ? VARIABLES[word] : `the URL's ${word}`;
  const user = get("user") ?? env("USER");
  if (!user) throw new Error("no user is named; write postgres://user@host/database or set PGUSER");
  const address = get("hostaddr");
  const target = {
    host: oneHost(get("host") ?? address ?? HOST),
    port: portOf(get("port"), from("port")),
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

function oneHost(host: string): string {
  if (host.includes(",")) throw new Error("several hosts are named; name one");
  return host;
}

function portOf(text: string | undefined, from: string): number {
  if (text === undefined) return PORT;
  const port = /^\d+$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65_535) {
    throw new Error(`${from} is no port; write a number from 1 to 65535, as in ${PORT}`);
  }
  return port;
}

function sslModeOf(text: string | undefined, from: string): SslMode {
  const mode = SSL_MODES.find((mode) => mode === (text ?? "prefer"));
  if (mode === undefined) throw new Error(`${from} is not one of ${SSL_MODES.join(", ")}`);
  return mode;
}

function timeoutOf(text: string | undefined, from: string): number {
  if (text === undefined) return CONNECT_TIMEOUT_MS;
  const seconds = /^\d{1,6}$/.test(text) ? Number(text) : NaN;
  if (Number.isNaN(seconds)) {
    throw new Error(`${from} is not a number of seconds, as in 10; 0 waits without end`);
  }
  return seconds * 1000;
}

function clientCertificate(sslCert: string | undefined, sslKey: string | undefined) {
  if ((sslCert === undefined) !== (sslKey === undefined)) {
    throw new Error("a certificate needs its key; give both sslcert and sslkey, or none of them");
  }
  return { sslCert, sslKey };
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

/** Returns the permissions for connecting. */
export function connectionNeeds(connection: Connection): Need[] {
  const { host, address, port, sslMode, sslRootCert, sslCert, sslKey } = connection;
  const why = "connect to PostgreSQL";
  const path = socketPath(connection);
  if (path !== undefined) {
    // Deno requires all three.
    return [
      { name: "net", value: `unix:${path}`, why },
      { name: "read", value: path, why },
      { name: "write", value: path, why },
    ];
  }
  const files = sslMode === "disable" ? [] : [sslRootCert, sslCert, sslKey];
  return [
    { name: "net", value: `${bracketed(address ?? host)}:${port}`, why },
    ...files.filter((file) => file !== undefined).map((file): Need => (
      { name: "read", value: file, why: "read the certificates for PostgreSQL" }
    )),
  ];
}

/** Formats the connection for messages, as a URL without the password. */
export function describeConnection(connection: Connection): string {
  const { host, port, database, user } = connection;
  const [role, name] = [user, database].map(encodeURIComponent);
  if (!host.startsWith("/")) return `postgres://${role}@${bracketed(host)}:${port}/${name}`;
  const socket = `postgres://${role}@/${name}?host=${encodeURI(host)}`;
  return port === PORT ? socket : `${socket}&port=${port}`;
}

function bracketed(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}
