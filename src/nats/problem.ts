/** Explains errors of NATS, of JetStream and of the network. */

import { nkeys } from "@nats-io/nats-core";
import { messageOf } from "../errors.ts";
import { escaped } from "../text/escape.ts";
import { CertificateTimeError } from "./certificate_time.ts";
import { ConnectError } from "./connect.ts";
import { addressOf, describeServers } from "./servers.ts";
import { StreamError } from "./stream.ts";
import type { NatsTarget } from "./target.ts";

/** Kind and explanation of a failure. */
export interface NatsProblem {
  /** `away`: try again; `denied`: an administrator must act; `row`: a message is refused. */
  kind: "away" | "denied" | "row";
  /** The operation, the error and advice. */
  message: string;
  /** The server's or the system's own code; undefined for none. */
  code: string | undefined;
}

/** Code of a certificate that is out of its time. */
const OUT_OF_TIME = "CERT_TIME";

/** Kind and text of a reason. */
type Reason = readonly [kind: NatsProblem["kind"], text: string];

/** Reasons by error codes of JetStream (its errors.json). */
const JETSTREAM: Readonly<Record<number, Reason>> = {
  10002: ["denied", "the account has no room for another stream"],
  10008: ["away", "JetStream has no leader at the moment"],
  10009: ["away", "the stream has no leader at the moment"],
  10023: ["away", "the server lacks room for JetStream"],
  10028: ["denied", "the account's room for JetStream is used up"],
  10039: ["denied", "JetStream is not enabled for this account; enable it there"],
  10047: ["away", "the server's disk lacks room for JetStream"],
  10053: ["row", "the stream refuses headers of this size"],
  10054: ["row", "the message is larger than the stream's max_msg_size; raise that"],
  10060: ["denied", "the stream that takes the subject is another one; check stream and subject"],
  10074: ["denied", "the cluster has fewer servers than replicas says"],
  10076: ["away", "JetStream on that server is not ready"],
  10077: ["away", "the stream is full"],
};

const CLOSED: Reason = ["away", "the server closed the connection; its log may say why"];

/** Advice by codes of the system, of node:tls and of the client. */
const SYSTEM: Readonly<Record<string, Reason>> = {
  ECONNREFUSED: ["away", "nothing listens there; is nats-server running, and on this port?"],
  ENOTFOUND: ["away", "there is no such host; check its name, and the name servers"],
  EAI_AGAIN: ["away", "the name servers do not answer"],
  EHOSTUNREACH: ["away", "the host cannot be reached; check its address, and firewalls"],
  ENETUNREACH: ["away", "its network cannot be reached; check its address, and the routes"],
  ETIMEDOUT: ["away", "no answer in time; check the address, and firewalls"],
  ECONNRESET: CLOSED,
  EPIPE: CLOSED,
  // Deno's name for a TLS connection that was cut, when it is written to.
  EPERM: CLOSED,
  DEPTH_ZERO_SELF_SIGNED_CERT: ["denied", "untrusted"],
  SELF_SIGNED_CERT_IN_CHAIN: ["denied", "untrusted"],
  UNABLE_TO_GET_ISSUER_CERT: ["denied", "untrusted"],
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: ["denied", "untrusted"],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: ["denied", "untrusted"],
};

/**
 * Explains an error.
 *
 * @param error An error of the client, of JetStream or of the system.
 * @param target The servers.
 * @param doing The operation, as in `connect` or `send records`.
 */
export function natsProblem(error: unknown, target: NatsTarget, doing: string): NatsProblem {
  const where = error instanceof ConnectError
    ? `${target.isSecure ? "tls" : "nats"}://${addressOf(error.server)}`
    : describeServers(target);
  const cause = error instanceof ConnectError ? error.cause : error;
  const [kind, text, code] = reasonOf(cause, target, error instanceof ConnectError);
  const action = doing === "connect" ? "connect" : `${doing} over`;
  const to = doing === "connect" ? ` to ${where}` : ` ${where}`;
  return { kind, message: `Cannot ${action}${to}: ${escaped(text)}`, code };
}

