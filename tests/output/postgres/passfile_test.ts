import { assertEquals } from "@std/assert";
import { passwordIn } from "../../../src/output/postgres/passfile.ts";

const KEY = { host: "db.example", port: 5432, database: "packets", user: "nfscribe" };

for (
  const { name, text, key = KEY, password } of [
    {
      name: "a line that fits",
      text: "db.example:5432:packets:nfscribe:secret",
      password: "secret",
    },
    { name: "stars", text: "*:*:*:*:secret", password: "secret" },
    {
      name: "the first line that fits",
      text: "*:*:*:*:one\ndb.example:*:*:*:two",
      password: "one",
    },
    {
      name: "lines of others",
      text: "a:5432:packets:nfscribe:no\n*:1:*:*:no\n*:*:b:*:no\n*:*:*:c:no",
    },
    { name: "a comment", text: "#*:*:*:*:no\n*:*:*:*:yes", password: "yes" },
    { name: "empty lines and ends of DOS", text: "\r\n\r\n*:*:*:*:yes\r\n", password: "yes" },
    {
      name: "colons and backslashes in a password",
      text: "*:*:*:*:a\\:b\\\\c",
      password: "a:b\\c",
    },
    { name: "text after the password", text: "*:*:*:*:a:b", password: "a" },
    { name: "a backslash at the end", text: "*:*:*:*:a\\", password: "a\\" },
    { name: "an empty password", text: "*:*:*:*:\n*:*:*:*:no" },
    { name: "a line that is too short", text: "*:*:*:*" },
    { name: "an empty file", text: "" },
    {
      name: "colons in the host",
      text: "\\:\\:1:5432:*:*:six",
      key: { ...KEY, host: "::1" },
      password: "six",
    },
    {
      name: "an escaped star is literal",
      text: "\\*:*:*:*:no\n*:*:*:*:yes",
      password: "yes",
    },
    {
      name: "localhost for the usual Unix sockets",
      text: "/run/postgresql:*:*:*:no\nlocalhost:*:*:*:yes",
      key: { ...KEY, host: "/run/postgresql" },
      password: "yes",
    },
    {
      name: "the folder for other Unix sockets",
      text: "localhost:*:*:*:no\n/srv/db:*:*:*:yes",
      key: { ...KEY, host: "/srv/db" },
      password: "yes",
    },
  ]
) {
  Deno.test(`passwordIn() reads ${name}`, () => {
    assertEquals(passwordIn(text, key), password);
  });
}
