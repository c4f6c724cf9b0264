import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  type Connection,
  describeConnection,
  eachHost,
  needsOf,
} from "../../../src/output/postgres/connection.ts";
import {
  checkUrl,
  connectionOf,
  ENVIRONMENT,
} from "../../../src/output/postgres/connection_string.ts";

/** Environment variables of these tests. */
type Variables = Readonly<Record<string, string>>;

/** Composes a connection; every variable that is read must be declared. */
function connection(
  url: string | undefined,
  variables: Variables = {},
  passfile?: (path: string) => string | undefined,
): Connection {
  const env = (name: string) => {
    assert(ENVIRONMENT.includes(name), `${name} is not announced`);
    return { USER: "me", ...variables }[name];
  };
  return connectionOf(url, env, passfile);
}

const DEFAULTS: Connection = {
  host: "localhost",
  port: 5432,
  database: "me",
  user: "me",
  password: undefined,
  sslMode: "prefer",
  sslRootCert: undefined,
  sslCert: undefined,
  sslKey: undefined,
  connectTimeoutMs: 10_000,
  others: [],
  target: "any",
  applicationName: "nfscribe",
  settings: [],
  bindsChannel: false,
  keepAliveMs: 30_000,
};
const UNKNOWN = { password: undefined };

const URLS: readonly [url: string, parts: Partial<Connection>][] = [
  ["postgres://", {}],
  ["postgresql://", {}],
  ["postgres://db.example", { host: "db.example" }],
  ["postgres://db.example:5433/", { host: "db.example", port: 5433 }],
  ["postgres:///packets", { database: "packets" }],
  ["postgres://u@h/d", { user: "u", host: "h", database: "d" }],
  ["postgres://u@h", { user: "u", host: "h", database: "u" }],
  ["postgres://u:p@h/d", { user: "u", password: "p", host: "h", database: "d" }],
  ["postgres://u:@h/d", { user: "u", host: "h", database: "d" }],
  ["postgres://u:a:b?c@h/d", { user: "u", password: "a:b?c", host: "h", database: "d" }],
  ["postgres://a%40b:p%2F%3A%25@h/d%20e", {
    user: "a@b",
    password: "p/:%",
    host: "h",
    database: "d e",
  }],
  ["postgres://[::1]:5433/d", { host: "::1", port: 5433, database: "d" }],
  ["postgres://[fe80::1]/d", { host: "fe80::1", database: "d" }],
  ["postgres:///d?host=/run/postgresql", { host: "/run/postgresql", database: "d" }],
  ["postgres://%2Frun%2Fpostgresql/d", { host: "/run/postgresql", database: "d" }],
  ["postgres://h/d?user=a@b&password=p%26q", {
    host: "h",
    database: "d",
    user: "a@b",
    password: "p&q",
  }],
  ["postgres://h:1/d?host=i&port=2&dbname=e", { host: "i", port: 2, database: "e" }],
  ["postgres://h?host=a&host=b", { host: "b" }],
  ["postgres://h?hostaddr=192.0.2.1", { host: "h", address: "192.0.2.1" }],
  ["postgres://?hostaddr=192.0.2.1", { host: "192.0.2.1", address: "192.0.2.1" }],
  ["postgres://h?connect_timeout=3&sslmode=verify-full&sslrootcert=/a&sslcert=/b&sslkey=/c", {
    host: "h",
    connectTimeoutMs: 3000,
    sslMode: "verify-full",
    sslRootCert: "/a",
    sslCert: "/b",
    sslKey: "/c",
  }],
  ["postgres://h?connect_timeout=0", { host: "h", connectTimeoutMs: 0 }],
  ["postgres://h?application_name=gate", { host: "h", applicationName: "gate" }],
  ["postgres://h?options=-c%20search_path%3Dwall%20--statement-timeout=5", {
    host: "h",
    settings: [["search_path", "wall"], ["statement_timeout", "5"]],
  }],
  ["postgres://h?channel_binding=require", { host: "h", bindsChannel: true }],
  ["postgres://h?channel_binding=prefer", { host: "h" }],
  ["postgres://h?target_session_attrs=primary", { host: "h", target: "primary" }],
  ["postgres://h?keepalives_idle=7&keepalives_interval=5&keepalives_count=2", {
    host: "h",
    keepAliveMs: 7000,
  }],
  ["postgres://h?keepalives=0&tcp_user_timeout=9000", { host: "h", keepAliveMs: 0 }],
  ["postgres://a:1,[::1],c:3/d", {
    host: "a",
    port: 1,
    others: [{ host: "::1", port: 5432, ...UNKNOWN }, { host: "c", port: 3, ...UNKNOWN }],
    database: "d",
    target: "read-write",
  }],
  ["postgres://a,b?port=7&target_session_attrs=any", {
    host: "a",
    port: 7,
    others: [{ host: "b", port: 7, ...UNKNOWN }],
  }],
  ["postgres://?host=/run,b&port=1,2", {
    host: "/run",
    port: 1,
    others: [{ host: "b", port: 2, ...UNKNOWN }],
    target: "read-write",
  }],
  ["postgres://a,b?hostaddr=,192.0.2.1", {
    host: "a",
    others: [{ host: "b", address: "192.0.2.1", port: 5432, ...UNKNOWN }],
    target: "read-write",
  }],
];

