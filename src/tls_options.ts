/** Options of TLS connections, of sources and outputs. */

import type { ConfigProblem } from "./errors.ts";
import type { Need } from "./permission.ts";
import { described, type Entries, omittable, type OptionsOf, path } from "./schema.ts";

/** Options of a TLS connection. */
export const tlsEntries = {
  caFile: described(
    "PEM file of certificate authorities to trust for TLS, in place of the built-in ones.",
    omittable(path("input", "a file's path")),
  ),
  certFile: described(
    "PEM file of the certificate that nfscribe shows the server, with key_file.",
    omittable(path("input", "a file's path")),
  ),
  keyFile: described(
    "PEM file of the key of cert_file.",
    omittable(path("input", "a file's path")),
  ),
} satisfies Entries;

/** Names of these options. */
export const TLS_ONLY = ["caFile", "certFile", "keyFile"] as const;

/** Returns a problem where a certificate or its key is missing. */
export function certificateProblems(
  { certFile, keyFile }: Partial<OptionsOf<typeof tlsEntries>>,
): ConfigProblem[] {
  if ((certFile === undefined) === (keyFile === undefined)) return [];
  return [{ key: "cert_file", message: "needs key_file, and key_file needs cert_file" }];
}

/** Files of TLS options, and what they hold. */
export const TLS_FILES = [
  ["caFile", "certificate authorities"],
  ["certFile", "the certificate"],
  ["keyFile", "the certificate's key"],
] as const;

/**
 * Returns the rights to read what a connection shows the other side.
 *
 * @param options Options of the connection.
 * @param files Those of them that name files, and what these hold.
 */
export function secretNeeds<Key extends string>(
  options: { readonly [K in Key]?: string | undefined } & { secretEnv?: string | undefined },
  files: readonly (readonly [key: Key, why: string])[],
): Need[] {
  const needs = files.flatMap(([key, why]): Need[] => {
    const value = options[key];
    return value === undefined ? [] : [{ name: "read", value, why }];
  });
  const { secretEnv } = options;
  if (secretEnv === undefined) return needs;
  return [...needs, { name: "env", value: secretEnv, why: "the secret" }];
}
