/** Connections through Postgres.js. */

import type { Duplex } from "node:stream";
import postgres from "postgres";
import type { Connection } from "./connection.ts";
import { withoutEnvironment } from "../server/no_environment.ts";
import { Sockets } from "./sockets.ts";

/** Settings of every session, by their names in postgresql.conf. */
const SETTINGS = {
  application_name: "nfscribe",
  client_encoding: "UTF8",
  DateStyle: "ISO",
  TimeZone: "UTC",
  // Limits how long a client that vanished during a transaction holds its locks.
  idle_in_transaction_session_timeout: 30_000,
  // The server detects a vanished client within a minute. Unix sockets ignore these settings.
  tcp_keepalives_idle: 30,
  tcp_keepalives_interval: 10,
  tcp_keepalives_count: 3,
  tcp_user_timeout: 60_000,
} as const;

/**
 * Creates a client with one connection, opened by the first statement and again by the first one
 * after it was lost, without a delay. Errors are thrown by the statements: `problemOf` explains
 * them.
 *
 * @param connection The server; environment variables are not read.
 * @param onSocket Called with each socket that is opened.
 */
export function client(
  connection: Connection,
  onSocket?: (socket: Duplex) => void,
): postgres.Sql {
  const { database, user, password, connectTimeoutMs } = connection;
  const sockets = new Sockets(connection, onSocket);
  const options = {
    socket: () => sockets.open(),
    // The socket has the address; this appears only in messages that are not shown.
    host: "server",
    ssl: false,
    database,
    user,
    // A function, so that printing the options does not reveal it.
    password: () => password ?? "",
    max: 1,
    prepare: false,
    fetch_types: false,
    debug: false,
    onnotice: () => {},
    connect_timeout: connectTimeoutMs / 1000,
    idle_timeout: undefined,
    max_lifetime: null,
    backoff: false,
    connection: SETTINGS,
  };
  return withoutEnvironment(() => postgres(options));
}
