import { assertEquals } from "@std/assert";
import { type Asked, cookieOf, decide, hostName } from "../../src/web/server/guard.ts";

const TOKEN = "right";
const OPTIONS = {
  hosts: ["localhost", "fw.example"],
  cookie: "nfscribe-9478",
  isToken: (text: string) => text === TOKEN,
};

/** Decides about a request that is answered, with changes. */
function asked(changes: Partial<Asked> = {}) {
  return decide({
    target: "/api/state",
    host: "127.0.0.1:9478",
    origin: undefined,
    site: "same-origin",
    mode: "cors",
    cookie: `other=1; nfscribe-9478=${TOKEN}`,
    authorization: undefined,
    ...changes,
  }, OPTIONS);
}

/** Returns the kind of a decision, and its status where it is a refusal. */
function result(changes: Partial<Asked>) {
  const decision = asked(changes);
  return decision.kind === "refused" ? decision.status : decision.kind;
}

Deno.test("A request with the cookie or the token is answered", () => {
  assertEquals(result({}), "allowed");
  assertEquals(result({ cookie: undefined, authorization: `Bearer ${TOKEN}` }), "allowed");
  // A program sends none of a browser's fields.
  assertEquals(result({ site: undefined, mode: undefined }), "allowed");
});

Deno.test("A request by another name is refused: that name may be rebound to this address", () => {
  for (
    const host of ["evil.example", "evil.example:9478", "localhost.evil.example", "", undefined]
  ) {
    assertEquals(result({ host }), 403, String(host));
  }
  for (
    const host of ["a@127.0.0.1", "127.0.0.1:9478/x", "127.0.0.1 evil", "[::1", "1.2.3.4.evil"]
  ) {
    assertEquals(result({ host }), 403, host);
  }
});

Deno.test("Names of the configuration, localhost and addresses are answered, by any port", () => {
  for (
    const host of [
      "localhost:9000",
      "LOCALHOST",
      "fw.example",
      "FW.example:443",
      "192.0.2.1:9478",
      "[2001:db8::1]:80",
    ]
  ) assertEquals(result({ host }), "allowed", host);
});

Deno.test("A page of another address gets nothing, with the cookie, too", () => {
  for (const origin of ["http://evil.example", "null", "http://127.0.0.1:80", "x"]) {
    assertEquals(result({ origin }), 403, origin);
  }
  assertEquals(result({ origin: "http://127.0.0.1:9478" }), "allowed");
  // TLS ends at a proxy.
  assertEquals(result({ host: "fw.example", origin: "https://fw.example" }), "allowed");
  for (const site of ["cross-site", "same-site"]) {
    for (const mode of ["no-cors", "cors", "websocket"]) assertEquals(result({ site, mode }), 403);
  }
});

Deno.test("A link from elsewhere is followed once the browser sends the cookie", () => {
  const link = { site: "cross-site", mode: "navigate", cookie: undefined };
  assertEquals(result(link), "again");
  assertEquals(result({ ...link, site: "same-origin" }), 401);
  assertEquals(result({ ...link, cookie: `nfscribe-9478=${TOKEN}` }), "allowed");
});

Deno.test("A missing or wrong token is refused", () => {
  assertEquals(result({ cookie: undefined }), 401);
  assertEquals(result({ cookie: "nfscribe-9478=wrong" }), 401);
  assertEquals(result({ cookie: "nfscribe-9478=" }), 401);
  assertEquals(result({ cookie: `nfscribe-1=${TOKEN}` }), 401);
  assertEquals(result({ cookie: undefined, authorization: "Bearer wrong" }), 401);
  assertEquals(result({ target: "/?token=wrong" }), 401);
});

Deno.test("The token in the address becomes a cookie, and the address stays without it", () => {
  const target = `/?kind=flow&token=${TOKEN}&where=tcp+port+22`;
  assertEquals(asked({ target, cookie: undefined }), {
    kind: "admitted",
    location: "/?kind=flow&where=tcp+port+22",
  });
});

Deno.test("Hosts and cookies are read as they stand", () => {
  assertEquals(hostName("[::1]:9478"), "[::1]");
  assertEquals(hostName("Fw.Example:1"), "fw.example");
  assertEquals(hostName("a b"), undefined);
  assertEquals(cookieOf("a=1;b = 2 ; c=3=4", "b"), "2");
  assertEquals(cookieOf("a=1;b=2;c=3=4", "c"), "3=4");
  assertEquals(cookieOf("", "c"), undefined);
});
