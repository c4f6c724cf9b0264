import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { Buffer } from "node:buffer";
import { CONTENT_SECURITY_POLICY } from "../../../src/web/server/headers.ts";
import { WebServer } from "../../../src/web/server/web_server.ts";
import { MadeUp } from "../../web/made_up.ts";
import { MemoryStore } from "../../web/memory_store.ts";
import { madeUpOptions, TOKEN } from "../../web/serve.ts";
import { ask, RawClient } from "./raw_client.ts";

/** Runs a test against a server over some records. */
async function withServer(
  act: (port: number, store: MemoryStore, warnings: string[]) => Promise<void>,
  changes: Partial<ReturnType<typeof madeUpOptions>> = {},
): Promise<void> {
  await using store = new MemoryStore();
  new MadeUp(store).fill(Date.now() - 60_000, Date.now(), 300);
  const warnings: string[] = [];
  const warn = (message: string) => warnings.push(message);
  await using server = await WebServer.open({ ...madeUpOptions(store), warn, ...changes });
  await act(server.address.port, store, warnings);
  assertEquals(warnings, []);
}

Deno.test("web: every answer has the fields that keep other pages out", () =>
  withServer(async (port) => {
    const targets: [string, Record<string, string | undefined>][] = [
      ["/", {}],
      ["/api/state", {}],
      ["/api/download", {}],
      ["/nowhere", {}],
      ["/", { authorization: undefined }],
      ["/", { host: "evil.example" }],
      ["/?token=wrong", { authorization: undefined }],
    ];
    for (const [target, fields] of targets) {
      const answer = await ask(port, target, fields);
      assertEquals(answer.fields.get("content-security-policy"), CONTENT_SECURITY_POLICY, target);
      for (
        const [name, value] of [
          ["x-content-type-options", "nosniff"],
          ["referrer-policy", "no-referrer"],
          ["cross-origin-resource-policy", "same-origin"],
          ["cross-origin-opener-policy", "same-origin"],
          ["cross-origin-embedder-policy", "require-corp"],
        ] as const
      ) assertEquals(answer.fields.get(name), value, target);
      assertEquals(answer.fields.get("access-control-allow-origin"), null);
    }
  }));

Deno.test("web: the token opens the page once in the address, then by a cookie of this port", () =>
  withServer(async (port) => {
    const without = { authorization: undefined };
    assertEquals((await ask(port, "/", without)).status, 401);
    const admitted = await ask(port, `/?where=udp&token=${TOKEN}`, without);
    assertEquals(admitted.status, 303);
    assertEquals(admitted.fields.get("location"), "/?where=udp");
    const cookie = admitted.fields.get("set-cookie")!;
    assertEquals(
      cookie,
      `nfscribe-${port}=${TOKEN}; Path=/; HttpOnly; SameSite=Strict`,
    );
    const [own] = cookie.split(";");
    assertEquals((await ask(port, "/", { ...without, cookie: own })).status, 200);
    assertEquals((await ask(port, "/", { ...without, cookie: `nfscribe=${TOKEN}` })).status, 401);
  }));

Deno.test("web: behind a proxy with TLS the cookie is for TLS alone", () =>
  withServer(async (port) => {
    const fields = { host: "fw.example", "x-forwarded-proto": "https", authorization: undefined };
    const { fields: got } = await ask(port, `/?token=${TOKEN}`, fields);
    assertMatch(got.get("set-cookie")!, /^__Host-nfscribe=.*; Secure$/);
    // Any browser may say so of itself, by a name that is no proxy's.
    const own = await ask(port, `/?token=${TOKEN}`, { ...fields, host: "localhost" });
    assertMatch(own.fields.get("set-cookie")!, /^nfscribe=.*SameSite=Strict$/);
  }, { hosts: ["fw.example"] }));

Deno.test("web: a link from elsewhere is followed without handing it the cookie's page", () =>
  withServer(async (port) => {
    const fields = {
      authorization: undefined,
      "sec-fetch-site": "cross-site",
      "sec-fetch-mode": "navigate",
    };
    const answer = await ask(port, "/?where=udp", fields);
    assertEquals(answer.status, 200);
    assertStringIncludes(answer.body, '<meta http-equiv="refresh" content="0">');
  }));

