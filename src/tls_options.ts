/** Options of TLS connections, of sources and outputs. */

import type { ConfigProblem } from "./errors.ts";
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
