/**
 * Finds servers, database and user: from a URL, a service file, libpq's environment variables and
 * `~/.pgpass` (PostgreSQL documentation, "Parameter Key Words", "Environment Variables").
 */

import { clientCertificate, sslModeOf, timeoutOf } from "../server/connection.ts";
import { type Settings, settingsOf } from "../server/connection_url.ts";
import type { Connection, Host } from "./connection.ts";
import { hostsOf } from "./host_list.ts";
import { passwordIn } from "./passfile.ts";
import { serviceIn } from "./service_file.ts";
import { sessionOptions } from "./session_options.ts";
import { targetOf } from "./target_session.ts";

/** Environment variable with the whole URL. */
const URL_VARIABLE = "NFSCRIBE_POSTGRES_URL";

/** Parameters of a URL. */
export const KEYWORDS = [
  ...["host", "hostaddr", "port", "dbname", "user", "password"] as const,
  ...["sslmode", "sslrootcert", "sslcert", "sslkey", "connect_timeout"] as const,
  ...["passfile", "service", "application_name", "options", "channel_binding"] as const,
  ...["target_session_attrs", "keepalives", "keepalives_idle"] as const,
  // The system's own values hold for these: Deno cannot set them.
  ...["keepalives_interval", "keepalives_count", "tcp_user_timeout"] as const,
] as const;
type Keyword = typeof KEYWORDS[number];

/** libpq's environment variables. */
const VARIABLES = {
  host: "PGHOST",
  hostaddr: "PGHOSTADDR",
  port: "PGPORT",
  dbname: "PGDATABASE",
  user: "PGUSER",
  password: "PGPASSWORD",
  sslmode: "PGSSLMODE",
  sslrootcert: "PGSSLROOTCERT",
  sslcert: "PGSSLCERT",
  sslkey: "PGSSLKEY",
  connect_timeout: "PGCONNECT_TIMEOUT",
  passfile: "PGPASSFILE",
  service: "PGSERVICE",
  application_name: "PGAPPNAME",
  options: "PGOPTIONS",
  channel_binding: "PGCHANNELBINDING",
  target_session_attrs: "PGTARGETSESSIONATTRS",
} as const satisfies Settings<Keyword>;

/** Folder of the system's service file on Debian, and its variable. */
const SERVICE_FOLDER = "/etc/postgresql-common";

/** The environment variables that {@linkcode connectionOf} may read. */
export const ENVIRONMENT: readonly string[] = [
  URL_VARIABLE,
  ...Object.values(VARIABLES),
  "PGSERVICEFILE",
  "PGSYSCONFDIR",
  "USER",
  "HOME",
];

const KEEPALIVE_SECONDS = 30;
const CHANNEL_BINDINGS = ["disable", "prefer", "require"] as const;

/** Purpose of a file that is read. */
export type FileKind = "password" | "service";

/** Access to what the URL leaves out. */
type Env = (name: string) => string | undefined;
type ReadFile = (path: string, kind: FileKind) => string | undefined;

/**
 * Composes a connection: values that the URL lacks come from its service, then from libpq's
 * variables, then from `~/.pgpass` (the password) and libpq's defaults.
 *
 * @param url The URL; undefined to take it from `NFSCRIBE_POSTGRES_URL`.
 * @param env Returns the value of a variable.
 * @param readFile Returns the contents of a file, undefined if it is missing or refused; called
 *   for passwords only if none is known.
 * @throws {Error} If a value is invalid; the message never contains the whole URL.
 */
export function connectionOf(
  url: string | undefined,
  env: Env,
  readFile: ReadFile = () => undefined,
): Connection {
  const given = url ?? (env(URL_VARIABLE) || undefined);
  const said = given === undefined ? {} : parsed(given);
  const service = said.service ?? (env(VARIABLES.service) || undefined);
  return composed(said, service === undefined ? {} : serviceOf(service, env, readFile), {
    env,
    readFile,
  });
}

/**
 * Checks a URL alone; the rest is known when nfscribe starts.
 *
 * @throws {Error} If a value is invalid; the message never contains the whole URL.
 */
export function checkUrl(url: string): void {
  const said = parsed(url);
  const env = (name: string) => name === "USER" && said.service !== undefined ? "user" : undefined;
  composed(said, {}, { env, readFile: () => undefined });
}