for (const [url, parts] of URLS) {
  Deno.test(`connectionOf() reads ${url}`, () => {
    assertEquals(connection(url), { ...DEFAULTS, ...parts });
  });
}

Deno.test("connectionOf() takes what the URL leaves out from libpq's variables", () => {
  const variables = {
    PGHOST: "h",
    PGHOSTADDR: "192.0.2.1",
    PGPORT: "1",
    PGDATABASE: "d",
    PGUSER: "u",
    PGPASSWORD: "p",
    PGSSLMODE: "require",
    PGSSLROOTCERT: "/a",
    PGSSLCERT: "/b",
    PGSSLKEY: "/c",
    PGCONNECT_TIMEOUT: "4",
    PGAPPNAME: "gate",
    PGOPTIONS: "-c x.y=z",
    PGCHANNELBINDING: "require",
    PGTARGETSESSIONATTRS: "read-write",
  };
  const all: Connection = {
    host: "h",
    address: "192.0.2.1",
    port: 1,
    database: "d",
    user: "u",
    password: "p",
    sslMode: "require",
    sslRootCert: "/a",
    sslCert: "/b",
    sslKey: "/c",
    connectTimeoutMs: 4000,
    others: [],
    target: "read-write",
    applicationName: "gate",
    settings: [["x.y", "z"]],
    bindsChannel: true,
    keepAliveMs: 30_000,
  };
  assertEquals(connection(undefined, variables), all);
  assertEquals(connection("postgres://v@/?port=2", variables), { ...all, user: "v", port: 2 });
});

Deno.test("connectionOf() takes variables that are empty for absent", () => {
  assertEquals(connection(undefined, { PGHOST: "", PGPORT: "", PGPASSWORD: "" }), DEFAULTS);
});

Deno.test("connectionOf() prefers its URL to NFSCRIBE_POSTGRES_URL, and that to PGHOST", () => {
  const variables = { NFSCRIBE_POSTGRES_URL: "postgres://b", PGHOST: "c" };
  assertEquals(connection("postgres://a", variables).host, "a");
  assertEquals(connection(undefined, variables).host, "b");
  assertEquals(connection(undefined, { PGHOST: "c" }).host, "c");
});

Deno.test("connectionOf() reads the password file only if no password is known", () => {
  const asked: string[] = [];
  const passfile = (path: string) => {
    asked.push(path);
    return "h:5432:d:u:filed";
  };
  const home = { HOME: "/home/me" };
  assertEquals(connection("postgres://u:p@h/d", home, passfile).password, "p");
  assertEquals(
    connection("postgres://u@h/d", { ...home, PGPASSWORD: "q" }, passfile).password,
    "q",
  );
  assertEquals(asked, []);
  assertEquals(connection("postgres://u@h/d", home, passfile).password, "filed");
  assertEquals(connection("postgres://v@h/d", home, passfile).password, undefined);
  assertEquals(connection("postgres://u@h/d", { PGPASSFILE: "/f" }, passfile).password, "filed");
  assertEquals(connection("postgres://u@h/d", {}, passfile).password, undefined);
  assertEquals(asked, ["/home/me/.pgpass", "/home/me/.pgpass", "/f"]);
});

