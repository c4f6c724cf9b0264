import { assert, assertEquals, assertMatch } from "@std/assert";
import { NumberedOutput } from "../conformance/system/numbered_output.ts";
import { temporaryFolder, until } from "./process.ts";

/** Server of Elasticsearch's bulk API, with answers that a test chooses. */
class BulkServer implements AsyncDisposable {
  /** Ports of stored packets, by identifier. */
  readonly stored = new Map<string, number>();
  requests = 0;
  /** Answers in place of storing, in turn. */
  readonly faults: (() => Response)[] = [];
  readonly #server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    (request) => this.#answer(request),
  );

  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}/fw/_bulk`;
  }

  async #answer(request: Request): Promise<Response> {
    this.requests++;
    const lines = (await request.text()).trimEnd().split("\n");
    const fault = this.faults.shift();
    if (fault !== undefined) return fault();
    const items = [];
    for (let at = 0; at < lines.length; at += 2) {
      const id = JSON.parse(lines[at]!).create._id as string;
      items.push({ create: { status: this.stored.has(id) ? 409 : 201 } });
      this.stored.set(id, JSON.parse(lines[at + 1]!).sourcePort);
    }
    return Response.json({ errors: items.some(({ create }) => create.status !== 201), items });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#server.shutdown();
  }
}

/** Opens an output with a spool. */
function open(server: BulkServer, folder: string): Promise<NumberedOutput> {
  return NumberedOutput.open("json", {
    url: server.url,
    flavor: "elasticsearch",
    hostname: "gate",
    flush_ms: 10,
    timeout_ms: 500,
    spool: `${folder}/spool`,
  });
}

const status = (code: number, headers = {}) => () =>
  new Response("come back", { status: code, headers });

Deno.test("errors that pass, halves and repeated requests lose nothing, and store nothing twice", async () => {
  await using folder = await temporaryFolder();
  await using server = new BulkServer();
  server.faults.push(
    status(500),
    status(413),
    status(429, { "retry-after": "1" }),
    () => new Response("not JSON"),
  );
  const output = await open(server, folder.path);
  for (let batch = 0; batch < 5; batch++) await output.write(100);
  await until("all packets are stored", () => server.stored.size === 500);
  await output.buffered.close();
  assertEquals(output.imbalance, 0);
  const { written, failed, dropped, spooled } = output.buffered.stats;
  assertEquals([written, failed, dropped, spooled], [500, 0, 0, 0]);
  assertEquals([...server.stored.values()].sort((a, b) => a - b), [...Array(500).keys()]);
});

Deno.test("a request whose connection ends before the answer comes again, and nothing is lost", async () => {
  const bodies: string[] = [];
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serving = (async () => {
    for await (const connection of listener) serve(connection);
  })();
  /** Answers the first request of a connection, and ends it behind the second one. */
  async function serve(connection: Deno.TcpConn): Promise<void> {
    using _ended = connection;
    for (const answers of [true, false]) {
      let text = "";
      const decoder = new TextDecoder();
      const bytes = new Uint8Array(65_536);
      while (!isWhole(text)) {
        const count = await connection.read(bytes);
        if (count === null) return;
        text += decoder.decode(bytes.subarray(0, count), { stream: true });
      }
      bodies.push(text.slice(text.indexOf("\r\n\r\n") + 4));
      if (answers) {
        const answer = "HTTP/1.1 204 No Content\r\n\r\n";
        await connection.write(new TextEncoder().encode(answer));
      }
    }
  }
  const { port } = listener.addr as Deno.NetAddr;
  const output = await NumberedOutput.open("json", {
    url: `http://127.0.0.1:${port}/`,
    hostname: "gate",
    flush_ms: 10,
  });
  for (let batch = 1; batch <= 5; batch++) {
    await output.write(1);
    await until("the batch is written", () => output.buffered.stats.written === batch);
  }
  await output.buffered.close();
  listener.close();
  await serving;
  assertEquals(new Set(bodies).size, 5);
  assert(bodies.length > 5, "no request came twice");
});

/** Returns whether a request's text has all of its body. */
function isWhole(text: string): boolean {
  const end = text.indexOf("\r\n\r\n");
  const length = Number(/content-length: (\d+)/i.exec(text)?.[1]);
  return end >= 0 && text.length >= end + 4 + length;
}

Deno.test("documents that are refused for good go to the quarantine, and others are stored", async () => {
  await using folder = await temporaryFolder();
  await using server = new BulkServer();
  server.faults.push(() =>
    Response.json({
      errors: true,
      items: [
        { create: { status: 201 } },
        { create: { status: 400, error: { type: "mapper_parsing_exception", reason: "\x1b no" } } },
        { create: { status: 201 } },
      ],
    })
  );
  const output = await open(server, folder.path);
  await output.write(3);
  await until("the answer is handled", () => output.buffered.stats.failed === 1);
  await output.write(2);
  await output.buffered.close();
  const { written, failed } = output.buffered.stats;
  assertEquals([written, failed, output.imbalance], [4, 1, 0]);
  assertEquals(server.stored.size, 2);
  const lines = await Deno.readTextFile(`${folder.path}/spool/quarantine.jsonl`);
  const [entry, ...others] = lines.trimEnd().split("\n").map((line) => JSON.parse(line));
  assertEquals(others, []);
  const [action, line] = entry.record.split("\n");
  assertMatch(JSON.parse(action).create._id, /:1$/);
  assertEquals(JSON.parse(line).sourcePort, 1);
  const warning = output.said.find((text) => text.includes("refuses 1 records"));
  assert(warning !== undefined && !warning.includes("\x1b"), output.said.join());
});

Deno.test("a server that is away keeps packets in the spool, for the next start", async () => {
  await using folder = await temporaryFolder();
  let url = "";
  {
    await using server = new BulkServer();
    url = server.url;
    const output = await open(server, folder.path);
    await output.write(10);
    await until("they are stored", () => server.stored.size === 10);
    await output.buffered.close();
  }
  const table = { url, flavor: "elasticsearch", hostname: "gate", spool: `${folder.path}/spool` };
  const away = await NumberedOutput.open("json", table, 10);
  await away.write(20);
  await until(
    "the failure is logged",
    () => away.said.some((text) => text.includes(url.slice(0, 21))),
  );
  away.buffered.expedite();
  await away.buffered.close();
  assertEquals([away.buffered.stats.spooled, away.imbalance], [20, 0]);
  await using server = new BulkServer();
  const output = await open(server, folder.path);
  await until("the rest is stored", () => server.stored.size === 20);
  await output.buffered.close();
  assertEquals(output.buffered.figures.recovered, 20);
});
