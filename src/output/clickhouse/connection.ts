/** Finds server, database and user: from a URL, environment variables and a file. */

import { endpoint } from "../../text/endpoint.ts";
import {
  clientCertificate,
  oneHost,
  portOf,
  type ServerConnection,
  type ServerKind,
  timeoutOf,
} from "../server/connection.ts";
import { type Settings, settingsOf } from "../server/connection_url.ts";

/** Parameters of a connection; its TLS is `disable` for HTTP and `verify-full` for HTTPS. */
export type Connection = ServerConnection;

/** Parameters of a URL, in libpq's words. */
const KEYWORDS = [
  ...["host", "port", "dbname", "user", "password"] as const,
  ...["sslrootcert", "sslcert", "sslkey", "connect_timeout"] as const,
] as const;
type Keyword = typeof KEYWORDS[number];

/** Parameters that only HTTPS has. */
const TLS_ONLY = ["sslrootcert", "sslcert", "sslkey"] as const;

/** Environment variables: the whole URL, and those of ClickHouse's own client. */
const [URL_VARIABLE, USER_VARIABLE, PASSWORD_VARIABLE] = [
  "NFSCRIBE_CLICKHOUSE_URL",
  "CLICKHOUSE_USER",
  "CLICKHOUSE_PASSWORD",
];

/** Ports of HTTP and HTTPS. */
const [PORT, TLS_PORT] = [8123, 8443];
/** User of a server that was not told any. */
const USER = "default";

const EXAMPLE = "http://user@host:8123/database";

/** ClickHouse, in messages. */
export const CLICKHOUSE: ServerKind = {
  name: "ClickHouse",
  tlsSetting: "https_port",
  socketPath: () => undefined,
};

/**
 * Composes a connection.
 *
 * @param url The URL; undefined to take it from `NFSCRIBE_CLICKHOUSE_URL`.
 * @param env Returns the value of a variable.
 * @param secret The password of a file; undefined to take it from `CLICKHOUSE_PASSWORD`.
 * @throws {Error} If a value is invalid; the message never contains the whole URL.
 */
export function connectionOf(
  url: string | undefined,
  env: (name: string) => string | undefined,
  secret?: string,
): Connection {
  const given = url ?? (env(URL_VARIABLE) || undefined);
  if (given === undefined) throw new Error(`no database is named; write ${EXAMPLE}`);
  const said = settingsOf<Keyword>(given, { schemes: ["http", "https"], keywords: KEYWORDS });
  if (said.password !== undefined) {
    throw new Error(
      "the URL holds a password, which others may see; " +
        `write it into a file that secret_file names, or into ${PASSWORD_VARIABLE}`,
    );
  }
  const isSecure = given.startsWith("https:");
  requireTls(said, isSecure);
  const database = said.dbname;
  if (database === undefined) throw new Error(`no database is named; write ${EXAMPLE}`);
  if (said.host === undefined) throw new Error(`no host is named; write ${EXAMPLE}`);
  return {
    host: oneHost(said.host),
    port: portOf(said.port, "the URL's port", isSecure ? TLS_PORT : PORT),
    database,
    user: said.user ?? (env(USER_VARIABLE) || USER),
    password: secret ?? (env(PASSWORD_VARIABLE) || undefined),
    sslMode: isSecure ? "verify-full" : "disable",
    sslRootCert: said.sslrootcert,
    ...clientCertificate(said.sslcert, said.sslkey),
    connectTimeoutMs: timeoutOf(said.connect_timeout, "the URL's connect_timeout"),
  };
}

function requireTls(said: Settings<Keyword>, isSecure: boolean): void {
  const excess = TLS_ONLY.find((word) => said[word] !== undefined);
  if (isSecure || excess === undefined) return;
  throw new Error(`${excess} is for https:// only; write the URL so, or leave it out`);
}

/** Returns the address of requests, without user and password. */
export function requestUrl({ host, port, sslMode }: Connection): string {
  return `${sslMode === "disable" ? "http" : "https"}://${endpoint(host, port)}/`;
}

/** Formats the connection for messages, as a URL without the password. */
export function describeConnection(connection: Connection): string {
  const [role, name] = [connection.user, connection.database].map(encodeURIComponent);
  return `${requestUrl(connection).replace("://", `://${role}@`)}${name}`;
}
