import { assertEquals, assertGreater } from "@std/assert";
import { delay } from "@std/async/delay";
import { NumberedOutput, type Table } from "../conformance/system/numbered_output.ts";
import { type Fate, FaultyProxy } from "./faulty_proxy.ts";
import { temporaryFolder, until } from "./process.ts";

/** Duration of an outage in seconds; a minute in the long form. */
const AWAY_S = Number(Deno.env.get("AWAY_SECONDS") ?? 1);
/** Packets of a batch. */
const BATCH = 20;

/** HTTP server that keeps the lines of each request, and answers as a test chooses. */
class LineServer implements AsyncDisposable {
  /** Source ports of packets in requests that were answered with success, in order. */
  readonly ports: number[] = [];
  /** Answers in place of success, in turn. */
  readonly faults: [status: number, headers?: Record<string, string>][] = [];
  readonly #server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async (request) => {
      const lines = (await request.text()).trimEnd().split("\n");
      const [status = 204, headers = {}] = this.faults.shift() ?? [];
      if (status < 300) this.ports.push(...lines.map((line) => JSON.parse(line).sourcePort));
      return new Response(null, { status, headers });
    },
  );

  get port(): number {
    return this.#server.addr.port;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#server.shutdown();
  }
}

/** A stream server that keeps lines. */
class StreamServer implements AsyncDisposable {
  readonly ports: number[] = [];
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #done = this.#accept();

  get port(): number {
    return (this.#listener.addr as Deno.NetAddr).port;
  }

  async #accept(): Promise<void> {
    const reading: Promise<void>[] = [];
    try {
      for await (const connection of this.#listener) reading.push(this.#read(connection));
    } catch {
      // The listener is closed.
    }
    await Promise.all(reading);
  }

  async #read(connection: Deno.Conn): Promise<void> {
    let rest = "";
    for await (const text of connection.readable.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split("\n");
      // The end of a line that was broken off comes again with the whole batch.
      rest = lines.pop()!;
      this.ports.push(...lines.map((line) => JSON.parse(line).sourcePort));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    await this.#done;
  }
}

function open(url: string, table: Table): Promise<NumberedOutput> {
  return NumberedOutput.open("json", {
    url,
    fields: ["sourcePort"],
    hostname: "gate",
    timeout_ms: 500,
    ...table,
  });
}

/** Checks that all packets arrived, and that they are counted. */
function assertComplete(output: NumberedOutput, ports: readonly number[]): void {
  const { written, spooled, failed, dropped, emitted } = output.buffered.stats;
  assertEquals([written, spooled, failed, dropped, emitted], [output.taken, 0, 0, 0, 0]);
  assertEquals(output.imbalance, 0);
  assertEquals([...new Set(ports)].sort((a, b) => a - b), [...Array(output.taken).keys()]);
}

for (const spool of [true, false]) {
  const place = spool ? "a spool" : "the queue in memory";
  Deno.test(`HTTP: stalls, resets and an outage lose nothing and leave nothing stuck, with ${place}`, async () => {
    await using folder = await temporaryFolder();
    await using server = new LineServer();
    await using proxy = new FaultyProxy(server.port);
    const output = await open(`http://127.0.0.1:${proxy.port}/in`, {
      flush_ms: 10,
      ...spool && { spool: `${folder.path}/spool` },
    });
    const fates: Fate[] = ["stall", "reset before", "reset after"];
    for (const fate of fates) {
      proxy.fate = fate;
      proxy.breakAll();
      await output.write(BATCH);
      await until(`a request meets: ${fate}`, () => proxy.seen[fate] > 0);
      await output.write(BATCH);
      proxy.fate = "forward";
      await until("all are delivered", () => output.buffered.stats.written === output.taken);
    }
    await proxy.goAway();
    const endMs = performance.now() + AWAY_S * 1000;
    do {
      await output.write(BATCH);
      await until("the outage is known", () => output.buffered.problem !== undefined);
      await delay(100);
    } while (performance.now() < endMs);
    proxy.comeBack();
    await until("all are delivered", () => output.buffered.stats.written === output.taken);
    await output.buffered.close();
    assertComplete(output, server.ports);
    // Only what was answered and not heard of came twice.
    assertGreater(server.ports.length, output.taken);
    assertEquals(output.buffered.problem, undefined);
  });
}

Deno.test("HTTP: answers of 500, 413, 503 and 429 delay records and lose none, and Retry-After is kept", async () => {
  await using server = new LineServer();
  const output = await open(`http://127.0.0.1:${server.port}/in`, { flush_ms: 10 });
  server.faults.push([500], [413], [503], [429, { "retry-after": "1" }]);
  for (let batch = 0; batch < 4; batch++) await output.write(BATCH);
  await until("the server asks for a delay", () => server.faults.length === 0);
  const asked = performance.now();
  await until("all are delivered", () => output.buffered.stats.written === output.taken);
  assertGreater(performance.now() - asked, 900);
  await output.buffered.close();
  assertComplete(output, server.ports);
});

Deno.test("TCP: what is sent once an outage is known arrives when the receiver is back", async () => {
  await using folder = await temporaryFolder();
  await using server = new StreamServer();
  await using proxy = new FaultyProxy(server.port);
  const output = await open(`tcp://127.0.0.1:${proxy.port}`, { spool: `${folder.path}/spool` });
  await output.write(BATCH);
  await until("they arrive", () => server.ports.length === BATCH);
  await proxy.goAway();
  // What the kernel takes for a connection that is closed already is lost: TCP has no answers.
  await until("the outage is known", async () => {
    if (output.buffered.problem === undefined) await output.write(BATCH);
    return output.buffered.problem !== undefined;
  });
  const known = output.taken - output.buffered.stats.spooled;
  await delay(AWAY_S * 1000);
  await output.write(BATCH);
  proxy.comeBack();
  await until("all are delivered", () => output.buffered.stats.written === output.taken);
  await output.buffered.close();
  const expected = [...Array(BATCH).keys()];
  for (let port = known; port < output.taken; port++) expected.push(port);
  await until("they arrive", () => expected.every((port) => server.ports.includes(port)));
  assertEquals(output.imbalance, 0);
  assertEquals(output.buffered.stats.failed + output.buffered.stats.dropped, 0);
});

Deno.test("a stop while the receiver stalls ends in time, and keeps what is unsent in the spool", async () => {
  await using folder = await temporaryFolder();
  await using server = new LineServer();
  await using proxy = new FaultyProxy(server.port);
  const table = { flush_ms: 10, spool: `${folder.path}/spool` };
  const url = `http://127.0.0.1:${proxy.port}/in`;
  {
    proxy.fate = "stall";
    const output = await open(url, table);
    await output.write(BATCH);
    await until("a request stalls", () => proxy.seen.stall > 0);
    output.buffered.expedite();
    await output.buffered.close();
    assertEquals([output.buffered.stats.spooled, output.imbalance], [BATCH, 0]);
  }
  proxy.fate = "forward";
  const output = await open(url, table);
  await until("the next start sends them", () => server.ports.length === BATCH);
  await output.buffered.close();
  assertEquals(output.buffered.figures.recovered, BATCH);
  assertEquals(server.ports, [...Array(BATCH).keys()]);
});
