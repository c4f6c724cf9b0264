/** Options of a connection to NATS, of sources and outputs. */

import { type ConfigProblem, messageOf } from "../errors.ts";
import type { Need } from "../permission.ts";
import {
  described,
  type Entries,
  omittable,
  optional,
  type OptionsOf,
  path,
  text,
  useless,
} from "../schema.ts";
import {
  certificateProblems,
  secretNeeds,
  TLS_FILES,
  TLS_ONLY,
  tlsEntries,
} from "../tls_options.ts";
import { PREFIX, prefixProblem, STREAM } from "./format/subject.ts";
import { addressOf, serversOf } from "./servers.ts";

/** Options of the connection and the stream. */
export const natsEntries = {
  url: described(
    "The servers: nats://HOST:PORT or tls://HOST:PORT, several with commas in between.",
    text("a URL, as in nats://nats.example:4222"),
  ),
  stream: described(
    "The stream of JetStream.",
    optional(text("a stream's name"), STREAM),
  ),
  subject: described(
    "First tokens of the subjects, before those of host, source and kind.",
    optional(text("tokens of a subject"), PREFIX),
  ),
  ...tlsEntries,
  credentialsFile: described(
    "Credentials file of a user (.creds), as nsc writes it.",
    omittable(path("input", "a file's path")),
  ),
  nkeyFile: described(
    "File with the seed of a user's NKEY.",
    omittable(path("input", "a file's path")),
  ),
  user: described(
    "User of a server with passwords, with secret_file or secret_env.",
    omittable(text("a user's name")),
  ),
  secretFile: described(
    "File with the user's password; without user, with a token.",
    omittable(path("input", "a file's path")),
  ),
  secretEnv: described(
    "Environment variable with the user's password; without user, with a token.",
    omittable(text("a variable's name")),
  ),
} satisfies Entries;

/** Checked options of the connection and the stream. */
export type NatsOptions = OptionsOf<typeof natsEntries>;

/** Returns problems of options that are valid one by one. */
export function natsProblems(options: Partial<NatsOptions>): ConfigProblem[] {
  const { url, stream, subject } = options;
  const problems: ConfigProblem[] = [];
  if (url !== undefined) {
    try {
      const { isSecure } = serversOf(url);
      if (!isSecure) {
        const message = "is for TLS only; write tls:// in the url, or leave it out";
        problems.push(...useless(natsEntries, options, TLS_ONLY, message));
      }
    } catch (error) {
      problems.push({ key: "url", message: messageOf(error) });
    }
  }
  // The names that the server refuses.
  if (stream !== undefined && !/^[\w-]{1,255}$/.test(stream)) {
    problems.push({ key: "stream", message: "must be letters, digits, - and _" });
  }
  const wrong = subject === undefined ? undefined : prefixProblem(subject);
  if (wrong !== undefined) problems.push({ key: "subject", message: wrong });
  return [...problems, ...certificateProblems(options), ...loginProblems(options)];
}

function loginProblems(
  { credentialsFile, nkeyFile, user, secretFile, secretEnv }: Partial<NatsOptions>,
): ConfigProblem[] {
  const given = [
    ["credentials_file", credentialsFile],
    ["nkey_file", nkeyFile],
    ["secret_file", secretFile],
    ["secret_env", secretEnv],
  ].filter(([, value]) => value !== undefined).map(([key]) => key!);
  if (given.length > 1) {
    const [first, second] = given as [string, string];
    return [{ key: second, message: `is not used with ${first}; leave one of them out` }];
  }
  if (user !== undefined && secretFile === undefined && secretEnv === undefined) {
    return [{ key: "user", message: "goes with secret_file or secret_env; write one of them" }];
  }
  return [];
}

/** Returns the permissions of a connection; those for its addresses are kept, to connect again. */
export function natsNeeds(options: NatsOptions): Need[] {
  const { servers } = serversOf(options.url);
  const needs: Need[] = servers.map((server) => ({
    name: "net",
    value: addressOf(server),
    why: "the NATS server",
    isKept: true,
  }));
  return [...needs, ...secretNeeds(options, FILES)];
}

const FILES = [
  ...TLS_FILES,
  ["credentialsFile", "the credentials"],
  ["nkeyFile", "the NKEY"],
  ["secretFile", "the secret"],
] as const;
