/**
 * Finds server, database and user: from a URL, environment variables and an option file (MySQL
 * documentation, "Using Option Files").
 */

import { endpoint } from "../../text/endpoint.ts";
import {
  clientCertificate,
  oneHost,
  portOf,
  type ServerConnection,
  type ServerKind,
  type SslMode,
  sslModeOf,
  timeoutOf,
} from "../server/connection.ts";
import { type Settings, settingsOf } from "../server/connection_url.ts";
import { readOptions } from "./option_file.ts";

/** Parameters of a connection. A host that begins with `/` is the path of a Unix socket. */
export type Connection = ServerConnection;

/** Parameters of a URL: libpq's, and the path of a Unix socket. */
const KEYWORDS = [
  ...["host", "port", "dbname", "user", "password"] as const,
  ...["socket", "sslmode", "sslrootcert", "sslcert", "sslkey", "connect_timeout"] as const,
] as const;
type Keyword = typeof KEYWORDS[number];

/** Environment variable with the whole URL. */
const URL_VARIABLE = "NFSCRIBE_MYSQL_URL";
/** Environment variables of MySQL's clients, where they are like a parameter. */
const VARIABLES: Settings<Keyword> = {
  host: "MYSQL_HOST",
  port: "MYSQL_TCP_PORT",
  socket: "MYSQL_UNIX_PORT",
  password: "MYSQL_PWD",
};
/** Keys of an option file, by parameter. */
const OPTIONS: Settings<Keyword> = {
  host: "host",
  port: "port",
  socket: "socket",
  dbname: "database",
  user: "user",
  password: "password",
  sslrootcert: "ssl-ca",
  sslcert: "ssl-cert",
  sslkey: "ssl-key",
  connect_timeout: "connect-timeout",
};

/** The modes of TLS that there are: `allow` has no sense for a server that is asked first. */
const MODES: readonly SslMode[] = ["disable", "prefer", "require", "verify-ca", "verify-full"];

const HOST = "localhost";
const PORT = 3306;

/** MySQL, in messages. */
export const MYSQL: ServerKind = { name: "MySQL", tlsSetting: "ssl_cert and ssl_key", socketPath };

/**
 * Composes a connection: values that the URL lacks come from MySQL's variables, then from the option
 * file `~/.my.cnf`, then from defaults.
 *
 * @param url The URL; undefined to take it from `NFSCRIBE_MYSQL_URL`.
 * @param env Returns the value of a variable.
 * @param optionFile Returns the contents of a file, undefined if it is missing or refused.
 * @throws {Error} If a value is invalid; the message never contains the whole URL.
 */
export function connectionOf(
  url: string | undefined,
  env: (name: string) => string | undefined,
  optionFile: (path: string) => string | undefined = () => undefined,
): Connection {
  const given = url ?? (env(URL_VARIABLE) || undefined);
  const said = given === undefined
    ? {} as Settings<Keyword>
    : settingsOf<Keyword>(given, { schemes: ["mysql", "mariadb"], keywords: KEYWORDS });
  const home = env("HOME");
  const text = home ? optionFile(`${home}/.my.cnf`) : undefined;
  const options = text === undefined ? new Map<string, string>() : readOptions(text);
  const get = (word: Keyword): string | undefined => {
    const [variable, option] = [VARIABLES[word], OPTIONS[word]];
    return said[word] ?? ((variable && env(variable)) || undefined) ??
      ((option && options.get(option)) || undefined);
  };
  const from = (word: Keyword) =>
    said[word] === undefined
      ? VARIABLES[word] ?? `the option file's ${OPTIONS[word]}`
      : `the URL's ${word}`;
  const user = get("user") ?? env("USER");
  if (!user) throw new Error("no user is named; write mysql://user@host/database");
  const database = get("dbname");
  if (!database) throw new Error("no database is named; write mysql://user@host/database");
  // A host in the URL is meant, whatever socket other places name.
  const socket = said.host === undefined ? get("socket") : said.socket;
  return {
    host: socket ?? oneHost(get("host") ?? HOST),
    port: portOf(get("port"), from("port"), PORT),
    database,
    user,
    password: get("password"),
    sslMode: sslModeOf(get("sslmode"), from("sslmode"), MODES),
    sslRootCert: get("sslrootcert"),
    ...clientCertificate(get("sslcert"), get("sslkey")),
    connectTimeoutMs: timeoutOf(get("connect_timeout"), from("connect_timeout")),
  };
}

/** Returns the path of the Unix socket; undefined for TCP. */
export function socketPath({ host }: Connection): string | undefined {
  return host.startsWith("/") ? host : undefined;
}

/** Formats the connection for messages, as a URL without the password. */
export function describeConnection({ host, port, database, user }: Connection): string {
  const [role, name] = [user, database].map(encodeURIComponent);
  if (!host.startsWith("/")) return `mysql://${role}@${endpoint(host, port)}/${name}`;
  return `mysql://${role}@/${name}?socket=${encodeURI(host)}`;
}
