/**
 * The NATS source on the real server, without a sandbox.
 *
 * @module
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { gzipSync } from "node:zlib";
import { bodyOf, headOf } from "../../source/nats/sample.ts";
import { numbered } from "../../conformance/packets.ts";
import { until } from "../../system/process.ts";
import { testUnless } from "../../system/test_unless.ts";
import { Centre, Hosts } from "./hosts.ts";
import { NatsServer, noServer } from "./nats_server.ts";
import { messagesIn } from "./stream_reader.ts";

const LIMIT_MS = 60_000;
const missing = noServer();

function test(name: string, fn: (server: NatsServer) => Promise<void>, config = "") {
  testUnless(missing, name, async () => {
    await using server = await NatsServer.start({ config });
    await fn(server);
  });
}

/** Waits until so many messages are in the stream. */
async function untilLeft({ url }: NatsServer, count: number): Promise<void> {
  await until(`${count} messages`, async () => await messagesIn(url) === count, LIMIT_MS);
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => from + n);
const of = (host: string, from: number, to: number) => range(from, to).map((n) => `${host}:${n}`);

test("Records come with the names of their host and go once they are safe", async (server) => {
  await using centre = await Centre.open(server.url);
  await centre.takeUntil("the stream", async () => await messagesIn(server.url) !== undefined);
  await using hosts = await Hosts.connect(server.url);
  await hosts.send("fw-a", range(0, 5), { interfaces: new Map([[2, "eth7"], [3, "x"], [4, "y"]]) });
  await hosts.send("fw-b", range(0, 5), { interfaces: new Map([[2, "wan0"]]), lost: 7 });
  await hosts.send("fw-a", range(5, 9));
  await centre.takeAll(14);
  assertEquals(centre.came, [...of("fw-a", 0, 5), ...of("fw-b", 0, 5), ...of("fw-a", 5, 9)]);
  assertEquals(centre.losses, ["fw-b:7"]);
  const [first, , third] = centre.origins;
  assertEquals(first!.previous, undefined);
  assertEquals(third!.previous, { from: first!.from, part: 0, chunk: 0 });
  assertEquals(await messagesIn(server.url), 3);
  centre.acknowledge();
  await untilLeft(server, 0);
  const { received, missing } = centre.reader.hosts().get("fw-a")!;
  assertEquals([received, missing], [9, 0]);
});

test("Packets and flows of one stream go to sources of their own", async (server) => {
  await using packets = await Centre.open(server.url);
  await using flows = await Centre.open(server.url, { kind: "flow", consumer: "flows" });
  await packets.takeUntil("the stream", async () => await messagesIn(server.url) !== undefined);
  await using hosts = await Hosts.connect(server.url);
  await hosts.sendFlows("fw-a", range(0, 5));
  await hosts.send("fw-a", range(0, 9));
  await hosts.sendFlows("fw-b", range(0, 3));
  await packets.takeAll(9);
  await flows.takeAll(8);
  assertEquals(packets.came, of("fw-a", 0, 9));
  assertEquals(flows.came, [...of("fw-a", 0, 5), ...of("fw-b", 0, 3)]);
  packets.acknowledge();
  flows.acknowledge();
  await untilLeft(server, 0);
});

test("What was not acknowledged comes again to the next one, in order", async (server) => {
  await using hosts = await Hosts.connect(server.url);
  {
    await using centre = await Centre.open(server.url);
    await centre.takeUntil("the stream", async () => await messagesIn(server.url) !== undefined);
    for (let at = 0; at < 50; at += 10) await hosts.send("fw-a", range(at, at + 10));
    await centre.takeAll(50);
    centre.reader.acknowledge(centre.origins[1]!);
    await untilLeft(server, 4);
  }
  await using centre = await Centre.open(server.url);
  await centre.takeAll(40);
  assertEquals(centre.came, [...of("fw-a", 0, 10), ...of("fw-a", 20, 50)]);
  centre.acknowledge();
  await untilLeft(server, 0);
});

