/** Tests that `nfscribe doctor` tells why records do not reach the stream, or do not leave it. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import type { Finding } from "../../../src/finding.ts";
import { examineNats } from "../../../src/output/nats/examine.ts";
import { natsOutputEntries, type NatsOutputOptions } from "../../../src/output/nats/options.ts";
import { optionsOf } from "../../../src/schema.ts";
import { natsExaminer } from "../../../src/source/nats/examine.ts";
import { Intake } from "../../../src/source/nats/intake.ts";
import { natsSourceEntries, type NatsSourceOptions } from "../../../src/source/nats/options.ts";
import { targetOf } from "../../../src/nats/target.ts";
import { authority, certificate } from "../../postgres/certificates.ts";
import { temporaryFolder, until } from "../../system/process.ts";
import { testUnless } from "../../system/test_unless.ts";
import { NatsServer, noServer } from "./nats_server.ts";
import { connectForTest } from "./stream_reader.ts";

const missing = noServer();
const LIMIT_MS = 60_000;

function test(name: string, fn: (server: NatsServer) => Promise<void>, config = ""): void {
  testUnless(missing, `NATS: doctor ${name}`, async () => {
    await using server = await NatsServer.start({ config });
    await fn(server);
  });
}

/** Examines the output of a host. */
function atHost(options: Partial<NatsOutputOptions>): Promise<Finding> {
  const checked = optionsOf(natsOutputEntries, { hostname: "web1", ...options }, "options");
  return examineNats(checked, { check: "output nats", owner: undefined, initCommand: "" });
}

function centreOptions(options: Partial<NatsSourceOptions>): NatsSourceOptions {
  return optionsOf(natsSourceEntries, { create: true, ...options }, "options");
}

/** Examines the source of a centre. */
async function atCentre(options: Partial<NatsSourceOptions>): Promise<Finding> {
  const examination = { name: "nats", isRead: false, isOwn: () => undefined, rules: () => never() };
  const findings = natsExaminer.source(centreOptions(options), examination);
  for await (const finding of findings) return finding;
  return never();
}

function never(): never {
  throw new Error("is not called");
}

/** Starts a centre that takes messages; returns it with what it logs. */
async function centre(options: Partial<NatsSourceOptions>, name: string) {
  const checked = centreOptions(options);
  const log: string[] = [];
  const intake = new Intake(targetOf(checked), checked, name, {
    message() {},
    began() {},
    room: () => Promise.resolve(),
    working: () => [],
    connected() {},
    warn: (message) => void log.push(message),
  });
  await intake.start();
  return { intake, log };
}

test("tells that the stream is missing, full, and which server is away", async ({ url }) => {
  const none = await atHost({ url });
  assertEquals([none.state, none.message.includes("there is no stream NFSCRIBE")], ["fix", true]);
  assertStringIncludes(none.fix!, "start the central nfscribe, which makes it");
  assertEquals((await atCentre({ url })).state, "note");

  const { intake } = await centre({ url, maxBytes: 1024 * 1024 }, "centre");
  await until("it reads", () => intake.isActive, LIMIT_MS);
  assertEquals((await atHost({ url })).state, "ok");
  await using connection = await opened(url);
  for (let message = 0; message < 2; message++) {
    await connection.request("nfscribe.web1._.flow", new Uint8Array(500_000));
  }
  for (const full of [await atHost({ url }), await atCentre({ url })]) {
    assertEquals(full.state, "fix");
    assertStringIncludes(full.message, "the stream NFSCRIBE is full: ");
    assertStringIncludes(full.message, " of 1048576 bytes (max_bytes)");
  }
  await intake.close();

  const two = await atHost({
    url: `nats://127.0.0.1:1,${url.slice("nats://".length)}`,
    stream: "X",
  });
  assertStringIncludes(two.message, "1 of 2 servers answer: Cannot connect to nats://127.0.0.1:1:");
  assertStringIncludes(two.message, "there is no stream X");
  assertEquals(two.fix, "start them: a cluster needs more than half of its servers");
});

async function opened(url: string) {
  const connection = await connectForTest(url);
  return Object.assign(connection, { [Symbol.asyncDispose]: () => connection.close() });
}

test("names the centre that reads", async ({ url }) => {
  const { intake } = await centre({ url }, "nfscribe on c1");
  await until("it reads", () => intake.isActive, LIMIT_MS);
  assertStringIncludes((await atCentre({ url })).message, "nfscribe on c1 reads");
  const options = { url, maxBytes: 2 * 1024 * 1024, maxAgeHours: 24 };

  const second = await centre(options, "nfscribe on c2");
  await until(
    "it stands by",
    () => second.log.some((line) => line.includes("stands by")),
    LIMIT_MS,
  );
  await intake.close();
  await until("it reads", () => second.intake.isActive, LIMIT_MS);
  await until(
    "it has changed it",
    () =>
      second.log.some((line) => line.startsWith("Changed the stream NFSCRIBE: max_bytes 2097152")),
    LIMIT_MS,
  );
  assertStringIncludes(
    second.log.join("\n"),
    "nfscribe on c1 reads no longer; this nfscribe takes over",
  );
  await second.intake.close();
  assertStringIncludes((await atCentre(options)).message, "none reads as nfscribe");
});

const USERS = `authorization { users = [
  { user: web2, password: "s3cret", permissions: {
    publish: ["nfscribe.web2.>", "$JS.API.STREAM.INFO.NFSCRIBE"], subscribe: "_INBOX.web2.>" } }
] }`;

test("tells the key of another host", async ({ url }) => {
  await using folder = await temporaryFolder();
  const secretFile = `${folder.path}/secret`;
  await Deno.writeTextFile(secretFile, "s3cret", { mode: 0o600 });
  const found = await atHost({ url, user: "web2", secretFile });
  assertEquals(found.state, "fix");
  assertStringIncludes(found.message, "the user web2 or the password is not that of host web1");
  assertEquals(await atHost({ url, user: "web2", secretFile }), found);
}, USERS);

testUnless(missing, "NATS: doctor tells a certificate that has expired", async () => {
  await using folder = await temporaryFolder();
  const root = await authority(folder.path, "root");
  const { crt, key } = await certificate(folder.path, root, "localhost", [2020, 2021]);
  const config = `tls { cert_file: "${crt}", key_file: "${key}" }`;
  await using server = await NatsServer.start({ config });
  const options = { url: `tls://localhost:${server.port}`, caFile: root.crt };
  let found: Finding | undefined;
  const isExpired = async () => {
    found = await atHost(options);
    return found.message.includes("the server's certificate has expired");
  };
  await until("it has expired", isExpired, LIMIT_MS);
  assertEquals(found!.state, "fix");
  assertStringIncludes(found!.fix!, "renew it there");
});
