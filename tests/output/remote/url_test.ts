import { assertEquals, assertThrows } from "@std/assert";
import { remoteProblems } from "../../../src/output/remote/options.ts";
import { middleOf, splitRecords } from "../../../src/output/remote/split.ts";
import { describeReceiver, type Protocol, receiverOf } from "../../../src/output/remote/url.ts";

const ALL: readonly Protocol[] = ["tcp", "tls", "udp", "unix", "http", "https"];
const bytesOf = (text: string) => new TextEncoder().encode(text);

Deno.test("receivers are parsed, and messages name them without path and query", () => {
  const described = [
    "tcp://log.example:6514",
    "tls://[2001:db8::1]:6514/",
    "udp://192.0.2.1:514",
    "unix:///run/a%20b.sock",
    "https://log.example/loki/api?key=secret#x",
    "http://[::1]:8080/in",
  ].map((text) => describeReceiver(receiverOf(text, ALL)));
  assertEquals(described, [
    "tcp://log.example:6514",
    "tls://[2001:db8::1]:6514",
    "udp://192.0.2.1:514",
    "unix:///run/a b.sock",
    "https://log.example",
    "http://[::1]:8080",
  ]);
  assertEquals(receiverOf("https://log.example/in#x", ALL), {
    kind: "http",
    url: "https://log.example/in",
    address: "log.example:443",
    isSecure: true,
  });
  assertEquals(receiverOf("udp://a", ["udp"], { udp: 514 }), { kind: "udp", host: "a", port: 514 });
});

Deno.test("a wrong URL is refused with what would be right, and no secret is quoted", () => {
  const wrong: readonly [url: string, message: string][] = [
    ["log.example:6514", "must be a URL that begins with tcp:, udp:, as in tcp://"],
    ["https://log.example", "must be a URL that begins with tcp:, udp:"],
    ["tcp://log.example", "must name a host and a port, as in tcp://receiver.example:6514"],
    ["tcp://log.example:6514/path", "must end with the port"],
    ["tcp://u:secret@log.example:1", "must not hold a user or password"],
  ];
  for (const [url, message] of wrong) {
    const error = assertThrows(() => receiverOf(url, ["tcp", "udp"]), Error, message);
    assertEquals((error as Error).message.includes("secret@"), false);
  }
  for (const url of ["unix://host/path", "unix:///", "unix:"]) {
    assertThrows(() => receiverOf(url, ["unix"]), Error, "absolute path of a socket");
  }
});

Deno.test("options that do not fit a receiver are problems", () => {
  const keysOf = (options: Parameters<typeof remoteProblems>[0]) =>
    remoteProblems(options, ALL).map(({ key }) => key);
  assertEquals(keysOf({ url: "tcp://a:1", auth: "bearer", caFile: "/x" }), ["auth", "ca_file"]);
  assertEquals(keysOf({ url: "tls://a:1", caFile: "/x", certFile: "/y" }), ["cert_file"]);
  assertEquals(keysOf({ url: "https://a", auth: "bearer" }), ["auth"]);
  assertEquals(keysOf({ url: "https://a", secretFile: "/x" }), ["auth"]);
  assertEquals(keysOf({ url: "https://a", auth: "basic", secretEnv: "X" }), ["user"]);
  assertEquals(keysOf({ url: "https://a", auth: "basic", user: "u", secretEnv: "X" }), []);
  assertEquals(keysOf({ url: "https://a", auth: "bearer", secretEnv: "X", secretFile: "/x" }), [
    "secret_env",
  ]);
  assertEquals(keysOf({ url: "http://a", caFile: "/x" }), ["ca_file"]);
});

Deno.test("records are split at newlines, in the middle between two of them", () => {
  const bytes = bytesOf("one\ntwo\nthree\n");
  assertEquals(splitRecords(bytes), ["one", "two", "three"]);
  for (const text of ["a\nb\n", "a\nbbbbbb\n", "aaaaaaa\nb\n", "a\nb\nc\n"]) {
    const middle = middleOf(bytesOf(text));
    assertEquals(text[middle - 1], "\n");
    assertEquals(middle < text.length, true);
  }
  assertEquals(middleOf(bytesOf("single\n")), 0);
});
