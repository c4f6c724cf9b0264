import { assert, assertEquals, assertLess } from "@std/assert";
import { delay } from "@std/async/delay";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { WebServer } from "../../../src/web/server/web_server.ts";
import { MadeUp } from "../../web/made_up.ts";
import { MemoryStore } from "../../web/memory_store.ts";
import { madeUpOptions, TOKEN } from "../../web/serve.ts";
import { until } from "../process.ts";
import { ask, listen, RawClient } from "./raw_client.ts";

type Limits = NonNullable<ReturnType<typeof madeUpOptions>["limits"]>;

/** Runs a test against a server. */
async function withServer(
  limits: Limits,
  act: (server: WebServer, store: MemoryStore) => Promise<void>,
): Promise<void> {
  await using store = new MemoryStore();
  await using server = await WebServer.open({ ...madeUpOptions(store), limits });
  await act(server, store);
}

Deno.test("web: heads that are too large, too slow or never come end the connection", () =>
  withServer({ server: { headBytes: 8192, headMs: 3000, idleMs: 3000 } }, async (server) => {
    const { port } = server.address;
    const large = [9000, 100_000, 1_000_000].map(async (bytes) => {
      using client = await RawClient.open(port);
      await client.send(`GET / HTTP/1.1\r\nhost: 127.0.0.1\r\nx: ${"a".repeat(bytes)}\r\n\r\n`);
      assert(!(await client.toEnd()).startsWith("HTTP/1.1 2"));
    });
    const slow = async () => {
      using client = await RawClient.open(port);
      const trickle = (async () => {
        for (let byte = 0; !client.isClosed; byte++) {
          await client.send(byte === 0 ? "GET / HTTP/1.1\r\nx: " : "a");
          await delay(50);
        }
      })();
      await client.toEnd();
      await trickle;
    };
    const silent = async () => {
      using client = await RawClient.open(port);
      await client.toEnd();
    };
    const idle = async () => {
      using client = await RawClient.open(port);
      await client.send("GET / HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n");
      assert((await client.toEnd()).startsWith("HTTP/1.1 401"));
    };
    await Promise.all([...large, slow(), silent(), idle()]);
  }));

Deno.test("web: pipelined requests end the connection, whatever they are", () =>
  withServer({}, async (server) => {
    const { port } = server.address;
    const requests = [
      "GET /x HTTP/1.1\r\nhost: [::1]\r\n\r\n",
      // Node would answer these by itself.
      "GET /x HTTP/1.1\r\n\r\n",
      "GET /x HTTP/1.1\r\nhost: [::1]\r\nexpect: nothing\r\n\r\n",
      "GET /x HTTP/1.1\r\nhost: [::1]\r\nexpect: 100-continue\r\n\r\n",
      `GET /api/live HTTP/1.1\r\nhost: [::1]\r\nauthorization: Bearer ${TOKEN}\r\n\r\n`,
    ];
    let made = 0;
    const onMade = () => made++;
    subscribe("http.server.request.start", onMade);
    for (const request of requests) {
      using client = await RawClient.open(port);
      // A client that reads nothing while it sends.
      for (let piece = 0; piece < 20; piece++) await client.send(request.repeat(1000));
      const answers = (await client.toEnd()).match(/HTTP\/1\.1 [2-5]/g) ?? [];
      assertLess(answers.length, 10, request);
    }
    unsubscribe("http.server.request.start", onMade);
    // Nor does what was read before the end take memory: a piece has thousands of requests.
    assertLess(made, 10 * requests.length);
    assertEquals((await ask(port, "/api/state")).status, 200);
  }));

Deno.test("web: a connection is used again by a client that waits for each answer", () =>
  withServer({}, async (server) => {
    using client = await RawClient.open(server.address.port);
    for (let asked = 0; asked < 300; asked++) {
      client.text = "";
      await client.send(
        `GET /api/losses HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${TOKEN}\r\n\r\n`,
      );
      const answer = await client.until((text) => /\r\n\r\n.*\]$/s.test(text));
      assert(answer.startsWith("HTTP/1.1 200"), `${asked}: ${answer}`);
    }
  }));

Deno.test("web: silent connections do not lock out others", () =>
  withServer({ server: { connections: 10 } }, async (server) => {
    const { port } = server.address;
    using listening = await listen(port);
    const silent = await Promise.all(
      Array.from({ length: 30 }, () => RawClient.open(port)),
    );
    try {
      assertEquals((await ask(port, "/api/state")).status, 200);
      await silent[0]!.toEnd();
      const before = listening.text.length;
      await listening.until((text) => text.length > before);
      assert(!listening.isClosed);
    } finally {
      for (const client of silent) client[Symbol.dispose]();
    }
  }));

