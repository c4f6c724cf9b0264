import { assert, assertEquals, assertThrows } from "@std/assert";
import { delay } from "@std/async/delay";
import { OutputError } from "../../src/errors.ts";
import { MetricsServer } from "../../src/daemon/telemetry/metrics_server.ts";

/** Starts a server on a free port. */
function serve(problems: string[] = [], refusal?: string) {
  const probe = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = probe.addr;
  probe.close();
  const metrics = () => "# some metrics\n".repeat(10_000);
  const server = MetricsServer.open(`127.0.0.1:${port}`, {
    metrics,
    problems: () => problems,
    refusal: () => refusal,
  });
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    [Symbol.dispose]: () => server[Symbol.dispose](),
  };
}

/** Returns the response to some bytes. */
async function ask(port: number, text: string): Promise<string> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await connection.write(new TextEncoder().encode(text));
  const parts: Uint8Array[] = [];
  const buffer = new Uint8Array(65_536);
  for (;;) {
    const count = await connection.read(buffer).catch(() => null);
    if (count === null) break;
    parts.push(buffer.slice(0, count));
  }
  return await new Blob(parts as BlobPart[]).text();
}

Deno.test("Metrics and health are answered over HTTP", async () => {
  const problems: string[] = [];
  using server = serve(problems);
  const metrics = await fetch(`${server.url}/metrics`);
  assertEquals(metrics.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  assertEquals((await metrics.text()).length, 150_000);
  const well = await fetch(`${server.url}/healthz`);
  assertEquals([well.status, await well.text()], [200, "ok\n"]);
  problems.push("output pcap: Cannot write t.pcap: the disk is full");
  const ill = await fetch(`${server.url}/healthz`);
  assertEquals([ill.status, await ill.text()], [503, `${problems[0]}\n`]);
  const other = await fetch(`${server.url}/`);
  assertEquals(other.status, 404);
  await other.body?.cancel();
  assertEquals((await fetch(`${server.url}/metrics`, { method: "HEAD" })).status, 200);
  const post = await fetch(server.url, { method: "POST", body: "x" });
  assertEquals(post.status, 405);
  await post.body?.cancel();
});

Deno.test("A refused reload stands in the health, which stays good: nfscribe works as before", async () => {
  const problems: string[] = [];
  using server = serve(problems, "The configuration was not replaced: bad\x1b[2J");
  const line = "The configuration was not replaced: bad\\u001b[2J\n";
  const well = await fetch(`${server.url}/healthz`);
  assertEquals([well.status, await well.text()], [200, `ok\n${line}`]);
  problems.push("output pcap: gone");
  const ill = await fetch(`${server.url}/healthz`);
  assertEquals([ill.status, await ill.text()], [503, `output pcap: gone\n${line}`]);
});

Deno.test("Garbage is answered or dropped, and a thousand silent connections do no harm", async () => {
  using server = serve();
  const { port } = server;
  assertEquals((await ask(port, "GET / HTTP/9\r\n\r\n")).slice(0, 12), "HTTP/1.1 400");
  assertEquals((await ask(port, "\x00\xff\x1b[2J\r\n\r\n")).slice(0, 12), "HTTP/1.1 400");
  assertEquals((await ask(port, "x".repeat(9000))).slice(0, 12), "HTTP/1.1 400");
  const silent: Deno.Conn[] = [];
  for (let n = 0; n < 1000; n++) silent.push(await Deno.connect({ hostname: "127.0.0.1", port }));
  // Some of them are held for at most five seconds; then others are answered again.
  const start = performance.now();
  for (;;) {
    const answer = await ask(port, "GET /healthz HTTP/1.1\r\n\r\n");
    if (answer.includes("200 OK")) break;
    assert(performance.now() - start < 10_000, "no client is answered any more");
    await delay(100);
  }
  for (const connection of silent) connection.close();
});

Deno.test("A port in use is an error with advice", () => {
  using server = serve();
  const error = assertThrows(
    () =>
      MetricsServer.open(`127.0.0.1:${server.port}`, {
        metrics: () => "",
        problems: () => [],
        refusal: () => undefined,
      }),
    OutputError,
  );
  assertEquals(
    error.message,
    `Cannot listen on 127.0.0.1:${server.port}: another process listens there; choose another port`,
  );
});
