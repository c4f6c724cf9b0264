import { assertEquals, assertThrows } from "@std/assert";
import {
  type Connection,
  connectionOf,
  describeConnection,
} from "../../../src/output/mysql/connection.ts";
import { readOptions } from "../../../src/output/mysql/option_file.ts";

/** Composes a connection from a URL, variables, and an option file. */
function from(
  url: string | undefined,
  variables: Readonly<Record<string, string>> = {},
  file?: string,
): Connection {
  return connectionOf(
    url,
    (name) => ({ HOME: "/home/u", ...variables })[name],
    (path) => path === "/home/u/.my.cnf" ? file : undefined,
  );
}

/** Returns the message of a refusal. */
function refusal(url: string | undefined, variables = {}, file?: string): string {
  return assertThrows(() => from(url, variables, file), Error).message;
}

Deno.test("a URL tells all of it, with escapes", () => {
  const url = "mysql://u%40x:p%2Fw@db.example:3307/fire%20wall?sslmode=verify-full" +
    "&sslrootcert=/ca.pem&connect_timeout=3";
  assertEquals(from(url), {
    host: "db.example",
    port: 3307,
    database: "fire wall",
    user: "u@x",
    password: "p/w",
    sslMode: "verify-full",
    sslRootCert: "/ca.pem",
    sslCert: undefined,
    sslKey: undefined,
    connectTimeoutMs: 3000,
  });
  const socket = from("mariadb://u@/d?socket=/run/mysqld/mysqld.sock");
  assertEquals([socket.host, socket.port], ["/run/mysqld/mysqld.sock", 3306]);
  assertEquals(describeConnection(from("mysql://u:secret@[::1]:1/d")), "mysql://u@[::1]:1/d");
  assertEquals(describeConnection(socket), "mysql://u@/d?socket=/run/mysqld/mysqld.sock");
});

Deno.test("what the URL lacks comes from variables, then from the option file", () => {
  const file = `[client]\nuser = fileuser\npassword="file#pass"\nhost=filehost # a comment
[mysqld]\nport=9
[nfscribe]\ndatabase='filedb'\n!include /etc/other.cnf\n`;
  const all = from(undefined, { MYSQL_HOST: "varhost", MYSQL_PWD: "varpass" }, file);
  assertEquals([all.host, all.user, all.password, all.database, all.port], [
    ...["varhost", "fileuser", "varpass", "filedb"],
    3306,
  ]);
  const some = from("mysql://u@h/d", {}, file);
  assertEquals([some.host, some.user, some.password], ["h", "u", "file#pass"]);
  const whole = from(undefined, { NFSCRIBE_MYSQL_URL: "mysql://u:p@h:4/d" });
  assertEquals([whole.host, whole.port, whole.password], ["h", 4, "p"]);
  assertEquals(from("mysql:///d", { USER: "me" }).user, "me");
  // A host that is named is meant, whatever socket is usual there.
  assertEquals(from("mysql://u@h/d", { MYSQL_UNIX_PORT: "/s" }).host, "h");
  assertEquals(from("mysql://u@/d", { MYSQL_UNIX_PORT: "/s" }).host, "/s");
});

Deno.test("what is wrong is said without the password", () => {
  const cases: [url: string, message: string][] = [
    ["postgres://u@h/d", "the URL does not begin with mysql://; write mysql://user@host/database"],
    ["mysql://u@h", "no database is named; write mysql://user@host/database"],
    ["mysql://h/d", "no user is named; write mysql://user@host/database"],
    ["mysql://u@h:0/d", "the URL's port is no port; write a number from 1 to 65535, as in 3306"],
    [
      "mysql://u@h/d?sslmode=allow",
      "the URL's sslmode is not one of disable, prefer, require, " +
      "verify-ca, verify-full",
    ],
    ["mysql://u@a,b/d", "several hosts are named; name one"],
    [
      "mysql://u@h/d?sslcert=/c",
      "a certificate needs its key; give both sslcert and sslkey, or none of them",
    ],
  ];
  for (const [url, message] of cases) assertEquals(refusal(url), message, url);
  for (const url of ["mysql://u:se/cret@h/d", "mysql://u:secret@h:x/d"]) {
    assertEquals(/cret/.test(refusal(url)), false, refusal(url));
  }
});

Deno.test("an option file is read as MySQL's clients read it", () => {
  const options = readOptions(
    "[client]\n# comment\n; comment\nssl_ca=/ca.pem\nuser = \"a\\sb\"\npassword='#x' # y\nskip-ssl\n" +
      "[other]\nuser=no\n[mysql]\nport=1 # one\n",
  );
  assertEquals(Object.fromEntries(options), {
    "ssl-ca": "/ca.pem",
    user: "a b",
    password: "#x",
    "skip-ssl": "",
    port: "1",
  });
});
