/**
 * The suite of all outputs, for NATS.
 *
 * @module
 */

import { outputFixtures } from "../../conformance/outputs/fixtures.ts";
import { testWriters } from "../../conformance/system/writer_suite.ts";
import { temporaryFolder } from "../../system/process.ts";
import { json } from "../../conformance/outputs/json.ts";
import { numbersIn } from "./sending.ts";
import { NatsServer, noServer } from "./nats_server.ts";
import { messagesIn, takeAll } from "./stream_reader.ts";

const nats = outputFixtures.nats!;
const missing = noServer();
let server: NatsServer;
let streams = 0;
Deno.test.beforeAll(async () => {
  if (missing === undefined) server = await NatsServer.start();
});
Deno.test.afterAll(async () => await server?.[Symbol.asyncDispose]());

testWriters({
  type: "nats",
  fixture: nats,
  missing,
  async place(variant) {
    const { path, ...folder } = await temporaryFolder();
    const name = `conformance_${streams++}`;
    return {
      folder: path,
      table: {
        ...nats.place(path),
        ...{ url: server.url, stream: name, subject: name, create: true, flush_ms: 20 },
        ...variant,
      },
      async arrived() {
        if (await messagesIn(server.url, name) === undefined) return [];
        const messages = await takeAll(server.url, name);
        if (variant.payload !== "json") return numbersIn(messages);
        return messages.flatMap(({ body }) =>
          json.read(body, { format: "nfscribe" }).map(({ sourcePort }) => sourcePort!)
        );
      },
      tear: () => Promise.resolve(),
      ...folder,
    };
  },
});
