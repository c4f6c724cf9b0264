import { assertEquals, assertThrows } from "@std/assert";
import { describeServers, serversOf } from "../../src/nats/servers.ts";

Deno.test("one server or several are named in a URL", () => {
  assertEquals(serversOf("nats://nats.example"), {
    isSecure: false,
    servers: [{ host: "nats.example", port: 4222 }],
  });
  assertEquals(serversOf("tls://a:1, tls://[2001:db8::1]:2,c"), {
    isSecure: true,
    servers: [{ host: "a", port: 1 }, { host: "2001:db8::1", port: 2 }, { host: "c", port: 4222 }],
  });
});

Deno.test("servers are described as a URL", () => {
  const text = "tls://a:1,[2001:db8::1]:2";
  assertEquals(describeServers(serversOf(text)), text);
});

for (
  const [url, message] of [
    ["nats.example", "must be a URL of nats: or tls:"],
    ["http://nats.example", "must be a URL of nats: or tls:"],
    ["nats://a,tls://b", "the same scheme"],
    ["nats://user:secret@a", "must not hold a user or password"],
    ["nats://a,user:secret@b", "must not hold a user or password"],
    ["nats://", "must name a host"],
    ["nats://a,", "must name a host"],
    ["nats://a/path", "must name a host"],
    ["nats://a:0", "must name a host"],
    ["nats://a:99999", "must name a host"],
  ] as const
) {
  Deno.test(`the URL ${url} is refused, without its secret`, () => {
    const error = assertThrows(() => serversOf(url), Error, message);
    assertEquals(error.message.includes("secret:"), false);
  });
}