function reasonOf(
  error: unknown,
  target: NatsTarget,
  isConnecting: boolean,
): [kind: NatsProblem["kind"], text: string, code: string | undefined] {
  if (!(error instanceof Error)) return ["away", "the server closed the connection", undefined];
  if (/^(RequestError|JetStreamNotEnabled)$/.test(error.name) && error.cause instanceof Error) {
    return reasonOf(error.cause, target, isConnecting);
  }
  const said = messageOf(error);
  if (error instanceof StreamError) return ["denied", said, undefined];
  if (isAboutRights(error)) {
    const addresses = target.servers.map(addressOf).join(",");
    return ["denied", `a right is missing; run with --allow-net=${addresses}`, undefined];
  }
  // A clock is set later, and a certificate renewed: records wait for that.
  if (error instanceof CertificateTimeError) return ["away", said, OUT_OF_TIME];
  const code = codeOf(error);
  if (typeof code === "number" && error.name.endsWith("Error")) {
    const [kind, text] = JETSTREAM[code] ?? ["away", said];
    return [kind, text === said ? `JetStream says: ${said}` : text, `${code}`];
  }
  if (target.isSecure && isConnecting && /^(EPERM|EPIPE|ECONNRESET|ERR_SSL_.*)$/.test(`${code}`)) {
    const text = "the server closed the connection while TLS began; its log may say why" +
      (target.tls.cert === undefined ? "; it may demand a certificate (cert_file, key_file)" : "");
    return ["away", `${text}: ${said}`, `${code}`];
  }
  const known = typeof code === "string" ? SYSTEM[code] : undefined;
  if (known !== undefined) {
    return [known[0], known[1] === "untrusted" ? untrusted(target) : known[1], `${code}`];
  }
  const [kind, text] = byName(error, said, target);
  return [kind, text, undefined];
}

/** Explains errors of the client, which has a class for each kind. */
function byName(error: Error, said: string, target: NatsTarget): Reason {
  const text = said.toLowerCase();
  switch (error.name) {
    case "AuthorizationError":
      return text.includes("timeout")
        ? ["away", "the server ended the login: it took too long"]
        : ["denied", `the server refuses ${loginOf(target)}: ${said}${remedyOf(target)}`];
    case "UserAuthenticationExpiredError":
      return ["denied", "the user's credentials have expired; get new ones"];
    case "PermissionViolationError":
      return ["denied", forbidden(said, target)];
    case "NoResponders":
      return said.includes("$JS.API.")
        ? ["denied", "JetStream is not enabled there; enable it (jetstream { … })"]
        : ["denied", `no stream takes the subject (${said}); see nats stream list`];
    case "InvalidArgumentError":
      if (!text.includes("max_payload")) break;
      return ["row", "the message is larger than the server's max_payload; raise that"];
    case "TimeoutError":
      return ["away", "no answer in time"];
  }
  if (text === "timeout") return ["away", "no answer in time"];
  if (text.includes("does not support 'tls'") || text.includes("'tls' is not available")) {
    return ["denied", "the server has no TLS; turn it on there (tls { … }), or write nats://"];
  }
  if (text.includes("unexpected response")) {
    return ["denied", "the server there is not NATS; check host and port"];
  }
  // The client has no options for TLS then.
  if (!target.isSecure && text.includes("certfile")) {
    return ["denied", "the server demands TLS; write tls://"];
  }
  if (/certificate|tls|ssl/.test(text)) {
    return text.includes("issuer") ? ["denied", untrusted(target)] : [
      "denied",
      `TLS failed: ${said}; check certificates, keys, and the host's name`,
    ];
  }
  return ["away", said === "" ? "the server closed the connection" : said];
}

/** Explains a missing permission, always in the same words: inboxes have random names. */
function forbidden(said: string, target: NatsTarget): string {
  const [, host] = /Subscription to "_INBOX\.([^."]+)\./i.exec(said) ?? [];
  if (host === undefined) {
    return `the server does not permit it: ${said}; see its permissions of this user`;
  }
  return `the server does not permit it: ${
    loginOf(target)
  } is not that of host ${host}, and may not ` +
    `subscribe to _INBOX.${host}.>; the key or password may be another host's`;
}

/** Returns the advice for a user that is refused. */
function remedyOf({ login }: NatsTarget): string {
  return login.kind === "nkey"
    ? "; that key must stand among the users of the server (users.conf), which is reloaded then"
    : "";
}

/** Returns the public key of a seed, in parentheses. */
function publicKey(seed: string): string {
  try {
    return ` (${nkeys.fromSeed(new TextEncoder().encode(seed)).getPublicKey()})`;
  } catch {
    return "";
  }
}

function untrusted({ tls }: NatsTarget): string {
  return "the server's certificate is not trusted; " +
    (tls.ca === undefined
      ? "name the certificate of its authority with ca_file"
      : "no authority in ca_file has signed it");
}

function loginOf({ login }: NatsTarget): string {
  switch (login.kind) {
    case "none":
      return "a connection without a user; add credentials_file, nkey_file, or user and secret_file";
    case "password":
      return `the user ${login.user} or the password`;
    case "token":
      return "the token";
    case "credentials":
      return "the user of credentials_file";
    case "nkey":
      return `the user of nkey_file${publicKey(login.seed)}`;
  }
}

/** Returns whether a permission is missing, for which Deno's resolver throws EPERM. */
function isAboutRights(error: Error): boolean {
  return error.name === "NotCapable" ||
    "code" in error && error.code === "EPERM" && "syscall" in error &&
      error.syscall === "getaddrinfo";
}

/** Returns the code of an error, or of the one that caused it. */
function codeOf(error: Error): unknown {
  if ("code" in error && error.code !== undefined) return error.code;
  return error.cause instanceof Error ? codeOf(error.cause) : undefined;
}
