import { assert, assertEquals, assertGreater, assertStringIncludes } from "@std/assert";
import { parseStatus } from "../../../src/nats/format/status.ts";
import { noStats } from "../../../src/output/output.ts";
import type { NatsOutputOptions } from "../../../src/output/nats/options.ts";
import { headOf } from "../../source/nats/sample.ts";
import { authority, certificate } from "../../postgres/certificates.ts";
import { temporaryFolder, until } from "../../system/process.ts";
import { testUnless } from "../../system/test_unless.ts";
import { CuttingProxy } from "../../databases/cutting_proxy.ts";
import { Hosts } from "./hosts.ts";
import { NatsServer, noServer } from "./nats_server.ts";
import { numberedFrame, numbersIn, openOutput, TestLog, upTo } from "./sending.ts";
import { connectForTest, messagesIn, takeAll } from "./stream_reader.ts";

const missing = noServer();
const LIMIT_MS = 60_000;

/** Server and options of a test. */
interface Place {
  server: NatsServer;
  folder: string;
  options: Pick<NatsOutputOptions, "url" | "spool">;
}

function test(name: string, fn: (place: Place) => Promise<void>, config = ""): void {
  testUnless(missing, `NATS: ${name}`, async () => {
    await using server = await NatsServer.start({ config });
    await using folder = await temporaryFolder();
    const options = { url: server.url, spool: `${folder.path}/spool` };
    await fn({ server, folder: folder.path, options });
  });
}

test("records of several writes reach the stream once and in order", async ({ server, options }) => {
  {
    await using writer = await openOutput({ ...options, compression: "zstd" });
    for (let from = 0; from < 1000; from += 10) {
      await writer.write(numberedFrame(from, 10), 10);
    }
    await writer.lost!({ source: "", packets: 5, seconds: 1_700_000_000, nanoseconds: 0 });
    await until("all have arrived", () => writer.delivery!.written === 1000, LIMIT_MS);
  }
  const messages = await takeAll(server.url);
  assertEquals(numbersIn(messages), upTo(1000));
  assertEquals(
    new Set(messages.map(({ subject }) => subject)),
    new Set(["nfscribe.gate._.packet"]),
  );
  let first = 0;
  for (const { head } of messages) {
    assertEquals(head.first, first);
    first += head.records;
  }
  assertEquals(messages.at(-1)!.head.lost, 5);
});

test("a message that another sender has put in its place first takes nothing away", async (place) => {
  const { server, options } = place;
  await using writer = await openOutput(options);
  await using hosts = await Hosts.connect(server.url);
  await writer.write(numberedFrame(0, 10), 10);
  await until("they have arrived", () => writer.delivery!.written === 10, LIMIT_MS);
  const [sent] = await takeAll(server.url);
  const { session, to } = sent!.head;
  // What can be known of the next message: its session and its position.
  const forged = headOf({ host: "evil", session, from: to, to: to + 1, records: 0 });
  await hosts.put(forged, new Uint8Array(0));
  await writer.write(numberedFrame(10, 10), 10);
  await until("all have arrived", () => writer.delivery!.written === 20, LIMIT_MS);
  const messages = await takeAll(server.url);
  assertEquals(messages.map(({ head }) => [head.host, head.from]), [["evil", to], ["gate", to]]);
  assertEquals(numbersIn(messages.slice(1)), upTo(10, 10));
});

test("what one session leaves in the spool, the next one sends first", async (place) => {
  const { server, options } = place;
  await (await openOutput(options)).close();
  await server.stop();
  {
    const writer = await openOutput(options);
    await writer.write(numberedFrame(0, 10), 10);
    writer.hurry!();
    await writer.close();
    assertEquals(writer.delivery!.spooled, 10);
  }
  await server.restart();
  {
    await using writer = await openOutput(options);
    await writer.write(numberedFrame(10, 10), 10);
    await until("all have arrived", () => writer.delivery!.written === 10, LIMIT_MS);
    assertEquals(writer.figures!().recovered, 10);
  }
  assertEquals(numbersIn(await takeAll(server.url)), upTo(20));
});

