import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { readCounters } from "../../src/daemon/telemetry/stats_client.ts";
import { StatsServer } from "../../src/daemon/telemetry/stats_server.ts";
import { deno, ROOT, run, temporaryFolder } from "./process.ts";

const ROW = { received: 1, lost: 0, malformed: 0, foreign: 0 };
const FILTER = { passed: 1, dropped: 0, failed: 0, timedOut: 0 };
const OUTPUT = { written: 1, bytes: 9, failed: 0, dropped: 0, spooled: 0, filtered: 0, emitted: 0 };
const COUNTERS = { sources: { "nflog:1": ROW }, filter: FILTER, outputs: { pcap: OUTPUT } };

/** Listens as another program, and handles each connection. */
function listen(path: string, handle: (connection: Deno.UnixConn) => Promise<void>): Disposable {
  const listener = Deno.listen({ transport: "unix", path });
  const served = (async () => {
    for await (const connection of listener) {
      // A client hangs up on what it does not want.
      handle(connection).catch(() => {}).finally(() => connection.close());
    }
  })();
  served.catch(() => {});
  return listener;
}

const answering = (path: string, text: string) =>
  listen(path, async (connection) => {
    await connection.write(new TextEncoder().encode(text));
  });

/** Answers that are JSON, and no counters. */
const OTHERS: readonly unknown[] = [
  null,
  1,
  [],
  "counters",
  {},
  { sources: null, filter: null, outputs: null },
  { ...COUNTERS, sources: [ROW] },
  { ...COUNTERS, sources: { a: null } },
  { ...COUNTERS, sources: { a: { ...ROW, lost: "0" } } },
  { ...COUNTERS, filter: { passed: 1 } },
  { ...COUNTERS, refusal: ["no text"] },
  { ...COUNTERS, outputs: { pcap: { ...OUTPUT, written: { deep: 1 } } } },
  { ...COUNTERS, outputs: { pcap: { ...OUTPUT, further: "\x1b[2J" } } },
];

Deno.test("readCounters() returns what nfscribe answers", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/s`;
  using _server = await StatsServer.open(path, () => COUNTERS);
  assertEquals(await readCounters(path, 5000), COUNTERS);
});

Deno.test("readCounters() tells that it is connected before it reads", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/s`;
  const connected = Promise.withResolvers<void>();
  using _listener = listen(path, async (connection) => {
    await connected.promise;
    await connection.write(new TextEncoder().encode(JSON.stringify(COUNTERS)));
  });
  assertEquals(await readCounters(path, 20_000, connected.resolve), COUNTERS);
});

Deno.test("readCounters() refuses what is no JSON, and JSON of another shape", async () => {
  await using folder = await temporaryFolder();
  for (const [index, answer] of OTHERS.entries()) {
    const path = `${folder.path}/${index}`;
    using _listener = answering(path, JSON.stringify(answer));
    const error = await assertRejects(() => readCounters(path, 5000), Error);
    assertStringIncludes(error.message, "the answer holds no counters: another program listens");
  }
  for (const text of ["", "{", "<html>\x1b[2J"]) {
    const path = `${folder.path}/text${text.length}`;
    using _listener = answering(path, text);
    const error = await assertRejects(() => readCounters(path, 5000), Error);
    assertStringIncludes(error.message, "the answer is no document of JSON");
  }
});

Deno.test("readCounters() hangs up on an answer without end, and on none", async () => {
  await using folder = await temporaryFolder();
  let sent = 0;
  using _flood = listen(`${folder.path}/flood`, async (connection) => {
    const bytes = new TextEncoder().encode("x".repeat(1_000_000));
    for (;;) sent += await connection.write(bytes);
  });
  const error = await assertRejects(() => readCounters(`${folder.path}/flood`, 20_000), Error);
  assertStringIncludes(error.message, "the answer has more than 4194304 bytes: another program");
  assert(sent < 8_000_000, `${sent}`);
  const { promise, resolve } = Promise.withResolvers<void>();
  using _silent = listen(`${folder.path}/silent`, () => promise);
  const late = await assertRejects(() => readCounters(`${folder.path}/silent`, 200), Error);
  resolve();
  assertEquals(late.message, "there was no answer in 0.2 s: nfscribe is stopped or hangs");
});

Deno.test("nfscribe stats shows nothing of a forged answer that acts on a terminal", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/s`;
  const forged = {
    sources: { "a\x1b[2J\u202eb": ROW },
    filter: FILTER,
    outputs: { "c\x9b2J": { ...OUTPUT, "d\x1b]0;x\x07": 5 } },
  };
  using _listener = answering(path, JSON.stringify(forged));
  for (const further of [[], ["--json"]]) {
    const { code, stdout, stderr } = await run(
      deno("--allow-all", `${ROOT}main.ts`, "stats", "--socket", path, ...further),
    );
    assertEquals([code, stderr], [0, ""]);
    // deno-lint-ignore no-control-regex
    assertEquals(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/.exec(stdout), null);
  }
});