test("A consumer that another program deletes is made anew: nothing comes twice or is lost", async (server) => {
  await using centre = await Centre.open(server.url);
  await centre.takeUntil("the stream", async () => await messagesIn(server.url) !== undefined);
  await using hosts = await Hosts.connect(server.url);
  await hosts.send("fw-a", range(0, 10));
  await centre.takeAll(10);
  await hosts.deleteConsumer();
  await centre.takeUntil("the warning", () => centre.hasSaid("another program has deleted it"));
  await hosts.send("fw-a", range(10, 20));
  await centre.takeAll(20);
  await centre.takeUntil(
    "the repeat",
    () => centre.reader.hosts().get("fw-a")!.repeated === 10,
  );
  assertEquals(centre.came, of("fw-a", 0, 20));
  centre.acknowledge();
  await untilLeft(server, 0);
});

test("Messages that overtook others are put into their order; what is missing is counted", async (server) => {
  await using centre = await Centre.open(server.url);
  await centre.takeUntil("the stream", async () => await messagesIn(server.url) !== undefined);
  await using hosts = await Hosts.connect(server.url);
  await hosts.send("fw-a", range(10, 20));
  await hosts.send("fw-b", range(30, 40));
  await hosts.send("fw-a", range(20, 30));
  await hosts.send("fw-a", range(0, 10));
  await hosts.send("fw-c", range(0, 10));
  await hosts.send("fw-c", [], { records: 0, first: 10, lost: 3 });
  await centre.takeAll(50);
  assertEquals(centre.came.filter((one) => one.startsWith("fw-a")), of("fw-a", 0, 30));
  assertEquals(centre.losses, ["fw-c:3"]);
  centre.acknowledge();
  await untilLeft(server, 0);
});

test("What is no message of nfscribe is kept in the quarantine, and nothing stops", async (server) => {
  const quarantine = `${server.folder}/refused`;
  await using centre = await Centre.open(server.url, { quarantine });
  await centre.takeUntil("the stream", async () => await messagesIn(server.url) !== undefined);
  await using hosts = await Hosts.connect(server.url);
  const body = bodyOf("packet", [numbered(1), numbered(2)]);
  let from = 0;
  const head = (fields = {}) => {
    from += 1000;
    return headOf({ from, to: from + 1, records: 2, first: undefined, ...fields });
  };
  const subject = "nfscribe.fw-a.nflog:1.packet";
  await hosts.putBytes(subject, crypto.getRandomValues(new Uint8Array(1000)));
  await hosts.putBytes(subject, new Uint8Array(0));
  await hosts.put(head(), crypto.getRandomValues(new Uint8Array(1000)));
  await hosts.put(head({ records: 2 ** 32 }), body);
  await hosts.put(head(), body.subarray(0, body.length - 7));
  await hosts.put(head({ encoding: "gzip" }), body);
  await hosts.put(head({ encoding: "gzip" }), gzipSync(new Uint8Array(100 * 1024 * 1024)));
  await hosts.put(head({ encoding: "zstd" }), body);
  await hosts.put(head(), body, { "Nfscribe-Version": "2" });
  await hosts.put(head(), body, { "Nfscribe-Host": '"fw-b"' });
  await hosts.put(head(), body, { "Nfscribe-Interfaces": "[".repeat(50_000) });
  await hosts.put(
    head({ contentType: "application/x-ndjson" }),
    new TextEncoder().encode("{}\n{}\n"),
  );
  await hosts.put(head(), body);
  await centre.takeAll(2);
  assertEquals(centre.came, of("fw-a", 1, 3));
  centre.acknowledge();
  await centre.takeUntil("an empty stream", async () => await messagesIn(server.url) === 0);
  const lines = (await Deno.readTextFile(`${quarantine}/quarantine.jsonl`)).trimEnd().split("\n")
    .map((line) => JSON.parse(line));
  const reasons = lines.sort((one, other) => one.sequence - other.sequence)
    .map(({ reason }) => reason);
  for (
    const [index, words] of [
      "no header Nfscribe-Version",
      "no header Nfscribe-Version",
      "pcapng is damaged at byte 0",
      "its head tells of 4294967296 packets, and it holds 2",
      "pcapng is damaged at byte",
      "its gzip is damaged",
      "more than 16 MiB",
      "its zstd is damaged",
      "a newer nfscribe sent it",
      "another host",
      "Nfscribe-Interfaces is missing or wrong",
      "payload must be pcapng",
    ].entries()
  ) assertStringIncludes(reasons[index], words);
  assertEquals(reasons.length, 12);
  assertEquals(centre.reader.foreign, 12);
  assert(centre.hasSaid(`it is in ${quarantine}/quarantine.jsonl`));
});