test("a server that is killed and comes back has each record once", async ({ server, options }) => {
  await using writer = await openOutput({ ...options, inFlight: 4, messageBytes: 16 * 1024 });
  for (let round = 0; round < 4; round++) {
    for (let from = 0; from < 2000; from += 100) {
      await writer.write(numberedFrame(2000 * round + from, 100), 100);
    }
    if (round === 3) break;
    await until(
      "some have arrived",
      () => writer.delivery!.written > 2000 * round,
      LIMIT_MS,
    );
    await server.stop("SIGKILL");
    await until("the output notices", () => writer.problem !== undefined, LIMIT_MS);
    await server.restart();
  }
  await until("all have arrived", () => writer.delivery!.written === 8000, LIMIT_MS);
  // The worker tells it by a message, and the count by shared memory.
  await until("nothing is wrong", () => writer.problem === undefined, LIMIT_MS);
  assertEquals(numbersIn(await takeAll(server.url)), upTo(8000));
});

test("a server that stands still for a while has each record once", async ({ server, options }) => {
  await using writer = await openOutput(options);
  await writer.write(numberedFrame(0, 100), 100);
  await until("they have arrived", () => writer.delivery!.written === 100, LIMIT_MS);
  server.signal("SIGSTOP");
  await writer.write(numberedFrame(100, 100), 100);
  await until("they wait", () => writer.delivery!.spooled === 100, LIMIT_MS);
  server.signal("SIGCONT");
  await until("all have arrived", () => writer.delivery!.written === 200, LIMIT_MS);
  assertEquals(numbersIn(await takeAll(server.url)), upTo(200));
});

test("connections that are cut anywhere lose and repeat nothing", async ({ server, options }) => {
  await using proxy = new CuttingProxy(server.port);
  const url = `nats://127.0.0.1:${proxy.port}`;
  await using writer = await openOutput({ ...options, url, messageBytes: 16 * 1024 });
  let count = 0;
  for (const [toServer, toClient] of [[20_000, Infinity], [Infinity, 500], [50_000, Infinity]]) {
    const before = proxy.cuts;
    proxy.cutAfter(toServer!, toClient!);
    await until("the connection is cut", async () => {
      await writer.write(numberedFrame(count, 100), 100);
      count += 100;
      return proxy.cuts > before;
    }, LIMIT_MS);
  }
  await until("all have arrived", () => writer.delivery!.written === count, LIMIT_MS);
  assertGreater(writer.figures!().retries!, 0);
  assertEquals(numbersIn(await takeAll(server.url)), upTo(count));
});

test("a full stream has the records wait, and takes them when there is room", async (place) => {
  const { server, options } = place;
  const log = new TestLog();
  await using writer = await openOutput(
    { ...options, maxBytes: 1024 * 1024, compression: "none", flushRows: 1000 },
    log,
  );
  for (let from = 0; from < 20_000; from += 500) {
    await writer.write(numberedFrame(from, 500), 500);
  }
  await until("the stream is full", () => writer.problem !== undefined, LIMIT_MS);
  assertStringIncludes(writer.problem!.message, "the stream is full");
  assertGreater(writer.delivery!.spooled, 0);
  const numbers: number[] = [];
  await until("all have arrived", async () => {
    numbers.push(...numbersIn(await takeAll(server.url)));
    return writer.delivery!.written === 20_000;
  }, LIMIT_MS);
  numbers.push(...numbersIn(await takeAll(server.url)));
  assertEquals(numbers.toSorted((a, b) => a - b), upTo(20_000));
});

