import { assertEquals, assertThrows } from "@std/assert";
import {
  type Connection,
  connectionOf,
  describeConnection,
  requestUrl,
} from "../../../src/output/clickhouse/connection.ts";

/** Composes a connection from a URL, variables, and the text of a password's file. */
function from(
  url: string | undefined,
  variables: Readonly<Record<string, string>> = {},
  secret?: string,
): Connection {
  return connectionOf(url, (name) => variables[name], secret);
}

/** Returns the message of a refusal. */
function refusal(url: string | undefined, variables = {}): string {
  return assertThrows(() => from(url, variables), Error).message;
}

Deno.test("a URL of ClickHouse tells all but the password, with escapes", () => {
  const url = "https://u%40x@db.example/fire%20wall?sslrootcert=/ca.pem&connect_timeout=3";
  assertEquals(from(url, {}, "p/w"), {
    host: "db.example",
    port: 8443,
    database: "fire wall",
    user: "u@x",
    password: "p/w",
    sslMode: "verify-full",
    sslRootCert: "/ca.pem",
    sslCert: undefined,
    sslKey: undefined,
    connectTimeoutMs: 3000,
  });
  const plain = from("http://[::1]/d", { CLICKHOUSE_USER: "v", CLICKHOUSE_PASSWORD: "secret" });
  assertEquals([plain.port, plain.user, plain.password], [8123, "v", "secret"]);
  assertEquals(requestUrl(plain), "http://[::1]:8123/");
  assertEquals(describeConnection(plain), "http://v@[::1]:8123/d");
  assertEquals(from("http://h:1/d").user, "default");
  assertEquals(from(undefined, { NFSCRIBE_CLICKHOUSE_URL: "http://u@h:4/d" }).port, 4);
});

Deno.test("what is wrong in a URL of ClickHouse is said without the password", () => {
  assertEquals(
    refusal("http://u:secret@h/d"),
    "the URL holds a password, which others may see; write it into a file that secret_file names, " +
      "or into CLICKHOUSE_PASSWORD",
  );
  assertEquals(refusal("http://u@h"), "no database is named; write http://user@host:8123/database");
  assertEquals(refusal(undefined), "no database is named; write http://user@host:8123/database");
  assertEquals(
    refusal("clickhouse://u@h/d"),
    "the URL does not begin with http://; write http://user@host/database",
  );
  assertEquals(
    refusal("http://u@h/d?sslrootcert=/ca.pem"),
    "sslrootcert is for https:// only; write the URL so, or leave it out",
  );
  assertEquals(refusal("http://u@a,b/d"), "several hosts are named; name one");
});
