/** Parameters of a connection to PostgreSQL, and its address in messages. */

import { bracketed } from "../../text/endpoint.ts";
import type { Need } from "../../permission.ts";
import { connectionNeeds, type ServerConnection, type ServerKind } from "../server/connection.ts";
import type { Setting } from "./session_options.ts";
import type { Target } from "./target_session.ts";

/** The default port. */
export const PORT = 5432;

/** A server, and its password. */
export type Host = Pick<ServerConnection, "host" | "address" | "port" | "password">;

/** Parameters of a connection. Several hosts are tried in order. */
export interface Connection extends ServerConnection {
  /** Hosts besides the first one. */
  others: readonly Host[];
  /** The kind of server that is wanted. */
  target: Target;
  /** The session's name in `pg_stat_activity`. */
  applicationName: string;
  /** Settings of the session, besides nfscribe's own. */
  settings: readonly Setting[];
  /** Whether the login must prove that the TLS connection ends at the server. */
  bindsChannel: boolean;
  /** Time without data after which the system probes the connection, in ms; 0 for never. */
  keepAliveMs: number;
}

/** PostgreSQL, in messages. */
export const POSTGRES: ServerKind = { name: "PostgreSQL", tlsSetting: "ssl = on", socketPath };

/** Returns a connection to each host, in order. */
export function eachHost(connection: Connection): Connection[] {
  const { others, ...first } = connection;
  return [
    { ...connection, others: [] },
    ...others.map((host) => {
      const { address: _, ...rest } = first;
      return { ...rest, ...host, others: [] };
    }),
  ];
}

/** Returns the permissions for connecting to any of the hosts. */
export function needsOf(connection: Connection): Need[] {
  const needs = eachHost(connection).flatMap((host) => connectionNeeds(host, POSTGRES));
  return needs.filter(({ name, value }, index) =>
    needs.findIndex((need) => need.name === name && need.value === value) === index
  );
}

/** Returns the path of the Unix socket; undefined if the host is not a folder. */
export function socketPath({ host, address, port }: ServerConnection): string | undefined {
  return address === undefined && host.startsWith("/") ? `${host}/.s.PGSQL.${port}` : undefined;
}

/** Formats the connection for messages, as a URL without the password. */
export function describeConnection(connection: Connection): string {
  const { host, port, database, user, others } = connection;
  const [role, name] = [user, database].map(encodeURIComponent);
  if (others.length > 0 || !host.startsWith("/")) {
    const places = [connection, ...others].map(describeHost);
    return `postgres://${role}@${places.join(",")}/${name}`;
  }
  const socket = `postgres://${role}@/${name}?host=${encodeURI(host)}`;
  return port === PORT ? socket : `${socket}&port=${port}`;
}

/** Formats a host and its port as in a URL. */
export function describeHost({ host, port }: Host): string {
  return `${host.startsWith("/") ? encodeURIComponent(host) : bracketed(host)}:${port}`;
}