test(
  "a record that no message of the server can hold is quarantined, the others are sent",
  async (place) => {
    const { server, options } = place;
    await using writer = await openOutput({ ...options, messageBytes: 16 * 1024 });
    const large = numberedFrame(7, 1);
    // A group of one record that is larger than the server's max_payload.
    const frame = new Uint8Array(large.length + 70_000);
    frame.set(large);
    const head = 8 + new DataView(large.buffer, large.byteOffset).getUint32(0, true);
    const view = new DataView(frame.buffer);
    view.setUint32(head, view.getUint32(head, true) + 70_000, true);
    // What follows the record, the names of interfaces, is none of it here.
    await writer.write(numberedFrame(0, 1), 1);
    await writer.write(frame, 1);
    await writer.write(numberedFrame(1, 1), 1);
    await until("it is refused", () => writer.delivery!.failed === 1, LIMIT_MS);
    await until("the others have arrived", () => writer.delivery!.written === 2, LIMIT_MS);
    assertEquals(numbersIn(await takeAll(server.url)), [0, 1]);
    const kept = await Deno.readTextFile(`${options.spool}/quarantine.jsonl`);
    assertStringIncludes(kept, "max_payload");
  },
  "max_payload: 60000",
);

test("bytes that are no records are quarantined", async ({ server, options }) => {
  await using writer = await openOutput(options);
  await writer.write(new Uint8Array(100).fill(65), 3);
  await writer.write(numberedFrame(0, 2), 2);
  await until("all is decided", () => writer.delivery!.failed === 3, LIMIT_MS);
  await until("the others have arrived", () => writer.delivery!.written === 2, LIMIT_MS);
  assertEquals(numbersIn(await takeAll(server.url)), [0, 1]);
});

test("the status is sent at once, and with all that was delivered at the end", async (place) => {
  const { server, options } = place;
  const connection = await connectForTest(server.url);
  const found: Record<string, Record<string, unknown>>[] = [];
  connection.subscribe("nfscribe.gate.nfscribe.status", {
    callback: (_, message) => void found.push(message.json()),
  });
  await connection.flush();
  {
    await using writer = await openOutput(options);
    const counters = {
      sources: { "nflog:1": { received: 5, lost: 2, malformed: 0, foreign: 0 } },
      filter: { passed: 5, dropped: 0, failed: 0, timedOut: 0 },
      outputs: { central: { ...noStats(), spooled: 5 } },
    };
    writer.report!(counters, "central");
    await until("the status is there", () => found.length === 1, LIMIT_MS);
    // The next one is due in seconds only.
    writer.report!(counters, "central");
    await writer.write(numberedFrame(0, 5), 5);
  }
  await until("the last status is there", () => found.length === 2, LIMIT_MS);
  await connection.close();
  assertEquals(
    found.map(({ isStopping, output }) => [isStopping, output!.written, output!.spooled]),
    [
      [false, 0, 0],
      [true, 5, 0],
    ] as unknown[],
  );
  assertEquals(parseStatus(new TextEncoder().encode(JSON.stringify(found[1])))?.logged, 7);
  // It is kept beside the records, the last one of a host.
  assertEquals(await messagesIn(server.url, "NFSCRIBE_STATUS"), 1);
});

/** Opens an output that cannot send, and returns the message that its log has at once. */
async function refused(options: Parameters<typeof openOutput>[0]): Promise<string> {
  const log = new TestLog();
  const writer = await openOutput(options, log);
  await until("it is logged", () => log.warnings.length > 0, LIMIT_MS);
  writer.hurry!();
  await writer.close();
  const [message] = log.warnings;
  assertEquals(message!.includes("s3cret"), false);
  assertStringIncludes(message!, "; rows wait in the spool, and this is tried again");
  return message!;
}

test("without the stream, the error has the command that makes it", async ({ options }) => {
  const message = await refused({ ...options, create: false, stream: "FW" });
  assertStringIncludes(
    message,
    "there is no stream FW; start the central nfscribe, which makes it (",
  );
  assertStringIncludes(message, "nats stream add FW --subjects 'nfscribe.*.*.packet,");
});

test("a stream with other subjects is refused", async ({ options }) => {
  await (await openOutput(options)).close();
  const message = await refused({ ...options, subject: "other" });
  assertStringIncludes(message, "does not take other.*.*.packet");
});