Deno.test("web: a hundred browsers cost the store what one does, and none costs nothing", () =>
  withServer({ live: { rowsMs: 20, lossesMs: 20, statsMs: 20 } }, async (server, store) => {
    const { port } = server.address;
    const browsers = await Promise.all(Array.from({ length: 100 }, () => listen(port)));
    assertEquals(server.browsers, 100);
    await Promise.all(browsers.map((one) => one.until((text) => text.includes("event: rows"))));
    const asked = () => store.asked.get("arrived") ?? 0;
    // Each joins with a look of its own; from then on they look together.
    let [running, most] = [0, 0];
    store.beforeAnswer = async (name) => {
      if (name !== "arrived") return;
      most = Math.max(most, ++running);
      await delay(5);
      running--;
    };
    const records = new MadeUp(store);
    for (let step = 0; step < 20; step++) records.step(Date.now());
    store.addLoss({ timeMs: Date.now(), capture: "nflog:1", packets: 3 });
    await Promise.all(
      browsers.map((one) =>
        one.until((text) => /"rows":\[\{/.test(text) && text.includes("event: losses"))
      ),
    );
    assertEquals(most, 1);
    for (const one of browsers) one[Symbol.dispose]();
    await until("all have left", () => server.browsers === 0);
    await until("nothing is asked", () => store.open.size === 0);
    const left = asked() + store.asked.get("losses")!;
    await delay(200);
    assertEquals(asked() + store.asked.get("losses")!, left);
  }));

Deno.test("web: one browser too many, or one expression, is refused with the reason", () =>
  withServer({ live: { browsers: 3, tails: 2 } }, async (server) => {
    const { port } = server.address;
    using _first = await listen(port, "kind=packet&where=tcp");
    using _second = await listen(port, "kind=packet&where=udp");
    assertEquals((await ask(port, "/api/live?kind=packet&where=icmp")).status, 503);
    using _third = await listen(port, "kind=packet&where=udp");
    assertEquals((await ask(port, "/api/live?kind=packet&where=udp")).status, 503);
  }));

Deno.test("web: a browser that reads nothing gets the newest and a count, or is disconnected", () =>
  withServer(
    { live: { rowsMs: 5, rows: 50 }, server: { stuckMs: 1000 } },
    async (server, store) => {
      const { port } = server.address;
      using stuck = await listen(port);
      using reading = await listen(port);
      const records = new MadeUp(store);
      // More than sockets and buffers hold, several times.
      const limitMs = performance.now() + 60_000;
      while (server.browsers === 2 && performance.now() < limitMs) {
        store.inOne(() => {
          for (let step = 0; step < 100; step++) records.step(Date.now());
        });
        const before = reading.text.length;
        await reading.until((text) => text.length > before);
        reading.text = "";
      }
      assertEquals(server.browsers, 1);
      await stuck.toEnd();
      assert(stuck.isClosed);
      const before = reading.text.length;
      records.step(Date.now());
      await reading.until((text) => text.length > before);
    },
  ));

Deno.test("web: a browser that comes again gets what it has missed, once", () =>
  withServer({ live: { rowsMs: 20 } }, async (server, store) => {
    const { port } = server.address;
    const records = new MadeUp(store);
    const add = (count: number) => {
      for (let step = 0; step < count; step++) records.fill(Date.now(), Date.now() + 1, 5);
    };
    const idsOf = (text: string) =>
      [...text.matchAll(/"rowId":"(\d+)"/g)].map(([, id]) => Number(id));
    using _other = await listen(port);
    const first = await listen(port);
    await first.until((text) => text.includes("event: rows"));
    add(10);
    await first.until((text) => idsOf(text).length > 5);
    const [place] = [...first.text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => id).toReversed();
    const known = idsOf(first.text);
    first[Symbol.dispose]();
    add(10);
    using again = await listen(port, `kind=packet&after=${place}`);
    add(10);
    const last = Number(
      (await store.arrived(
        { kind: "packet" },
        undefined,
        1,
        { ms: 1000, signal: new AbortController().signal },
      )).after,
    );
    await again.until((text) => idsOf(text).includes(last));
    const ids = [...known, ...idsOf(again.text)];
    assertEquals(ids, [...new Set(ids)].sort((a, b) => a - b));
    assertEquals(ids.length, last - known[0]! + 1);
  }));

Deno.test("web: a question ends when its browser leaves, and others are answered", () =>
  withServer({}, async (server, store) => {
    const { port } = server.address;
    store.beforeAnswer = (name, { signal }) =>
      name !== "top"
        ? Promise.resolve()
        : new Promise((_resolve, reject) =>
          signal.addEventListener("abort", () => reject(signal.reason))
        );
    const clients = await Promise.all(Array.from({ length: 20 }, async () => {
      const client = await RawClient.open(port);
      await client.send(
        `GET /api/top HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${TOKEN}\r\n\r\n`,
      );
      return client;
    }));
    // Four are asked at once, the others wait.
    await until("four are asked", () => store.open.size === 4);
    for (const client of clients) client[Symbol.dispose]();
    assertEquals((await ask(port, "/api/records")).status, 200);
    await until("nothing is asked", () => store.open.size === 0);
  }));

Deno.test("web: a store that does not answer holds up nothing", () =>
  withServer({}, async (server, store) => {
    const { port } = server.address;
    store.beforeAnswer = (_name, { signal }) =>
      new Promise((_resolve, reject) =>
        signal.addEventListener("abort", () => reject(signal.reason))
      );
    const answers = await Promise.all(
      Array.from({ length: 4 }, () => ask(port, "/api/top?timeout=1")),
    );
    assertEquals(answers.map(({ status }) => status), [504, 504, 504, 504]);
    assertEquals(store.open.size, 0);
  }));

Deno.test("web: too many questions at once are refused", () =>
  withServer({}, async (server, store) => {
    const { port } = server.address;
    const release = Promise.withResolvers<void>();
    store.beforeAnswer = () => release.promise;
    let refused = 0;
    const answers = Array.from({ length: 80 }, async () => {
      const answer = await ask(port, "/api/losses");
      if (answer.status === 503) refused++;
      return answer;
    });
    await until("all others are refused", () => refused === 12);
    release.resolve();
    const statuses = (await Promise.all(answers)).map(({ status }) => status);
    assertEquals(statuses.filter((status) => status === 200).length, 68);
    assertEquals(statuses.filter((status) => status === 503).length, 12);
  }));

Deno.test("web: a download comes as fast as it is read, and ends with its browser", () =>
  withServer({}, async (server, store) => {
    store.inOne(() => {
      for (let row = 0; row < 8000; row++) {
        store.add("packet", {
          time: BigInt(row),
          protocol: row % 2 * 17,
          prefix: "x".repeat(2000),
        });
      }
    });
    const { port } = server.address;
    const client = await RawClient.open(port);
    await client.send(
      `GET /api/download?format=json HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${TOKEN}\r\n\r\n`,
    );
    await client.until((text) => text.includes("\r\n\r\n"));
    // It stops where the socket's buffers are full.
    let asked = -1;
    while (asked !== store.asked.get("record")) {
      asked = store.asked.get("record") ?? 0;
      await delay(300);
    }
    assertLess(asked, 7000);
    client[Symbol.dispose]();
    await until("nothing is asked", () => store.open.size === 0);
    const whole =
      await (await fetch(`http://127.0.0.1:${port}/api/download?format=csv&where=ip%20proto%2017`, {
        headers: { authorization: `Bearer ${TOKEN}` },
      })).text();
    const { rows } = await store.page(
      { kind: "packet", where: "ip proto 17", span: { fromMs: 0, toMs: 1e15 } },
      1_000_000,
      undefined,
      { ms: 1000, signal: new AbortController().signal },
    );
    assertEquals(whole.split("\r\n").length, rows.length + 2);
  }));

Deno.test("web: one record is downloaded by its address", () =>
  withServer({}, async (server, store) => {
    new MadeUp(store).fill(Date.now() - 60_000, Date.now(), 30);
    const { port } = server.address;
    const answer = await fetch(
      `http://127.0.0.1:${port}/api/download?format=json&kind=packet&id=3`,
      { headers: { authorization: `Bearer ${TOKEN}` } },
    );
    const budget = { ms: 1000, signal: new AbortController().signal };
    const found = await store.record("packet", "3", budget);
    assertEquals(await answer.json(), JSON.parse(JSON.stringify(found!.record)));
    assertEquals((await ask(port, "/api/download?kind=packet&id=999")).status, 404);
  }));