test("Headers that the client cannot decode stop neither records nor status", async (server) => {
  await using centre = await Centre.open(server.url);
  // It is made last: a status that comes before it would be lost.
  const isMade = async () => await messagesIn(server.url, "NFSCRIBE_STATUS") !== undefined;
  await centre.takeUntil("the stream of status", isMade);
  await using hosts = await Hosts.connect(server.url);
  const wrong = "Bad name: 1";
  await hosts.putHeaders("nfscribe.fw-a.nflog:1.packet", wrong);
  await hosts.putHeaders("nfscribe.fw-a.nfscribe.status", wrong);
  await hosts.send("fw-a", range(0, 5));
  await hosts.sendStatus("fw-b");
  await centre.takeAll(5);
  centre.acknowledge();
  await untilLeft(server, 0);
  await centre.takeUntil("the status", () => centre.reader.hosts().get("fw-b")?.logged === 7);
  assertEquals(centre.reader.foreign, 1);
  assert(centre.hasSaid("is not a valid character in a header name"), centre.said.join("\n"));
});

test("Messages that cannot be kept stay for a time, and hold up no others", async (server) => {
  const quarantine = `${server.folder}/file/refused`;
  await Deno.writeTextFile(`${server.folder}/file`, "");
  await using hosts = await Hosts.connect(server.url);
  {
    await using centre = await Centre.open(server.url, { quarantine });
    await centre.takeUntil("the stream", async () => await messagesIn(server.url) !== undefined);
    const subject = "nfscribe.fw-a.nflog:1.packet";
    for (let sent = 0; sent < 520; sent++) await hosts.putBytes(subject, new Uint8Array(10));
    await hosts.send("fw-a", range(0, 5));
    await centre.takeAll(5);
    centre.acknowledge();
    await centre.takeUntil("what stays", async () => await messagesIn(server.url) === 500);
    assertEquals(centre.reader.foreign, 520);
    assertStringIncludes(centre.reader.problem!, `not kept in ${quarantine}`);
    assert(centre.said.length < 20, centre.said.join("\n"));
  }
  await Deno.remove(`${server.folder}/file`);
  await using centre = await Centre.open(server.url, { quarantine });
  await centre.takeUntil("an empty stream", async () => await messagesIn(server.url) === 0);
  const text = await Deno.readTextFile(`${quarantine}/quarantine.jsonl`);
  assertEquals(text.trimEnd().split("\n").length, 500);
  assertEquals(centre.reader.problem, undefined);
});

test("A message under another host's session takes nothing from that host", async (server) => {
  await using centre = await Centre.open(server.url);
  await centre.takeUntil("the stream", async () => await messagesIn(server.url) !== undefined);
  await using hosts = await Hosts.connect(server.url);
  // In front of the host's own message, at the place that it will have, with an identifier of its own.
  const forged = headOf({ host: "evil", session: hosts.session, from: 100, first: undefined });
  await hosts.put(forged, bodyOf("packet", [numbered(9)]), {
    "Nats-Msg-Id": `${hosts.session}:100:0:forged`,
  });
  await hosts.send("fw-a", range(0, 5));
  await centre.takeAll(6);
  assertEquals(centre.came, ["evil:9", ...of("fw-a", 0, 5)]);
  centre.reader.acknowledge(centre.origins[0]!);
  await untilLeft(server, 1);
  centre.reader.acknowledge(centre.origins[1]!);
  await untilLeft(server, 0);
  assertEquals(centre.reader.hosts().get("fw-a")!.repeated, 0);
});

test("Of two centres one reads and the other stands by until it ends", async (server) => {
  await using hosts = await Hosts.connect(server.url);
  await using second = await (async () => {
    await using first = await Centre.open(server.url);
    await first.takeUntil("the stream", async () => await messagesIn(server.url) !== undefined);
    await hosts.send("fw-a", range(0, 10));
    await first.takeAll(10);
    const second = await Centre.open(server.url);
    await second.takeUntil("the warning", () => second.hasSaid("this nfscribe stands by"));
    await hosts.send("fw-a", range(10, 20));
    await first.takeAll(20);
    first.acknowledge();
    await untilLeft(server, 0);
    second.take();
    assertEquals(second.came, []);
    assertStringIncludes(second.reader.standsBy!, "nfscribe on ");
    return second;
  })();
  await hosts.send("fw-a", range(20, 30));
  await second.takeAll(10);
  assert(second.hasSaid("this nfscribe takes over nfscribe of NFSCRIBE"), second.said.join("\n"));
  assertEquals(second.reader.standsBy, undefined);
  assertEquals(second.came, of("fw-a", 20, 30));
});