test("a stream with limits that is there already is used", async ({ server, options }) => {
  const connection = await connectForTest(server.url);
  const { jetstreamManager } = await import("@nats-io/jetstream");
  const manager = await jetstreamManager(connection);
  await manager.streams.add({ name: "ALL", subjects: ["fw.>"] });
  await connection.close();
  await using writer = await openOutput({
    ...options,
    create: false,
    stream: "ALL",
    subject: "fw",
  });
  await writer.write(numberedFrame(0, 2), 2);
  await until("they have arrived", () => writer.delivery!.written === 2, LIMIT_MS);
  assertEquals(await messagesIn(server.url, "ALL"), 1);
});

test("a server with a lower max_payload is refused with what would fit", async ({ options }) => {
  const message = await refused(options);
  assertStringIncludes(message, "max_payload is 65536 bytes; set it to 557056 there");
  assertStringIncludes(message, "or set message_bytes = 32768");
  await (await openOutput({ ...options, messageBytes: 32768 })).close();
}, "max_payload: 65536");

testUnless(missing, "NATS: a server without JetStream is refused", async () => {
  await using server = await NatsServer.start({ hasJetStream: false });
  await using folder = await temporaryFolder();
  const message = await refused({ url: server.url, spool: `${folder.path}/spool` });
  assertStringIncludes(message, "JetStream is not enabled there; enable it (jetstream { … })");
});

const USERS = `authorization { users = [
  { user: all, password: "s3cret all" },
  { user: sender, password: s3cret, permissions: {
    publish: "nfscribe.gate.>", subscribe: "_INBOX.>" } }
] }`;

test("logins that are wrong or missing are refused, without their secrets", async (place) => {
  const { options, folder } = place;
  const secretFile = `${folder}/secret`;
  await Deno.writeTextFile(secretFile, "s3cret wrong\n", { mode: 0o600 });
  assertStringIncludes(await refused(options), "the server refuses a connection without a user");
  assertStringIncludes(
    await refused({ ...options, user: "sender", secretFile }),
    "the server refuses the user sender or the password",
  );
  assertStringIncludes(await refused({ ...options, secretFile }), "the server refuses the token");
}, USERS);

test(
  "a user who may only send its own host's records sends, and may not send others'",
  async (place) => {
    const { server, options, folder } = place;
    const [all, sender] = [`${folder}/all`, `${folder}/sender`];
    await Deno.writeTextFile(all, "s3cret all", { mode: 0o600 });
    await Deno.writeTextFile(sender, "s3cret", { mode: 0o640 });
    await (await openOutput({ ...options, user: "all", secretFile: all })).close();
    const login = { user: "sender", secretFile: sender };
    {
      await using writer = await openOutput({ ...options, ...login });
      await writer.write(numberedFrame(0, 2), 2);
      await until("they have arrived", () => writer.delivery!.written === 2, LIMIT_MS);
    }
    const other = await openOutput({ ...options, ...login, subject: "other" });
    await other.write(numberedFrame(0, 2), 2);
    await until("that is denied", () => other.problem !== undefined, LIMIT_MS);
    assertStringIncludes(other.problem!.message, "the server does not permit it");
    other.hurry!();
    await other.close();
    assert(server.pid > 0);
  },
  USERS,
);

