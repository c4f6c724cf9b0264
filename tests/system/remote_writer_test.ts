import { createSocket } from "node:dgram";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { OutputError } from "../../src/errors.ts";
import type { Writer } from "../../src/output/output.ts";
import { BusyError, RefusedError } from "../../src/output/remote/failure.ts";
import { OCTET_COUNTING } from "../../src/output/remote/framing.ts";
import type { HttpFormat } from "../../src/output/remote/http_writer.ts";
import { openRemote, type RemoteFormat } from "../../src/output/remote/open.ts";
import { completeRemote, type RemoteOptions } from "../../src/output/remote/options.ts";
import { type Protocol, receiverOf } from "../../src/output/remote/url.ts";
import { authority, certificate } from "../postgres/certificates.ts";
import { concat, ipv4, udp } from "../packet/sample.ts";
import { fileHeader, fileRecord } from "../source/pcap/sample.ts";
import { deno, exists, hasProgram, must, ROOT, temporaryFolder, until } from "./process.ts";

const ALL: readonly Protocol[] = ["tcp", "tls", "udp", "unix", "http", "https"];
const NEEDS_OPENSSL = hasProgram("openssl") ? "" : " (needs openssl)";
const NDJSON: HttpFormat = { contentType: "application/x-ndjson" };

function open(options: RemoteOptions, format: RemoteFormat = {}): Writer {
  return openRemote(receiverOf(options.url, ALL), completeRemote(options), format);
}

function write(writer: Writer, text: string): Promise<void> {
  return Promise.resolve(writer.write(new TextEncoder().encode(text), 1));
}

/** Listener that collects what each connection sends. */
function collect(listener: Deno.Listener | Deno.TlsListener | Deno.UnixListener) {
  const received: string[] = [];
  const connections: Deno.Conn[] = [];
  const done = (async () => {
    for await (const connection of listener as AsyncIterable<Deno.Conn>) {
      const at = received.push("") - 1;
      connections.push(connection);
      (async () => {
        const decoder = new TextDecoder();
        const buffer = new Uint8Array(4096);
        try {
          for (let n; (n = await connection.read(buffer)) !== null;) {
            received[at] += decoder.decode(buffer.subarray(0, n), { stream: true });
          }
        } catch {
          // A connection that the test or the client broke.
        }
      })();
    }
  })();
  return {
    received,
    connections,
    async [Symbol.asyncDispose]() {
      listener.close();
      for (const connection of connections) {
        try {
          connection.close();
        } catch {
          // Closed already.
        }
      }
      await done.catch(() => {});
    },
  };
}

Deno.test("TCP receives whole records; a closed connection is noticed before the next ones", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  await using server = collect(listener);
  await using writer = open({ url: `tcp://127.0.0.1:${listener.addr.port}` });
  await write(writer, "one\ntwo\n");
  await until("the records arrive", () => server.received[0] === "one\ntwo\n");
  server.connections[0]!.close();
  await until("the writer connects again", async () => {
    await write(writer, "three\n").catch(() => {});
    return server.received.length === 2;
  });
  await until("the records arrive", () => server.received[1]!.includes("three\n"));
});

Deno.test("octet counting puts a record's length before it", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  await using server = collect(listener);
  await using writer = open({ url: `tcp://127.0.0.1:${listener.addr.port}` }, {
    framing: OCTET_COUNTING,
  });
  await write(writer, "<13>1 ä\nb\n");
  await until("the records arrive", () => server.received[0] === "8 <13>1 ä1 b");
});

Deno.test("a receiver that reads nothing fails the write in time, and one that is away at once", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const url = `tcp://127.0.0.1:${listener.addr.port}`;
  {
    await using writer = open({ url, timeoutMs: 300 });
    const error = await assertRejects(
      () => write(writer, `${"x".repeat(20_000_000)}\n`),
      OutputError,
    );
    assertEquals(error.message, `Cannot send to ${url}: it takes no more records, for 0.3 s`);
  }
  listener.close();
  await using writer = open({ url });
  const error = await assertRejects(() => write(writer, "x\n"), OutputError);
  assertEquals(error.message, `Cannot send to ${url}: nothing listens there`);
});

Deno.test({
  name: `TLS trusts the authority of ca_file and no other${NEEDS_OPENSSL}`,
  ignore: NEEDS_OPENSSL !== "",
  async fn() {
    await using folder = await temporaryFolder();
    const ca = await authority(folder.path, "trusted");
    const { crt, key } = await certificate(folder.path, ca, "localhost");
    const listener = Deno.listenTls({
      hostname: "127.0.0.1",
      port: 0,
      cert: await Deno.readTextFile(crt),
      key: await Deno.readTextFile(key),
    });
    await using server = collect(listener);
    const url = `tls://localhost:${listener.addr.port}`;
    {
      await using writer = open({ url, caFile: ca.crt });
      await write(writer, "secret\n");
      await until("the record arrives", () => server.received[0] === "secret\n");
    }
    await using writer = open({ url });
    const error = await assertRejects(() => write(writer, "x\n"), OutputError);
    assertEquals(
      error.message,
      `Cannot send to ${url}: its certificate is not trusted (UnknownIssuer); see ca_file`,
    );
  },
});

Deno.test("a Unix socket is used as the receiver made it: a stream, or datagrams", async () => {
  await using folder = await temporaryFolder();
  const stream = `${folder.path}/stream`;
  await using server = collect(Deno.listen({ transport: "unix", path: stream }));
  {
    await using writer = open({ url: `unix://${stream}` });
    await write(writer, "one\ntwo\n");
    await until("the records arrive", () => server.received[0] === "one\ntwo\n");
  }
  const datagrams = `${folder.path}/datagrams`;
  const receiver = new Deno.Command("python3", {
    args: ["-c", RECEIVER, datagrams],
    stdout: "piped",
  }).spawn();
  const output = receiver.output();
  await until("the socket is there", () => exists(datagrams));
  await using writer = open({ url: `unix://${datagrams}` });
  await write(writer, "one\ntwo\n");
  await write(writer, "end\n");
  const text = new TextDecoder().decode((await output).stdout);
  assertEquals(text, "b'one'\nb'two'\nb'end'\n");
});