Deno.test("connectionOf() finds a password for each host, in the file that is named", () => {
  const passfile = (path: string) => path === "/f" ? "a:1:*:*:one\nb:*:*:*:two" : undefined;
  const { password, others } = connection("postgres://a:1,b:2,c:3/d?passfile=/f", {}, passfile);
  assertEquals([password, ...others.map(({ password }) => password)], ["one", "two", undefined]);
});

/** Service files by their paths. */
const SERVICES: Readonly<Record<string, string>> = {
  "/home/me/.pg_service.conf":
    "# mine\n[other]\nhost=x\n\n[gate]\nhost = no\n[wall]\nhost=a,b\nuser=u\n" +
    "options=-c search_path=wall\n[wall]\nuser=v\n[nested]\nservice=SECRET\n[odd]\nSECRET\n",
  "/etc/postgresql-common/pg_service.conf": "[system]\nhost=s\npassword=p\n",
  "/etc/own/pg_service.conf": "[system]\nhost=own\n",
};

Deno.test("connectionOf() takes what the URL leaves out from its service, before variables", () => {
  const variables = { HOME: "/home/me", PGUSER: "w", PGPORT: "7" };
  const read = (path: string) => SERVICES[path];
  const wall = connection("postgres:///d?service=wall", variables, read);
  assertEquals(eachHost(wall).map(({ host, port }) => `${host}:${port}`), ["a:7", "b:7"]);
  assertEquals([wall.user, wall.database, wall.settings], ["u", "d", [["search_path", "wall"]]]);
  assertEquals(connection("postgres://v@c/?service=wall", variables, read).host, "c");
  const system = connection(undefined, { ...variables, PGSERVICE: "system" }, read);
  assertEquals([system.host, system.user, system.password], ["s", "w", "p"]);
  const own = { ...variables, PGSERVICE: "system", PGSYSCONFDIR: "/etc/own" };
  assertEquals(connection(undefined, own, read).host, "own");
});

for (
  const [service, says] of [
    ["none", 'the service "none" is in no service file that can be read; define it in'],
    ["nested", 'line 14 has the unknown "service"'],
    ["odd", "line 16 is not as in host=db.example"],
    ["gate", "line 6 is not as in host=db.example"],
  ] as const
) {
  Deno.test(`connectionOf() refuses the service ${service}`, () => {
    const read = (path: string) => SERVICES[path];
    const url = `postgres://h/d?service=${service}`;
    const { message } = assertThrows(
      () => connection(url, { HOME: "/home/me" }, read),
      Error,
      says,
    );
    assert(!message.includes("SECRET"), message);
  });
}

Deno.test("checkUrl() leaves services to the start", () => {
  checkUrl("postgres:///?service=anything");
  assertThrows(() => checkUrl("postgres:///?service=anything&port=0"), Error, "no port");
});

