/** Options of outputs that send records to a receiver. */

import { type ConfigProblem, messageOf } from "../../errors.ts";
import { readText } from "../../files/regular_file.ts";
import type { Need } from "../../permission.ts";
import {
  described,
  type Entries,
  omittable,
  oneOf,
  optional,
  type OptionsOf,
  path,
  text,
  useless,
  wholeNumber,
} from "../../schema.ts";
import {
  certificateProblems,
  secretNeeds,
  TLS_FILES,
  TLS_ONLY,
  tlsEntries,
} from "../../tls_options.ts";
import { reason } from "../file/failure.ts";
import { hostAndPort, type Protocol, type Receiver, receiverOf } from "./url.ts";

/** Options of a connection, beside its URL. */
export const connectionEntries = {
  ...tlsEntries,
  timeoutMs: described(
    "How long a connection, a request or a write may take, in milliseconds.",
    optional(wholeNumber(100, 600_000), 30_000),
  ),
} satisfies Entries;

/** Options of HTTP requests. */
export const httpEntries = {
  auth: described(
    "HTTP authorization with the secret: bearer, basic (with user), apikey (Elasticsearch) or splunk.",
    omittable(oneOf(["bearer", "basic", "apikey", "splunk"])),
  ),
  user: described("User of basic authorization.", omittable(text("a user's name"))),
  secretFile: described(
    "File with the token or password of HTTP authorization.",
    omittable(path("input", "a file's path")),
  ),
  secretEnv: described(
    "Environment variable with the token or password of HTTP authorization.",
    omittable(text("a variable's name")),
  ),
  flushMs: described(
    "How long records are collected for an HTTP request, in milliseconds.",
    optional(wholeNumber(0, 60_000), 1000),
  ),
} satisfies Entries;

const entries = { ...connectionEntries, ...httpEntries };

/** Options of a connection. */
export type RemoteOptions = Partial<OptionsOf<typeof entries>> & { url: string };

/** Options of a connection with what the privileged process alone may read. */
export interface CompleteRemoteOptions extends RemoteOptions {
  /** Value of the header `Authorization`. */
  authorization?: string;
  /** Certificates to trust, PEM. */
  caCertificate?: string;
  /** Certificate of the client and its key, PEM. */
  certificate?: { cert: string; key: string };
}

/** Options that only HTTP has. */
const HTTP_ONLY = ["auth", "user", "secretFile", "secretEnv"] as const;

/**
 * Returns problems of options that are valid one by one.
 *
 * @param options The options.
 * @param protocols Protocols that the output accepts.
 * @param defaultPorts Ports of protocols whose URL may lack one.
 */
export function remoteProblems(
  options: Partial<RemoteOptions>,
  protocols: readonly Protocol[],
  defaultPorts?: Parameters<typeof receiverOf>[2],
): ConfigProblem[] {
  if (options.url === undefined) return [];
  let receiver: Receiver;
  try {
    receiver = receiverOf(options.url, protocols, defaultPorts);
  } catch (error) {
    return [{ key: "url", message: messageOf(error) }];
  }
  const isTls = receiver.kind === "tls" || receiver.kind === "http" && receiver.isSecure;
  return [
    ...receiver.kind === "http" ? authProblems(options) : excess(options, HTTP_ONLY, "HTTP"),
    ...isTls ? [] : excess(options, TLS_ONLY, "TLS"),
    ...certificateProblems(options),
  ];
}

/** Returns a problem for each option that only another protocol has. */
function excess(
  options: Partial<RemoteOptions>,
  names: readonly (keyof typeof entries)[],
  what: string,
): ConfigProblem[] {
  return useless(entries, options, names, `is for ${what} only; change the url, or leave it out`);
}

function authProblems(
  { auth, user, secretFile, secretEnv }: Partial<RemoteOptions>,
): ConfigProblem[] {
  const hasSecret = secretFile !== undefined || secretEnv !== undefined;
  if (secretFile !== undefined && secretEnv !== undefined) {
    return [{ key: "secret_env", message: "is not used with secret_file; leave one of them out" }];
  }
  if ((auth !== undefined) !== hasSecret) {
    return [{ key: "auth", message: "goes with secret_file or secret_env; write both or none" }];
  }
  if ((auth === "basic") !== (user !== undefined)) {
    return [{ key: "user", message: 'goes with auth = "basic"; write both or none' }];
  }
  return [];
}

/** Returns the permissions for a receiver; those for its address are kept, to connect again. */
export function remoteNeeds(options: RemoteOptions, receiver: Receiver): Need[] {
  const needs: Need[] = [];
  const why = "the receiver of records";
  if (receiver.kind === "unix") {
    // Deno requires all three.
    needs.push(
      { name: "net", value: `unix:${receiver.path}`, why, isKept: true },
      { name: "read", value: receiver.path, why },
      { name: "write", value: receiver.path, why },
    );
  } else if (receiver.kind === "http") {
    needs.push({ name: "net", value: receiver.address, why, isKept: true });
  } else if (receiver.kind !== "udp") {
    needs.push({ name: "net", value: hostAndPort(receiver), why, isKept: true });
  }
  return [...needs, ...secretNeeds(options, FILES)];
}

const FILES = [...TLS_FILES, ["secretFile", "the secret"]] as const;

/**
 * Reads files and the secret.
 *
 * @throws {Error} If one cannot be read; the message names the file or variable, never the secret.
 */
export function completeRemote<Options extends RemoteOptions>(
  options: Options,
): Options & CompleteRemoteOptions {
  const { caFile, certFile, keyFile } = options;
  const authorization = authorizationOf(options);
  return {
    ...options,
    ...authorization !== undefined && { authorization },
    ...caFile !== undefined && { caCertificate: contents(caFile) },
    ...certFile !== undefined && keyFile !== undefined && {
      certificate: { cert: contents(certFile), key: contents(keyFile) },
    },
  };
}

/** Returns the value of `Authorization` (RFC 9110 section 11.6.2). */
function authorizationOf(options: RemoteOptions): string | undefined {
  const { auth, user, secretFile, secretEnv } = options;
  if (auth === undefined) return undefined;
  const secret = secretFile !== undefined
    ? contents(secretFile).trim()
    : Deno.env.get(secretEnv!) ?? "";
  const place = secretFile ?? `the environment variable ${secretEnv}`;
  if (!/^[\x21-\x7e]+( [\x21-\x7e]+)*$/.test(secret)) {
    throw new Error(`${place} must hold the secret: printable ASCII on one line`);
  }
  switch (auth) {
    case "basic":
      return `Basic ${new TextEncoder().encode(`${user}:${secret}`).toBase64()}`;
    case "apikey":
      return `ApiKey ${secret}`;
    case "splunk":
      return `Splunk ${secret}`;
    default:
      return `Bearer ${secret}`;
  }
}

function contents(path: string): string {
  try {
    return readText(path).text;
  } catch (error) {
    throw new Error(`Cannot read ${path}: ${reason(error, path)}`, { cause: error });
  }
}