testUnless(
  missing,
  "NATS: TLS takes a trusted certificate of the right name, and shows its own",
  async () => {
    await using folder = await temporaryFolder();
    const root = await authority(folder.path, "root");
    const other = await authority(folder.path, "other");
    const { crt, key } = await certificate(folder.path, root, "localhost");
    const client = await certificate(folder.path, root, "client");
    const files = `cert_file: "${crt}", key_file: "${key}", ca_file: "${root.crt}", verify: true`;
    await using server = await NatsServer.start({ config: `tls { ${files} }` });
    const own = { caFile: root.crt, certFile: client.crt, keyFile: client.key };
    const options = { url: `tls://localhost:${server.port}`, spool: `${folder.path}/spool` };
    {
      await using writer = await openOutput({ ...options, ...own });
      await writer.write(numberedFrame(0, 2), 2);
      await until("they have arrived", () => writer.delivery!.written === 2, LIMIT_MS);
    }
    const untrusted = await refused({ ...options, ...own, caFile: other.crt });
    assertStringIncludes(untrusted, "no authority in ca_file has signed it");
    assertStringIncludes(await refused(options), "name the certificate of its authority");
    {
      await using writer = await openOutput({ ...options, caFile: root.crt });
      await until("it is refused", () => writer.problem !== undefined, LIMIT_MS);
      assertStringIncludes(writer.problem!.message, "it may demand a certificate (cert_file");
      writer.hurry!();
    }
    const named = await refused({ ...options, ...own, url: `tls://127.0.0.1:${server.port}` });
    assertStringIncludes(named, "127.0.0.1 is not in the cert's list");
    const plain = await refused({ ...options, url: `nats://localhost:${server.port}` });
    assertStringIncludes(plain, "the server demands TLS; write tls://");
  },
);

testUnless(
  missing,
  "NATS: a certificate out of its time is named as such, and waited for",
  async () => {
    await using folder = await temporaryFolder();
    const root = await authority(folder.path, "root");
    const config = (crt: string, key: string) => ({
      config: `tls { cert_file: "${crt}", key_file: "${key}" }`,
    });
    const expired = await certificate(folder.path, root, "localhost", [2020, 2021]);
    await using server = await NatsServer.start(config(expired.crt, expired.key));
    const options = { url: `tls://localhost:${server.port}`, spool: `${folder.path}/spool` };
    await using writer = await openOutput({ ...options, caFile: root.crt });
    await writer.write(numberedFrame(0, 2), 2);
    const told = (words: string) => () => writer.problem?.message.includes(words) === true;
    await until("the problem", told("the server's certificate has expired; renew it"), LIMIT_MS);
    for (const years of [[2100, 2101], undefined] as const) {
      const { crt, key } = await certificate(folder.path, root, "localhost", years);
      await server.stop();
      await server.configure(config(crt, key));
      await server.restart();
      if (years === undefined) break;
      await until("the problem", told("certificate is not valid yet"), LIMIT_MS);
    }
    await until("they have arrived", () => writer.delivery!.written === 2, LIMIT_MS);
  },
);

test("tls:// to a server without TLS is refused", async ({ server, options }) => {
  const message = await refused({ ...options, url: `tls://127.0.0.1:${server.port}` });
  assertStringIncludes(message, "the server has no TLS");
});

test("one of several servers suffices", async ({ server, options }) => {
  const url = `nats://127.0.0.1:1,127.0.0.1:${server.port}`;
  await using writer = await openOutput({ ...options, url });
  await writer.write(numberedFrame(0, 2), 2);
  await until("they have arrived", () => writer.delivery!.written === 2, LIMIT_MS);
});

Deno.test("NATS: servers that a server announces are not used", async () => {
  await using folder = await temporaryFolder();
  using announced = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  let isAnnouncedUsed = false;
  announced.accept().then((conn) => {
    isAnnouncedUsed = true;
    conn.close();
  }).catch(() => {});
  const info = {
    ...{ server_id: "x", version: "2.9.10", headers: true, max_payload: 1 << 20, proto: 1 },
    connect_urls: [`127.0.0.1:${(announced.addr as Deno.NetAddr).port}`],
  };
  let connections = 0;
  const serving = (async () => {
    for await (const conn of listener) {
      connections++;
      await conn.write(new TextEncoder().encode(`INFO ${JSON.stringify(info)}\r\n`));
      await conn.read(new Uint8Array(4096));
      await conn.write(new TextEncoder().encode("PONG\r\n")).catch(() => {});
      conn.close();
    }
  })();
  const url = `nats://127.0.0.1:${(listener.addr as Deno.NetAddr).port}`;
  const writer = await openOutput({ url, spool: `${folder.path}/spool` });
  await until("it connects again", () => connections >= 3, LIMIT_MS);
  assertEquals(isAnnouncedUsed, false);
  writer.hurry!();
  await writer.close();
  listener.close();
  await serving;
});