Deno.test("web: what is no plain request for the page is refused", () =>
  withServer(async (port) => {
    const cases: [target: string, status: number, method?: string][] = [
      ["/../../etc/passwd", 404],
      ["/%2e%2e/%2e%2e/etc/passwd", 404],
      ["/..%2f..%2fetc%2fpasswd", 404],
      ["/page.js/../../../../etc/passwd", 404],
      ["//evil.example/", 400],
      ["http://evil.example/", 400],
      ["*", 400],
      ["/index.html", 404],
      ["/api/", 404],
      ["/api/constructor", 404],
      ["/api/__proto__", 404],
      ["/api/records?limit=1001", 400],
      ["/api/records?limit=-1", 400],
      ["/api/records?nothing=1", 400],
      ["/api/records?where=tcp%20prot%2022", 400],
      ["/api/record", 400],
      ["/api/record?id=999999", 404],
      ["/api/chart?step=1&from=0&to=1000000000", 400],
      ["/api/download?format=exe", 400],
      ["/api/download?format=pcap&kind=flow", 400],
      ["/api/nat?address=nonsense", 400],
      ["/api/nat?address=192.0.2.1&at=253402300799999", 200],
      ["/api/nat?address=192.0.2.1&at=253402300800000", 400],
      ["/api/nat?address=192.0.2.1&at=8640000000000001", 400],
      ["/api/nat?address=192.0.2.1&at=5&until=253402300800000", 400],
      ["/api/nat?address=192.0.2.1&at=5&until=4", 400],
      ["/api/nat?address=192.0.2.1&at=5&until=4", 400],
      ["/", 405, "POST"],
      ["/api/state", 405, "OPTIONS"],
      ["/api/state", 405, "DELETE"],
    ];
    for (const [target, status, method] of cases) {
      const answer = await ask(port, target, {}, method);
      assertEquals(answer.status, status, `${method ?? "GET"} ${target}`);
      assert(!answer.body.includes("root:"));
    }
  }));

Deno.test("web: a chart without times is that of the records that there are", () =>
  withServer(async (port) => {
    const chartOf = async (query: string) =>
      JSON.parse((await ask(port, `/api/chart?kind=packet${query}`)).body);
    const { store: { kinds } } = JSON.parse((await ask(port, "/api/state")).body);
    const { oldestMs, newestMs } = kinds.find(({ kind }: { kind: string }) => kind === "packet");
    const whole = await chartOf("");
    assertEquals(whole, await chartOf(`&from=${oldestMs}&to=${newestMs + 1}`));
    assertEquals(whole.stepMs, 1000);
    assert(whole.packets[0].length <= 62, `${whole.packets[0].length} seconds`);
    // One end alone: the other is that of the records.
    const { startMs } = await chartOf(`&to=${newestMs + 1}`);
    assertEquals(startMs, whole.startMs);
  }));

Deno.test("web: a wrong expression is answered with its place", () =>
  withServer(async (port) => {
    const { body } = await ask(port, "/api/records?where=tcp%20prot%2022");
    assertEquals(JSON.parse(body), {
      error: '"prot" is not a word of expressions; did you mean "port"?',
      place: { start: 4, end: 8 },
    });
  }));

Deno.test("web: bytes that are no request end the connection, and nothing else", () =>
  withServer(async (port) => {
    const cases = [
      "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
      "GET / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n",
      "GET /\0 HTTP/1.1\r\n\r\n",
      "GET / HTTP/1.1\r\nhost: 127.0.0.1\r\nhost: evil.example\r\n\r\n",
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
      "GET / HTTP/1.1\r\n : \r\n\r\n",
      "CONNECT 127.0.0.1:22 HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n",
      "GET / HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n",
      "\r\n".repeat(5000),
    ];
    await Promise.all(cases.map(async (text) => {
      using client = await RawClient.open(port);
      await client.send(text);
      await client.send("\r\n\r\n");
      const answer = await client.until((text) => text.includes("\r\n\r\n"));
      assert(!answer.startsWith("HTTP/1.1 200"), JSON.stringify(text));
    }));
    assertEquals((await ask(port, "/api/state")).status, 200);
  }, { limits: { server: { headMs: 3000, idleMs: 3000 } } }));

Deno.test("web: the page is compressed as the browser takes it, and sent once", () =>
  withServer(async (port) => {
    const plain = await (await fetch(`http://127.0.0.1:${port}/page.js`, {
      headers: { authorization: `Bearer ${TOKEN}`, "accept-encoding": "identity" },
    })).text();
    const packed: [string, (bytes: Buffer) => Buffer][] = [
      ["br", brotliDecompressSync],
      ["gzip", gunzipSync],
    ];
    for (const [coding, unpack] of packed) {
      const accepted = coding === "br" ? "gzip, deflate, br;q=0.5" : "br;q=0, gzip";
      const answer = await ask(port, "/page.js", { "accept-encoding": accepted });
      assertEquals(answer.fields.get("content-encoding"), coding);
      assert(unpack(Buffer.from(answer.body, "latin1")).toString() === plain, coding);
      const etag = answer.fields.get("etag")!;
      const again = await ask(port, "/page.js", { "if-none-match": etag });
      assertEquals([again.status, again.body], [304, ""]);
    }
    const head = await ask(port, "/", {}, "HEAD");
    assertEquals([head.status, head.body], [200, ""]);
  }));

Deno.test("web: without a store the page is there, and says so", async () => {
  await using server = await WebServer.open(madeUpOptions(undefined));
  const { port } = server.address;
  const state = JSON.parse((await ask(port, "/api/state")).body);
  assertEquals([state.store, state.tables], [
    null,
    { packets: false, flows: false, payload: false },
  ]);
  assertEquals((await ask(port, "/api/records")).status, 404);
  assertEquals((await ask(port, "/")).status, 200);
});
