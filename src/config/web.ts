/** `[web]`: the web page of `nfscribe web`. */

import type { ConfigProblem } from "../errors.ts";
import {
  described,
  type Entries,
  list,
  omittable,
  optional,
  type OptionsOf,
  path,
  text,
  yesOrNo,
} from "../schema.ts";
import { isLoopback, parseAddress } from "./address.ts";

/** Options of `[web]`. */
export const webEntries = {
  listen: described(
    "Where the page is, as in 127.0.0.1:9478 or [::1]:9478.",
    optional(text("a host and a port, as in 127.0.0.1:9478"), "127.0.0.1:9478"),
  ),
  hosts: described(
    "Names by which browsers may ask for it, as in fw.example, besides localhost and addresses.",
    omittable(list('names, as in ["fw.example"]')),
  ),
  output: described(
    "Name of the output whose database it shows; left out where there is one.",
    omittable(text("the name of an output with a database")),
  ),
  tokenFile: described(
    "File with the token that opens the page, made with mode 0600 if it is missing; left out, each " +
      "start has another token.",
    omittable(path("file", "a file's path")),
  ),
  tlsCertificate: described(
    "Certificate for HTTPS, in PEM, with those between it and the authority's.",
    omittable(path("input", "a file's path")),
  ),
  tlsKey: described("Its private key, in PEM.", omittable(path("input", "a file's path"))),
  cleartext: described(
    "Whether others than this host may connect without HTTPS: all in between can read the token and all " +
      "packets.",
    optional(yesOrNo(), false),
  ),
} satisfies Entries;

/** Options of the web page. */
export type WebOptions = OptionsOf<typeof webEntries>;

/** A name of DNS (RFC 1123) without a port. */
const NAME =
  /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$/i;

/** Returns problems of options that are right one by one; keys without the table's name. */
export function webProblems(options: Partial<WebOptions>): ConfigProblem[] {
  const { listen, hosts = [], tlsCertificate, tlsKey, cleartext = false } = options;
  const problems: ConfigProblem[] = [];
  const address = listen === undefined ? undefined : parseAddress(listen);
  if (listen !== undefined && address === undefined) {
    problems.push({
      key: "listen",
      message: "must be a host and a port, as in 127.0.0.1:9478 or [::1]:9478",
    });
  }
  for (const name of hosts.filter((name) => !NAME.test(name))) {
    problems.push({
      key: "hosts",
      message: `must be names without a port, as in ["fw.example"], not ${JSON.stringify(name)}`,
    });
  }
  const hasTls = tlsCertificate !== undefined;
  if (hasTls !== (tlsKey !== undefined)) {
    const [key, other] = hasTls ? ["tls_key", "tls_certificate"] : ["tls_certificate", "tls_key"];
    problems.push({ key, message: `is missing, beside ${other}` });
  }
  if (address !== undefined && !isLoopback(address) && !hasTls && !cleartext) {
    problems.push({
      key: "listen",
      message:
        `${listen} can be reached from other hosts: name a certificate and its key for HTTPS, or ` +
        "leave it at 127.0.0.1, behind a proxy; with cleartext all in between can read the token " +
        "and the packets",
    });
  }
  return problems;
}