Deno.test("the rights that nfscribe names reach a Unix socket", async () => {
  await using folder = await temporaryFolder();
  const socket = `${folder.path}/log`;
  await using server = collect(Deno.listen({ transport: "unix", path: socket }));
  const file = `${folder.path}/in.pcap`;
  await Deno.writeFile(file, concat(fileHeader(), fileRecord(ipv4(17, udp()))));
  const replay = ["replay", file, "--syslog", `unix://${socket}`];
  const flags = await must(deno("--allow-all", `${ROOT}main.ts`, ...replay, "--flags"));
  // Without the rights it would wait for the receiver.
  await must(["timeout", "60", ...deno(...flags.trim().split("\n"), `${ROOT}main.ts`, ...replay)]);
  await until("the message arrives", () => server.received.join("") !== "");
});

Deno.test("records that are too long for a datagram are refused, and others are sent", async () => {
  const socket = createSocket("udp4");
  const received: string[] = [];
  socket.on("message", (message) => received.push(message.toString()));
  const { promise, resolve } = Promise.withResolvers<void>();
  socket.bind(0, "127.0.0.1", resolve);
  await promise;
  await using writer = open({ url: `udp://127.0.0.1:${socket.address().port}` });
  const long = "x".repeat(70_000);
  const error = await assertRejects(() => write(writer, `one\n${long}\ntwo\n`), RefusedError);
  assertEquals(error.records, [long]);
  await until("the others arrive", () => received.length === 2);
  assertEquals(received, ["one", "two"]);
  socket.close();
});

const RECEIVER = `
import socket, sys
receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
receiver.bind(sys.argv[1])
record = None
while record != b"end":
    record = receiver.recv(65536)
    print(record)
`;

Deno.test("HTTP answers decide whether a batch is done, waits, is halved or is refused", async () => {
  const requests: { body: string; authorization: string | null }[] = [];
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async (request) => {
      const body = await request.text();
      requests.push({ body, authorization: request.headers.get("authorization") });
      if (body.length > 12) return new Response("too large", { status: 413 });
      if (body.includes("busy")) {
        return new Response("slow down", { status: 429, headers: { "retry-after": "7" } });
      }
      if (body.includes("bad")) return new Response("\x1b[31mno", { status: 400 });
      if (body.includes("broken")) return new Response("", { status: 503 });
      if (body.includes("moved")) return Response.redirect("http://192.0.2.1/");
      return new Response("");
    },
  );
  await using folder = await temporaryFolder();
  await Deno.writeTextFile(`${folder.path}/token`, "abc\n");
  const url = `http://127.0.0.1:${server.addr.port}/in`;
  const where = url.replace("/in", "");
  await using writer = open(
    { url, auth: "bearer", secretFile: `${folder.path}/token` },
    { http: NDJSON },
  );
  await write(writer, "fine\n");
  assertEquals(requests.splice(0), [{ body: "fine\n", authorization: "Bearer abc" }]);

  const busy = await assertRejects(() => write(writer, "busy\n"), BusyError);
  assertEquals([busy.message, busy.retryAfterMs], [`${where} answers 429: slow down`, 7000]);
  await assertRejects(() => write(writer, "broken\n"), BusyError, `${where} answers 503`);
  await assertRejects(
    () => write(writer, "moved\n"),
    RefusedError,
    "name the address that it leads",
  );

  const refused = await assertRejects(() => write(writer, "one\nbad\ntwo\nthree\n"), RefusedError);
  assertEquals(refused.message, `${where} answers 400: \\u001b[31mno`);
  requests.length = 0;
  await write(writer, "aaaaa\nbbbbb\nccccc\n");
  assertEquals(
    requests.map(({ body }) => body).filter((body) => body.length <= 12).join(""),
    [
      "aaaaa\n",
      "bbbbb\n",
      "ccccc\n",
    ].join(""),
  );
});

Deno.test("an answer may name refused records, or ask for all again", async () => {
  let answer = "";
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    () => new Response(answer),
  );
  const url = `http://127.0.0.1:${server.addr.port}/`;
  const http: HttpFormat = {
    ...NDJSON,
    refused: (text) => text === "again" ? "again" : { records: JSON.parse(text), reason: "no" },
  };
  await using writer = open({ url }, { http });
  answer = "[]";
  await write(writer, "a\nb\nc\n");
  answer = "[0,2]";
  const error = await assertRejects(() => write(writer, "a\nb\nc\n"), RefusedError);
  assertEquals(error.records, ["a", "c"]);
  answer = "again";
  await assertRejects(() => write(writer, "a\n"), BusyError);
});

Deno.test("a secret that is missing or not one line is refused without being quoted", async () => {
  await using folder = await temporaryFolder();
  await Deno.writeTextFile(`${folder.path}/token`, "topsecret\nInjected: yes\n");
  const options = { url: "https://a", auth: "bearer" } as const;
  for (const secret of [{ secretFile: `${folder.path}/token` }, { secretEnv: "NOT_SET" }]) {
    let message = "";
    try {
      completeRemote({ ...options, ...secret });
    } catch (error) {
      message = (error as Error).message;
    }
    assert(message.endsWith("must hold the secret: printable ASCII on one line"), message);
    assertEquals(message.includes("topsecret"), false);
  }
});
