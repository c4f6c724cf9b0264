import { assertEquals } from "@std/assert";
import { natsNeeds, type NatsOptions, natsProblems } from "../../src/nats/options.ts";

const RIGHT: NatsOptions = { url: "nats://a", stream: "NFSCRIBE", subject: "nfscribe" };
const keysOf = (options: Partial<NatsOptions>) =>
  natsProblems({ ...RIGHT, ...options }).map(({ key }) => key);

Deno.test("options that fit together have no problem", () => {
  assertEquals(keysOf({}), []);
  assertEquals(keysOf({ url: "tls://a,b", caFile: "ca", certFile: "c", keyFile: "k" }), []);
  for (
    const login of [
      { credentialsFile: "c" },
      { nkeyFile: "n" },
      { secretFile: "s" },
      { user: "u", secretEnv: "E" },
    ]
  ) assertEquals(keysOf(login), []);
});

Deno.test("options that do not fit together name their key", () => {
  assertEquals(keysOf({ url: "udp://a" }), ["url"]);
  assertEquals(keysOf({ caFile: "ca" }), ["ca_file"]);
  assertEquals(keysOf({ url: "tls://a", certFile: "c" }), ["cert_file"]);
  assertEquals(keysOf({ stream: "a.b" }), ["stream"]);
  assertEquals(keysOf({ subject: "a.*" }), ["subject"]);
  assertEquals(keysOf({ credentialsFile: "c", nkeyFile: "n" }), ["nkey_file"]);
  assertEquals(keysOf({ secretFile: "s", secretEnv: "E" }), ["secret_env"]);
  assertEquals(keysOf({ user: "u" }), ["user"]);
});

Deno.test("a connection needs the network to each server, and its files", () => {
  const needs = natsNeeds({
    ...RIGHT,
    url: "tls://a,[2001:db8::1]:5",
    caFile: "ca.pem",
    secretEnv: "TOKEN",
  });
  assertEquals(needs.map(({ name, value, isKept }) => [name, value, isKept]), [
    ["net", "a:4222", true],
    ["net", "[2001:db8::1]:5", true],
    ["read", "ca.pem", undefined],
    ["env", "TOKEN", undefined],
  ]);
});
