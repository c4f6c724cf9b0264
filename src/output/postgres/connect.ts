/**
 * Connections through Postgres.js.
 *
 * @module
 */

import type { Duplex } from "node:stream";
import postgres from "postgres";
import type { Connection } from "./connection.ts";
import { withoutEnvironment } from "./no_environment.ts";
import { Sockets } from "./sockets.ts";

/** What every session sets, in the words of postgresql.conf. */
const SETTINGS = {
  application_name: "nfscribe",
  client_encoding: "UTF8",
  DateStyle: "ISO",
  TimeZone: "UTC",
  // A host that vanished in the middle of a transaction holds its locks no longer than this.
  idle_in_transaction_session_timeout: 30_000,
  // The server notices a peer that vanished within a minute. Unix sockets ignore these.
  tcp_keepalives_idle: 30,
  tcp_keepalives_interval: 10,
  tcp_keepalives_count: 3,
  tcp_user_timeout: 60_000,
} as const;

/**
 * One connection, opened by the first statement and again by the first one after
 * it was lost; there is no waiting in between. What goes wrong is thrown by the
 * statements: `problemOf` tells what it means.
 *
 * @param connection Where to; the environment is not looked at.
 * @param onSocket Told of each socket that is opened.
 */
export function client(
  connection: Connection,
  onSocket?: (socket: Duplex) => void,
): postgres.Sql {
  const { database, user, password, connectTimeoutMs } = connection;
  const sockets = new Sockets(connection, onSocket);
  const options = {
    socket: () => sockets.open(),
    // The socket knows where to; this stands in messages that nobody sees.
    host: "server",
    ssl: false,
    database,
    user,
    // A function, so that nothing that is printed holds it.
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
