/**
 * The suite of all outputs, for IPFIX over TCP; messages over UDP and across connections; and a kill.
 *
 * @module
 */

import { createSocket } from "node:dgram";
import { assert, assertEquals, assertGreater } from "@std/assert";
import { outputFixtures } from "../conformance/outputs/fixtures.ts";
import { takenBeforeKill } from "../conformance/system/killed_writer.ts";
import { NumberedOutput } from "../conformance/system/numbered_output.ts";
import { testWriters } from "../conformance/system/writer_suite.ts";
import { IpfixReader, type Message } from "../output/ipfix/reader.ts";
import { Collector } from "./ipfix_collector.ts";
import { temporaryFolder, until } from "./process.ts";

const fixture = outputFixtures.ipfix!;

const portsOf = (messages: readonly Message[]): number[] =>
  messages.flatMap(({ records }) => records.map((one) => one.sourceTransportPort as number));

/** Asserts that sequence numbers count the data records of a session. */
function assertNumbered(messages: readonly Message[]): void {
  let sequence = 0;
  for (const message of messages) {
    assertEquals(message.sequence, sequence);
    sequence += message.records.length;
  }
}

testWriters({
  type: "ipfix",
  fixture,
  async place(variant) {
    const { path, ...folder } = await temporaryFolder();
    const collector = new Collector();
    return {
      folder: path,
      table: { ...variant, url: collector.url },
      async arrived() {
        await until("all connections are closed", () => collector.open === 0);
        collector.messages.forEach(assertNumbered);
        return collector.messages.flatMap(portsOf);
      },
      tear: () => Promise.resolve(),
      async [Symbol.asyncDispose]() {
        await collector[Symbol.asyncDispose]();
        await folder[Symbol.asyncDispose]();
      },
    };
  },
});

Deno.test("each connection begins with templates and sequence number 0, and nothing is lost", async () => {
  await using collector = new Collector();
  const output = await NumberedOutput.open("ipfix", { url: collector.url, timeout_ms: 500 });
  for (let round = 0; round < 3; round++) {
    await output.write(200);
    await until("all are written", () => output.buffered.stats.written === output.taken);
    await until(
      "they arrive",
      () => new Set(collector.messages.flatMap(portsOf)).size >= output.taken,
    );
    collector.breakAll();
    await until("the connection is closed", () => collector.open === 0);
  }
  await output.write(1);
  await until("the last one arrives", () => collector.messages.flatMap(portsOf).includes(600));
  await output.buffered.close();
  assertGreater(collector.sessions.length, 3);
  for (const messages of collector.messages) {
    assertNumbered(messages);
    if (messages.length > 0) assertEquals(messages[0]!.templates.length, 1);
  }
  assertEquals(output.imbalance, 0);
});

Deno.test("datagrams hold whole messages that fit the path, and templates come again", async () => {
  const socket = createSocket("udp4");
  const messages: Message[] = [];
  const lengths: number[] = [];
  const reader = new IpfixReader();
  socket.on("message", (bytes: Uint8Array) => {
    lengths.push(bytes.length);
    messages.push(reader.read(Uint8Array.from(bytes)));
  });
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  try {
    const { port } = socket.address();
    const output = await NumberedOutput.open("ipfix", { url: `udp://127.0.0.1:${port}` });
    for (let batch = 0; batch < 20; batch++) {
      await output.write(30);
      await until("they arrive", () => portsOf(messages).length === output.taken);
    }
    await output.buffered.close();
    assertEquals(portsOf(messages), Array.from({ length: 600 }, (_, number) => number));
    assertNumbered(messages);
    assert(lengths.every((length) => length <= 1232), `${lengths}`);
    const announced = messages.map(({ templates }) => templates.length);
    assertEquals(
      announced.map((count, index) => count === (index % 20 === 0 ? 1 : 0)).includes(false),
      false,
    );
  } finally {
    socket.close();
  }
});

Deno.test("with a spool, a kill loses no record that was taken; some may come twice", async () => {
  await using folder = await temporaryFolder();
  await using collector = new Collector();
  const table = { url: collector.url, spool: `${folder.path}/spool` };
  const taken = await takenBeforeKill("ipfix", table, 2000);
  const output = await NumberedOutput.open("ipfix", table, 50_000);
  await output.write(50);
  await output.buffered.close();
  await until("all connections are closed", () => collector.open === 0);
  const numbers = new Set(collector.messages.flatMap(portsOf));
  for (let number = 0; number < taken; number++) assert(numbers.has(number), `${number} is lost`);
  assertEquals(numbers.has(50_049), true);
});