const WRONG: readonly [what: string, url: string, says: string, variables?: Variables][] = [
  ["another scheme", "mysql://u:SECRET@h/d", "write postgres://user@host/database"],
  ["no URL", "SECRET", "write postgres://user@host/database"],
  ["a slash in the password", "postgres://u:SEC/RET@h/d", "/ as %2F"],
  [
    "a slash behind digits in the password",
    "postgres://u:1/SECRET?x@h/d",
    "unknown parameter; known",
  ],
  ["an @ in the password", "postgres://u:SEC@RET@h/d", "@ as %40"],
  ["a % in the password", "postgres://u:SECRET%zz@h/d", "the password in the URL has a %"],
  ["a NUL in the user's name", "postgres://SECRET%00@h/d", "%00"],
  ["brackets without an end", "postgres://[::1/d", "[::1]:PORT"],
  ["a port that is a word", "postgres://h:SECRET/d", "host and port"],
  ["a port that is too large", "postgres://h:65536/d", "the URL's port is no port"],
  ["port 0", "postgres://h/d?port=0", "from 1 to 65535"],
  ["an unknown parameter", "postgres://h/d?sslmod=SECRET", '"sslmod"; known are host, hostaddr'],
  ["an unknown mode", "postgres://h/d?sslmode=SECRET", "one of disable, allow, prefer, require"],
  ["a time that is no number", "postgres://h/d?connect_timeout=SECRET", "seconds"],
  ["fewer ports than hosts", "postgres://a:1,b:2,c/d?port=1,2", "2 ports for 3 hosts"],
  ["fewer addresses than hosts", "postgres://a,b/d?hostaddr=192.0.2.1", "1 addresses for 2 hosts"],
  ["a standby", "postgres://h/d?target_session_attrs=standby", "since nfscribe writes"],
  ["an unknown kind of server", "postgres://h/d?target_session_attrs=SECRET", "any, read-write"],
  ["an unknown binding", "postgres://h/d?channel_binding=SECRET", "disable, prefer, require"],
  [
    "a binding without TLS",
    "postgres://h/d?channel_binding=require&sslmode=disable",
    "which takes TLS",
  ],
  ["another option of the server", "postgres://h/d?options=-B%20SECRET", "-c search_path=firewall"],
  ["keepalives that are no number", "postgres://h/d?keepalives_idle=SECRET", "is not a number"],
  ["a certificate without its key", "postgres://h/d?sslcert=/SECRET", "sslkey"],
  ["a mode that a variable has", "postgres://h/d", "PGSSLMODE is not", { PGSSLMODE: "SECRET" }],
  ["a port that a variable has", "postgres://h/d", "PGPORT is no port", { PGPORT: "SECRET" }],
  ["no user", "postgres://h/d", "set PGUSER", { USER: "" }],
];

for (const [what, url, says, variables] of WRONG) {
  Deno.test(`connectionOf() refuses ${what}, and does not repeat it`, () => {
    const { message } = assertThrows(() => connection(url, variables), Error, says);
    assert(!/SEC|RET/.test(message), message);
  });
}

Deno.test("needsOf() names host and port, and the files of certificates", () => {
  const files = "sslrootcert=/a&sslcert=/b&sslkey=/c";
  const needs = (url: string) =>
    needsOf(connection(url)).map(({ name, value }) => `${name} ${value}`);
  assertEquals(needs("postgres://h/d"), ["net h:5432"]);
  assertEquals(needs("postgres://[::1]/d"), ["net [::1]:5432"]);
  assertEquals(needs("postgres://a,b/d?sslrootcert=/a"), ["net a:5432", "read /a", "net b:5432"]);
  assertEquals(needs("postgres://h/d?hostaddr=192.0.2.1"), ["net 192.0.2.1:5432"]);
  assertEquals(needs(`postgres://h/d?${files}`), ["net h:5432", "read /a", "read /b", "read /c"]);
  assertEquals(needs(`postgres://h/d?${files}&sslmode=disable`), ["net h:5432"]);
});

Deno.test("needsOf() names three rights for a Unix socket", () => {
  const needs = needsOf(connection("postgres:///d?host=/run/postgresql&port=5433"));
  const path = "/run/postgresql/.s.PGSQL.5433";
  assertEquals(needs.map(({ name, value }) => `${name} ${value}`), [
    `net unix:${path}`,
    `read ${path}`,
    `write ${path}`,
  ]);
});

for (
  const [url, text] of [
    ["postgres://u:p@h/d", "postgres://u@h:5432/d"],
    ["postgres://u:p@[::1]:1/d", "postgres://u@[::1]:1/d"],
    ["postgres://u@a,[::1]:1/d", "postgres://u@a:5432,[::1]:1/d"],
    ["postgres://u@/d?host=/run,b&port=1,2", "postgres://u@%2Frun:1,b:2/d"],
    ["postgres://u%40v:p@h/d%20e", "postgres://u%40v@h:5432/d%20e"],
    ["postgres://u:p@/d?host=/run/postgresql", "postgres://u@/d?host=/run/postgresql"],
    ["postgres://u:p@/d?host=/srv&port=1", "postgres://u@/d?host=/srv&port=1"],
  ] as const
) {
  Deno.test(`describeConnection() returns ${text}`, () => {
    assertEquals(describeConnection(connection(url)), text);
    const { password: _, ...known } = connection(url);
    const { password: __, ...read } = connection(text);
    assertEquals(read, known);
  });
}
