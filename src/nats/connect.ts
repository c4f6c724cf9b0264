/** Connections to NATS. The caller connects again when one ends: the client does not. */

import { isIP } from "node:net";
import {
  connect,
  type ConnectionOptions,
  credsAuthenticator,
  type NatsConnection,
  nkeyAuthenticator,
} from "@nats-io/transport-node";
import { findTimeError, mayBeOutOfTime } from "./certificate_time.ts";
import { addressOf, type Server } from "./servers.ts";
import type { Login, NatsTarget } from "./target.ts";

/** Timeout of a connection, and of a server that answers no longer, in milliseconds. */
const CONNECT_MS = 10_000;
const PING_MS = 10_000;
const PINGS_MOST = 2;

/** Error of connecting to a server. */
export class ConnectError extends Error {
  override readonly name = "ConnectError";

  /** Creates an error whose cause is that of the client or the system. */
  constructor(readonly server: Server, cause: unknown) {
    super(`Cannot connect to ${addressOf(server)}`, { cause });
  }
}

/**
 * Connects to one of the servers, in random order. Servers that these announce are not used.
 *
 * @param target The servers, and how to log in.
 * @param name Name of the connection, which the server's monitoring shows.
 * @param inbox First tokens of the subjects of answers, where the user may not subscribe to others.
 * @throws {ConnectError} If none can be used: why the last one that answered cannot, or the last one.
 */
export async function connectTo(
  target: NatsTarget,
  name: string,
  inbox = "_INBOX",
): Promise<NatsConnection> {
  guardSockets();
  let failed: ConnectError | undefined;
  for (const server of shuffled(target.servers)) {
    try {
      return await connect({ ...optionsOf(target, server, name), inboxPrefix: inbox });
    } catch (error) {
      const timeError = mayBeOutOfTime(error) ? await findTimeError(server, target) : undefined;
      const next = new ConnectError(server, timeError ?? error);
      if (failed === undefined || isAnswer(error) || !isAnswer(failed.cause)) failed = next;
    }
  }
  throw failed!;
}

let isGuarded = false;

/** Places in Deno that make errors of sockets and of TLS. */
const OF_SOCKETS = /deno_node\/internal(?:_binding\/tls_wrap|\/stream_base_commons)/;

/**
 * Keeps late errors of sockets from ending the process: the client takes its listeners off a socket
 * before it closes it, and a reset or an alert of the server may come in between.
 */
function guardSockets(): void {
  if (isGuarded) return;
  isGuarded = true;
  globalThis.addEventListener("error", (event) => {
    const { stack = "" } = event.error instanceof Error ? event.error : {};
    if (OF_SOCKETS.test(stack)) event.preventDefault();
  });
}

/** Returns the options of a connection to one server. */
function optionsOf(
  { isSecure, login, tls }: NatsTarget,
  server: Server,
  name: string,
): ConnectionOptions {
  return {
    name,
    servers: addressOf(server),
    timeout: CONNECT_MS,
    pingInterval: PING_MS,
    maxPingOut: PINGS_MOST,
    reconnect: false,
    ignoreClusterUpdates: true,
    // The rights are for the host's name: the client would connect to its address.
    resolve: false,
    noAsyncTraces: true,
    ...loginOptions(login),
    tls: isSecure ? { ...tls, ...identityOf(server) } : null,
  };
}

/** Returns the options of node:tls that name the server whose certificate is expected. */
function identityOf({ host }: Server): { host: string; servername?: string } {
  // Addresses are not names (RFC 6066 section 3), and are compared all the same.
  return isIP(host) === 0 ? { host, servername: host } : { host };
}

function loginOptions(login: Login): ConnectionOptions {
  switch (login.kind) {
    case "none":
      return {};
    case "password":
      return { user: login.user, pass: login.password };
    case "token":
      return { token: login.token };
    case "credentials":
      return { authenticator: credsAuthenticator(new TextEncoder().encode(login.text)) };
    case "nkey":
      return { authenticator: nkeyAuthenticator(new TextEncoder().encode(login.seed)) };
  }
}

/** Returns whether an error is one that a server sent, which tells more than that one is away. */
function isAnswer(error: unknown): boolean {
  return error instanceof Error &&
    /^(Authorization|UserAuthentication|Protocol|InvalidArgument)/.test(error.name);
}

function shuffled<Item>(items: readonly Item[]): Item[] {
  const left = [...items];
  return items.map(() => left.splice(Math.floor(Math.random() * left.length), 1)[0]!);
}