function parsed(url: string): Settings<Keyword> {
  return settingsOf<Keyword>(url, { schemes: ["postgres", "postgresql"], keywords: KEYWORDS });
}

function composed(
  said: Settings<Keyword>,
  served: Settings<Keyword>,
  { env, readFile }: { env: Env; readFile: ReadFile },
): Connection {
  const variables: Settings<Keyword> = VARIABLES;
  const get = (word: Keyword) =>
    said[word] ?? served[word] ?? ((variables[word] && env(variables[word])) || undefined);
  const from = (word: Keyword) =>
    said[word] !== undefined
      ? `the URL's ${word}`
      : served[word] !== undefined
      ? `the service's ${word}`
      : variables[word]!;
  const user = get("user") ?? env("USER");
  if (!user) throw new Error("no user is named; write postgres://user@host/database or set PGUSER");
  const database = get("dbname") ?? user;
  const home = env("HOME");
  const passfile = get("passfile") ?? (home && `${home}/.pgpass`);
  let passwords: string | undefined;
  const passwordOf = (host: string, port: number) => {
    const password = get("password");
    if (password !== undefined || !passfile) return password;
    passwords ??= readFile(passfile, "password") ?? "";
    return passwordIn(passwords, { host, port, database, user });
  };
  const [first, ...others] = hostsOf(get, from).map((place): Host => (
    { ...place, password: passwordOf(place.host, place.port) }
  ));
  const sslMode = sslModeOf(get("sslmode"), from("sslmode"));
  // A client that writes has no use for a standby among several servers.
  const target = others.length > 0 ? "read-write" : "any";
  return {
    ...first!,
    others,
    database,
    user,
    sslMode,
    sslRootCert: get("sslrootcert"),
    ...clientCertificate(get("sslcert"), get("sslkey")),
    connectTimeoutMs: timeoutOf(get("connect_timeout"), from("connect_timeout")),
    target: targetOf(get("target_session_attrs"), from("target_session_attrs"), target),
    applicationName: get("application_name") ?? "nfscribe",
    settings: sessionOptions(get("options") ?? "", from("options")),
    bindsChannel: bindsChannel(get("channel_binding"), from("channel_binding"), sslMode),
    keepAliveMs: keepAliveOf(get, from),
  };
}

/** Reads a service from the user's file, or from the system's. */
function serviceOf(name: string, env: Env, readFile: ReadFile): Settings<Keyword> {
  const home = env("HOME");
  const paths = [
    env("PGSERVICEFILE") || (home && `${home}/.pg_service.conf`),
    `${env("PGSYSCONFDIR") || SERVICE_FOLDER}/pg_service.conf`,
  ].filter((path) => path !== undefined && path !== "");
  const keywords = KEYWORDS.filter((word) => word !== "service");
  for (const path of paths) {
    const text = readFile(path!, "service");
    if (text === undefined) continue;
    try {
      const found = serviceIn(text, name, keywords);
      if (found !== undefined) return found;
    } catch (error) {
      throw new Error(`the service file ${path} is invalid: ${(error as Error).message}`);
    }
  }
  throw new Error(
    `the service "${name}" is in no service file that can be read; ` +
      `define it in ${paths.join(" or ")}`,
  );
}

function bindsChannel(text: string | undefined, from: string, sslMode: string): boolean {
  const binding = CHANNEL_BINDINGS.find((value) => value === (text ?? "prefer"));
  if (binding === undefined) {
    throw new Error(`${from} is not one of ${CHANNEL_BINDINGS.join(", ")}`);
  }
  if (binding === "require" && sslMode === "disable") {
    throw new Error(`${from} is require, which takes TLS; write sslmode=require, or leave it out`);
  }
  return binding === "require";
}

function keepAliveOf(
  get: (word: Keyword) => string | undefined,
  from: (word: Keyword) => string,
): number {
  const number = (word: Keyword, byDefault: number) => {
    const text = get(word) ?? String(byDefault);
    if (/^\d{1,9}$/.test(text)) return Number(text);
    throw new Error(`${from(word)} is not a number, as in ${byDefault}`);
  };
  for (const word of ["keepalives_interval", "keepalives_count", "tcp_user_timeout"] as const) {
    number(word, 0);
  }
  if (number("keepalives", 1) === 0) return 0;
  return (number("keepalives_idle", 0) || KEEPALIVE_SECONDS) * 1000;
}