test("Limits that the configuration names later are given to the stream", async (server) => {
  {
    await using centre = await Centre.open(server.url);
    await centre.takeUntil("the stream", async () => await messagesIn(server.url) !== undefined);
  }
  const limits = { maxBytes: 50_000_000, maxAgeHours: 48 };
  await using centre = await Centre.open(server.url, limits);
  await centre.takeUntil("the change", () => centre.hasSaid("max_bytes 50000000, max_age "));
  await using hosts = await Hosts.connect(server.url);
  const { max_bytes, max_age } = await hosts.streamConfig();
  assertEquals([max_bytes, max_age], [limits.maxBytes, limits.maxAgeHours * 3600e9]);
});

test("A server that is away at the start or later is tried again", async (server) => {
  await server.stop();
  await using centre = await Centre.open(server.url);
  assert(centre.hasSaid("nothing listens there"), centre.said.join("\n"));
  await server.restart();
  await centre.takeUntil("the stream", async () => await messagesIn(server.url) !== undefined);
  {
    await using hosts = await Hosts.connect(server.url);
    await hosts.send("fw-a", range(0, 10));
    await centre.takeAll(10);
  }
  await server.stop("SIGKILL");
  // What is acknowledged now is delivered again, and known.
  centre.acknowledge();
  await server.restart();
  await using hosts = await Hosts.connect(server.url);
  await hosts.send("fw-a", range(10, 20));
  await centre.takeAll(20);
  assertEquals(centre.came, of("fw-a", 0, 20));
  centre.acknowledge();
  await untilLeft(server, 0);
});

test("Of a stream that keeps what was taken only the rest is read", async (server) => {
  await using hosts = await Hosts.connect(server.url);
  await hosts.makeStream({ retention: "limits" });
  for (let at = 0; at < 30; at += 10) await hosts.send("fw-a", range(at, at + 10));
  {
    await using centre = await Centre.open(server.url);
    await centre.takeAll(30);
    centre.reader.acknowledge(centre.origins[0]!);
    await centre.reader.close();
  }
  await using centre = await Centre.open(server.url);
  await centre.takeAll(20);
  assertEquals(centre.came, of("fw-a", 10, 30));
});

test("A stream that cannot be read is explained", async (server) => {
  await using hosts = await Hosts.connect(server.url);
  {
    await using centre = await Centre.open(server.url, { create: false });
    await centre.takeUntil("the warning", () => centre.hasSaid("there is no stream NFSCRIBE"));
    assert(centre.hasSaid("nats stream add NFSCRIBE"));
    await hosts.makeStream({ retention: "interest" });
    await centre.takeUntil("the warning", () => centre.hasSaid("retention = interest"));
    await hosts.deleteStream();
    await hosts.makeStream({ retention: "workqueue" });
    await hosts.send("fw-a", range(0, 10));
    await centre.takeAll(10);
  }
  await server.stop();
  await server.configure({ hasJetStream: false });
  await server.restart();
  await using centre = await Centre.open(server.url);
  await centre.takeUntil("the warning", () => centre.hasSaid("JetStream is not enabled"));
});

test("A wrong password is logged, and tried again", async (server) => {
  await Deno.writeTextFile(`${server.folder}/secret`, "wrong\n", { mode: 0o600 });
  const secretFile = `${server.folder}/secret`;
  {
    await using centre = await Centre.open(server.url, { user: "centre", secretFile });
    const words = "the server refuses the user centre or the password";
    await centre.takeUntil("the warning", () => centre.hasSaid(words));
  }
  await Deno.writeTextFile(secretFile, "right\n");
  await using centre = await Centre.open(server.url, { user: "centre", secretFile });
  assertEquals(centre.said, []);
}, `authorization { users = [{ user: centre, password: right }] }`);
