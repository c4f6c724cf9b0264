/** Connections to a database's server, and their parameters in libpq's words. */

import type { Need } from "../../permission.ts";
import { endpoint } from "../../text/endpoint.ts";

/** Modes of TLS in libpq's words, from the weakest to the strongest. */
export const SSL_MODES = [
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
export interface ServerConnection {
  /** A name, an address, or the place of a Unix socket, which begins with `/`. */
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

/** A product with a server. */
export interface ServerKind {
  /** Its name. */
  name: string;
  /** The setting that turns TLS on there. */
  tlsSetting: string;
  /** Returns the path of the Unix socket; undefined for TCP. */
  socketPath(connection: ServerConnection): string | undefined;
}

/** libpq waits without a limit; a writer with rows to send tries again instead. */
const CONNECT_TIMEOUT_MS = 10_000;

/** Refuses a list of hosts. */
export function oneHost(host: string): string {
  if (host.includes(",")) throw new Error("several hosts are named; name one");
  return host;
}

/** Parses a port; `from` says where it comes from. */
export function portOf(text: string | undefined, from: string, byDefault: number): number {
  if (text === undefined) return byDefault;
  const port = /^\d+$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65_535) {
    throw new Error(`${from} is no port; write a number from 1 to 65535, as in ${byDefault}`);
  }
  return port;
}

/** Parses a mode of TLS. */
export function sslModeOf(
  text: string | undefined,
  from: string,
  modes: readonly SslMode[] = SSL_MODES,
): SslMode {
  const mode = modes.find((mode) => mode === (text ?? "prefer"));
  if (mode === undefined) throw new Error(`${from} is not one of ${modes.join(", ")}`);
  return mode;
}

/** Parses a timeout in seconds. */
export function timeoutOf(text: string | undefined, from: string): number {
  if (text === undefined) return CONNECT_TIMEOUT_MS;
  const seconds = /^\d{1,6}$/.test(text) ? Number(text) : NaN;
  if (Number.isNaN(seconds)) {
    throw new Error(`${from} is not a number of seconds, as in 10; 0 waits without end`);
  }
  return seconds * 1000;
}

/** Refuses a certificate without its key. */
export function clientCertificate(
  sslCert: string | undefined,
  sslKey: string | undefined,
): Pick<ServerConnection, "sslCert" | "sslKey"> {
  if ((sslCert === undefined) !== (sslKey === undefined)) {
    throw new Error("a certificate needs its key; give both sslcert and sslkey, or none of them");
  }
  return { sslCert, sslKey };
}

/** Returns the permissions for connecting. */
export function connectionNeeds(
  connection: ServerConnection,
  { name, socketPath }: ServerKind,
): Need[] {
  const { host, address, port, sslMode, sslRootCert, sslCert, sslKey } = connection;
  const why = `connect to ${name}`;
  const path = socketPath(connection);
  if (path !== undefined) {
    // Deno requires all three.
    return [
      { name: "net", value: `unix:${path}`, why, isKept: true },
      { name: "read", value: path, why },
      { name: "write", value: path, why },
    ];
  }
  const files = sslMode === "disable" ? [] : [sslRootCert, sslCert, sslKey];
  return [
    { name: "net", value: endpoint(address ?? host, port), why, isKept: true },
    ...files.filter((file) => file !== undefined).map((file): Need => (
      { name: "read", value: file, why: `read the certificates for ${name}` }
    )),
  ];
}
