/** A connection to NATS with all that it takes: servers, certificates and secrets. */

import { messageOf } from "../errors.ts";
import { readText } from "../files/regular_file.ts";
import { quoted, quotedPath } from "../text/shell_quoted.ts";
import type { NatsOptions } from "./options.ts";
import { type Servers, serversOf } from "./servers.ts";

/** Proof of the user's identity. */
export type Login =
  | { kind: "none" }
  | { kind: "password"; user: string; password: string }
  | { kind: "token"; token: string }
  | { kind: "credentials"; text: string }
  | { kind: "nkey"; seed: string };

/** A connection, as a thread gets it: files were read before. */
export interface NatsTarget extends Servers {
  login: Login;
  /** Certificates to trust, and the client's certificate and key, in PEM. */
  tls: { ca?: string; cert?: string; key?: string };
}

/**
 * Reads the files of a connection.
 *
 * @throws {Error} If one cannot be read, or holds something else; the message names the file or
 *   variable, never the secret.
 */
export function targetOf(options: NatsOptions): NatsTarget {
  const { caFile, certFile, keyFile } = options;
  return {
    ...serversOf(options.url),
    login: loginOf(options),
    tls: {
      ...caFile !== undefined && { ca: contents(caFile) },
      ...certFile !== undefined && { cert: contents(certFile) },
      ...keyFile !== undefined && { key: secret(keyFile) },
    },
  };
}

function loginOf(options: NatsOptions): Login {
  const { credentialsFile, nkeyFile, user, secretFile, secretEnv } = options;
  if (credentialsFile !== undefined) {
    const text = secret(credentialsFile);
    const isRight = /BEGIN NATS USER JWT[^]*BEGIN USER NKEY SEED/.test(text);
    if (isRight) return { kind: "credentials", text };
    throw new Error(
      `${credentialsFile} must hold a user's JWT and the seed of its NKEY, as nsc writes it`,
    );
  }
  if (nkeyFile !== undefined) {
    const [seed] = /\bSU[A-Z2-7]{56}\b/.exec(secret(nkeyFile)) ?? [];
    if (seed !== undefined) return { kind: "nkey", seed };
    throw new Error(`${nkeyFile} must hold the seed of a user's NKEY, which begins with SU`);
  }
  if (secretFile === undefined && secretEnv === undefined) return { kind: "none" };
  const place = secretFile ?? `the environment variable ${secretEnv}`;
  const word = secretFile === undefined
    ? Deno.env.get(secretEnv!) ?? ""
    : secret(secretFile).replace(/\r?\n$/, "");
  // deno-lint-ignore no-control-regex
  if (word === "" || /[\0-\x1f\x7f]/.test(word)) {
    throw new Error(`${place} must hold the password or token on one line`);
  }
  return user === undefined
    ? { kind: "token", token: word }
    : { kind: "password", user, password: word };
}

/** Reads a file with a secret. */
function secret(path: string): string {
  const { text, mode } = read(path);
  if ((mode & 0o007) === 0) return text;
  throw new Error(
    `${path} holds a secret and is open to others; close it with chmod o= ${quotedPath(path)}`,
  );
}

function contents(path: string): string {
  return read(path).text;
}

function read(path: string): { text: string; mode: number } {
  try {
    return readText(path);
  } catch (error) {
    throw new Error(`Cannot read ${path}: ${reasonOf(error, path)}`, { cause: error });
  }
}

function reasonOf(error: unknown, path: string): string {
  if (error instanceof Deno.errors.NotCapable) {
    return "Deno was started without that right; run again with " +
      quoted(`--allow-read=${path}`);
  }
  if (error instanceof Deno.errors.NotFound) return "there is no such file";
  if (error instanceof Deno.errors.PermissionDenied) {
    return "the system denies it to this user; check its owner and mode";
  }
  return messageOf(error);
}
