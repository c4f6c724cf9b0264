/** Converts ulogd's PGSQL plugin to a Postgres output. */

import { KEYWORDS } from "./connection_string.ts";
import type { Setting } from "../../import/ulogd/conf.ts";
import type { Output } from "../../import/ulogd/table.ts";
import type { Reasons, Settings } from "../../import/ulogd/settings.ts";

const REASONS: Reasons = {
  reconnect: "not needed; nfscribe connects again by itself",
  backlog_memcap: "not needed; rows wait in files (spool, spool_limit)",
  backlog_oneshot_requests: "not needed; see flush_rows",
  ring_buffer_size: "not needed; nfscribe's capture never waits for the database",
  procedure: "has no counterpart; nfscribe writes its own table, see table",
};

/** Parameters for the query of a URL: all that do not stand before it. */
const PARAMETERS: readonly string[] = KEYWORDS.filter((word) =>
  !["host", "port", "dbname", "user", "password"].includes(word)
);

/** Default user, because nfscribe requires one. */
const DEFAULT_USER = "ulogd";

/**
 * Makes the output. Its URL never contains the password.
 *
 * @param settings The plugin's settings.
 */
export function importPostgres(settings: Settings): Output {
  const connection = settings.take("connstring");
  const schema = settings.text("schema", "public");
  const table = settings.take("table");
  const pass = settings.take("pass");
  const separate = separateSettings(settings);
  const { parts, notes, password } = connection === undefined || connection.value === ""
    ? { parts: separate, notes: [], password: undefined }
    : fromConnectionString(connection);
  // A service may name the user.
  if (!parts.get("user") && !parts.has("service")) {
    parts.set("user", DEFAULT_USER);
    notes.push(
      `no user is named, and libpq took the one that ulogd ran as: write its name for ${DEFAULT_USER}`,
    );
  }
  const entries: Output["entries"] = [["type", "postgres"], ["url", urlOf(parts)]];
  if (schema !== "public") entries.push(["table", `${schema}.packets`]);
  const line = pass?.value ? pass.line : password;
  return {
    entries,
    notes: [
      ...notes,
      ...line === undefined ? [] : [
        `line ${line}: the password stays out of this file: put it into ~/.pgpass, PGPASSWORD,`,
        "  or the whole URL into NFSCRIBE_POSTGRES_URL",
      ],
      ...table === undefined ? [] : [
        `line ${table.line}: table=${table.value}: nfscribe has tables of its own, packets and ` +
        "flows, and views ulog and ulog2_ct with ulogd's columns.",
        "  Make them once: nfscribe db init -c FILE (docs/postgres.md, Coming from ulogd 2)",
      ],
      ...settings.notes(REASONS),
    ],
  };
}

/** Parts of a connection by libpq's names. */
type Parts = Map<string, string>;

function separateSettings(settings: Settings): Parts {
  const words = [["host", "host"], ["port", "port"], ["dbname", "db"], ["user", "user"]] as const;
  const parts = new Map(words.map(([word, key]) => [word as string, settings.text(key, "")]));
  const timeout = settings.number("connect_timeout")?.number ?? 0;
  if (timeout > 0) parts.set("connect_timeout", String(timeout));
  return parts;
}

function urlOf(parts: Parts): string {
  const part = (word: string) => encodeURIComponent(parts.get(word) ?? "");
  const host = parts.get("host") ?? "";
  const user = part("user") === "" ? "" : `${part("user")}@`;
  const isList = host.includes(",");
  const place = isList ? "" : host.includes(":") ? `[${host}]` : part("host");
  const hasPort = !isList && part("port") !== "" && part("port") !== "0";
  const port = hasPort ? `:${part("port")}` : "";
  const words = [...isList ? ["host", "port"] : [], ...PARAMETERS];
  const query = words.filter((word) => parts.has(word)).map((word) => `${word}=${part(word)}`);
  const behind = query.length === 0 ? "" : `?${query.join("&")}`;
  return `postgres://${user}${place}${port}/${part("dbname")}${behind}`;
}

/**
 * Parses a `connstring`: a URL or libpq's `key=value` pairs. No part that may be a password is
 * printed.
 */
function fromConnectionString(
  { value, line }: Setting,
): { parts: Parts; notes: string[]; password: number | undefined } {
  const parts = /^postgres(ql)?:\/\//.test(value) ? partsOfUrl(value) : partsOfPairs(value);
  if (parts === undefined) {
    const note =
      `line ${line}: connstring: the URL has an @ where libpq takes none; complete this one`;
    return { parts: new Map(), notes: [note], password: line };
  }
  const known: readonly string[] = KEYWORDS;
  const notes = [...parts.keys()].every((word) => known.includes(word)) ? [] : [
    `line ${line}: connstring: its words beside ${known.join(", ")} have no counterpart`,
  ];
  return { parts, notes, password: parts.has("password") ? line : undefined };
}

/** Parses pairs (PostgreSQL documentation, "Keyword/Value Connection Strings"). */
function partsOfPairs(text: string): Parts {
  const pairs = text.matchAll(/(\w+)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|((?:[^\s\\]|\\.)*))/g);
  return new Map(
    [...pairs].map(([, word, quoted, plain]) =>
      [word!, (quoted ?? plain ?? "").replaceAll(/\\(.)/g, "$1")] as const
    ),
  );
}

/**
 * Parses a URL (PostgreSQL documentation, "Connection URIs"); returns undefined if a password may
 * be elsewhere in it.
 */
function partsOfUrl(text: string): Parts | undefined {
  const [, login, place, database, query] =
    /^\w+:\/\/(?:([^@/]*)@)?([^/?]*)(?:\/([^?]*))?(?:\?(.*))?$/s.exec(text) ?? [];
  if (`${place}${database}${query}`.includes("@")) return undefined;
  const places = (place ?? "").split(",").map((one) => /^\[?(.*?)\]?(?::(\d+))?$/.exec(one) ?? []);
  const list = (part: 1 | 2) =>
    places.some((found) => found[part]) ? places.map((found) => found[part] ?? "").join(",") : "";
  const [user, ...password] = (login ?? "").split(":");
  const said: [string, string][] = [
    ["user", user ?? ""],
    ["password", password.join(":")],
    ["host", list(1)],
    ["port", list(2)],
    ["dbname", database ?? ""],
    ...(query ?? "").split("&").map((pair): [string, string] => {
      const [word = "", ...value] = pair.split("=");
      return [word, value.join("=")];
    }),
  ];
  return new Map(
    said.filter(([word, value]) => word !== "" && value !== "")
      .map(([word, value]) => [word, decoded(value)]),
  );
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
