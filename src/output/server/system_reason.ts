/**
 * Explains errors that precede the server's own: of the network, of TLS, of missing permissions.
 */

import { ConnectError, type Failure, type Reason } from "./connect_failure.ts";
import { connectionNeeds, type ServerConnection, type ServerKind } from "./connection.ts";

/** Advice for errors after which only another attempt helps. */
const AWAY: Readonly<Record<string, (connection: ServerConnection, kind: ServerKind) => string>> = {
  ECONNREFUSED: (connection, { socketPath }) =>
    `nothing listens ${socketPath(connection) === undefined ? "there" : "at the socket"}; ` +
    "is the server running, and on this port?",
  ENOTFOUND: ({ host }) => `there is no host "${host}"; check its name, and the name servers`,
  EAI_AGAIN: ({ host }) => `the name servers do not answer about "${host}"`,
  EHOSTUNREACH: () => "the host cannot be reached; check its address, and firewalls",
  ENETUNREACH: () => "its network cannot be reached; check its address, and the routes",
  ETIMEDOUT: () => SLOW,
  CONNECT_TIMEOUT: () => SLOW,
  ECONNRESET: () => HUNG_UP,
  ECONNABORTED: () => HUNG_UP,
  ECANCELED: () => HUNG_UP,
  EPIPE: () => HUNG_UP,
  CONNECTION_CLOSED: () => HUNG_UP,
  ENOSPC: () => "the disk of this host is full; make room",
  CONNECTION_ENDED: () => "the connection was given up",
  CONNECTION_DESTROYED: () => "the connection was given up",
};
const SLOW = "no answer in time; check the address, and firewalls, or raise connect_timeout";
const HUNG_UP = "the server closed the connection; its log may say why";

/** Codes of node:tls. */
const UNTRUSTED: readonly string[] = [
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
];
const WRONG_NAME = "ERR_TLS_CERT_ALTNAME_INVALID";

/** Explains an error; returns undefined if it is not one of these. */
export function systemReason(
  { error, code, said, connection }: Failure,
  kind: ServerKind,
): Reason | undefined {
  if (isAboutRights(error)) return { kind: "denied", text: missing(error, connection, kind) };
  const away = AWAY[code];
  if (away !== undefined) return { kind: "away", text: away(connection, kind) };
  const path = kind.socketPath(connection);
  if (path !== undefined && syscallOf(error) === "connect") return ofSocket(code, said, path);
  if (error instanceof ConnectError) return ofConnectError(error, said, connection, kind);
  if (code === "SASL_SIGNATURE_MISMATCH") {
    return {
      kind: "denied",
      text: "the server does not know the password itself; another server may be answering",
    };
  }
  // The peer's alert after the handshake.
  return code.startsWith("ERR_SSL_") ? ofTls(code, said, connection) : undefined;
}

/** Returns whether a permission is missing, for which Deno's resolver throws EPERM. */
function isAboutRights(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  return error.name === "NotCapable" ||
    "code" in error && error.code === "EPERM" && syscallOf(error) === "getaddrinfo";
}

function syscallOf(error: unknown): unknown {
  return error instanceof Error && "syscall" in error ? error.syscall : undefined;
}

function ofSocket(code: string, said: string, path: string): Reason {
  if (code === "ENOENT") {
    return { kind: "away", text: `there is no socket ${path}; is the server running?` };
  }
  return code === "EACCES"
    ? { kind: "denied", text: `this user may not use ${path}; check the rights of the file` }
    : { kind: "denied", text: said };
}

function missing(error: Error, connection: ServerConnection, kind: ServerKind): string {
  const [, right, value] = /^Requires (\w+) access to "([^"]*)"/.exec(error.message) ?? [];
  const needs = connectionNeeds(connection, kind);
  const isOurs = right === undefined || needs.some((need) => need.value === value);
  if (!isOurs) return `a right is missing; run with --allow-${right}=${value}`;
  const flags = [...new Set(needs.map(({ name }) => name))].map((name) => {
    const values = needs.filter((need) => need.name === name).map(({ value }) => value);
    return `--allow-${name}=${values.join(",")}`;
  });
  return `a right is missing; run with ${flags.join(" ")}`;
}

function ofConnectError(
  error: ConnectError,
  said: string,
  connection: ServerConnection,
  kind: ServerKind,
): Reason {
  switch (error.code) {
    case "NO_TLS":
      return {
        kind: "denied",
        text: `the server has no TLS, and sslmode is ${connection.sslMode}; ` +
          `turn it on there (${kind.tlsSetting}), or set sslmode=prefer`,
      };
    case "PASSWORD_ASKED":
      return {
        kind: "denied",
        text:
          `${said} over a connection without TLS, which anybody who answers in its place may; ` +
          `set sslmode=verify-full, or connect over its Unix socket`,
      };
    case "TLS_FAILED":
      return ofTlsFailure(error, connection, kind);
    case "OTHER_SESSION":
      // It may be promoted.
      return { kind: "away", text: said };
    case "OTHER_SERVER":
      return { kind: "denied", text: `the server there is not ${kind.name}; check host and port` };
    case "BAD_MESSAGE":
      return {
        kind: "denied",
        text:
          `nfscribe closed the connection: the server does not keep to ${kind.name}'s protocol: ` +
          `${said}; check host and port`,
      };
    default:
      return { kind: "denied", text: said };
  }
}

/**
 * Explains a failed handshake. A connection that breaks during the handshake may succeed the next
 * time.
 */
function ofTlsFailure(
  { cause }: ConnectError,
  connection: ServerConnection,
  kind: ServerKind,
): Reason {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  const away = AWAY[code];
  if (away !== undefined) {
    return { kind: "away", text: `while TLS began, ${away(connection, kind)}` };
  }
  return ofTls(code, cause instanceof Error ? cause.message : String(cause), connection);
}

function ofTls(code: string, said: string, { host, sslRootCert }: ServerConnection): Reason {
  if (UNTRUSTED.includes(code)) {
    const text = sslRootCert === undefined
      ? "name the certificate of its authority with sslrootcert"
      : `no authority in ${sslRootCert} has signed it`;
    return { kind: "denied", text: `the server's certificate is not trusted; ${text}` };
  }
  if (code === WRONG_NAME) {
    return {
      kind: "denied",
      text: `the server's certificate is not for "${host}": ${said}; ` +
        "connect by a name that it has, or set sslmode=verify-ca",
    };
  }
  return { kind: "denied", text: `TLS failed: ${said}; check certificates and keys` };
}
