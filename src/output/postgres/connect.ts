/** Connections through Postgres.js. */

import type { Duplex } from "node:stream";
import postgres from "postgres";
import { withoutEnvironment } from "../server/no_environment.ts";
import type { Connection } from "./connection.ts";
import { isPooled } from "./pooled.ts";
import type { Setting } from "./session_options.ts";
import { Sockets } from "./sockets.ts";

/** Settings that poolers keep apart for each of their clients, by their names in postgresql.conf. */
const TRACKED = { client_encoding: "UTF8", DateStyle: "ISO", TimeZone: "UTC" } as const;

/** Names of settings that nfscribe's statements depend on. */
const OWN_NAMES = Object.keys(TRACKED).map((name) => name.toLowerCase());

/** Limits how long a client that vanished during a transaction holds its locks. */
const IDLE: Setting = ["idle_in_transaction_session_timeout", "30000"];

/** The server detects a vanished client within a minute. Unix sockets ignore these settings. */
const PROBES = {
  tcp_keepalives_idle: "30",
  tcp_keepalives_interval: "10",
  tcp_keepalives_count: "3",
  tcp_user_timeout: "60000",
} as const;

/**
 * Creates a client with one connection, opened by the first statement and again by the first one
 * after it was lost, without a delay. Errors are thrown by the statements: `problemOf` explains
 * them.
 *
 * A pooler between client and server gives each transaction any of its connections. Settings that it
 * does not keep for its clients are then set in each transaction of `begin`, and statements outside
 * of one go without.
 *
 * @param connection The server; environment variables are not read.
 * @param onSocket Called with each socket that is opened.
 */
export function client(
  connection: Connection,
  onSocket: (socket: Duplex) => void = () => {},
): postgres.Sql {
  const { database, user, applicationName, settings } = connection;
  const own = [IDLE, ...settings.filter(([name]) => !OWN_NAMES.includes(name.toLowerCase()))];
  /** Whether the current connection leads to a pooler; undefined before that was looked at. */
  let isBehindPooler: boolean | undefined;
  const sockets = new Sockets(connection, {
    onOpen(socket) {
      isBehindPooler = undefined;
      onSocket(socket);
    },
    onSettingsRefused() {
      const { connection: startup } = sql.options;
      for (const name of Object.keys(startup)) {
        if (!(name in TRACKED) && name !== "application_name") delete startup[name];
      }
    },
  });
  const options = {
    socket: () => sockets.open(),
    // The socket has the address; this appears only in messages that are not shown.
    host: "server",
    ssl: false,
    database,
    user,
    // A function, so that printing the options does not reveal it.
    password: () => sockets.password,
    max: 1,
    prepare: false,
    fetch_types: false,
    debug: false,
    onnotice: () => {},
    // The sockets have their own timeout, of each host, and their own probes.
    connect_timeout: 0,
    keep_alive: 0,
    idle_timeout: undefined,
    max_lifetime: null,
    backoff: false,
    connection: {
      application_name: applicationName,
      ...TRACKED,
      ...PROBES,
      ...Object.fromEntries(own),
    },
  };
  const sql = withoutEnvironment(() => postgres(options));
  const begin = sql.begin as (...args: unknown[]) => Promise<unknown>;
  const withSettings = (...args: [...unknown[], Transact]) => {
    const act = args.pop() as Transact;
    return begin(...args, async (transaction: postgres.TransactionSql) => {
      isBehindPooler ??= await isPooled(transaction);
      if (isBehindPooler) await transaction.unsafe(own.map(localSetting).join(";\n"));
      return await act(transaction);
    });
  };
  return Object.assign(sql, { begin: withSettings as postgres.Sql["begin"] });
}

type Transact = (transaction: postgres.TransactionSql) => unknown;

/** Returns the statement for a setting until the end of the transaction. */
function localSetting([name, value]: Setting): string {
  const [quotedName, quotedValue] = [name, value].map((text) => `'${text.replaceAll("'", "''")}'`);
  return `SELECT pg_catalog.set_config(${quotedName}, ${quotedValue}, true)`;
}
