import { assertEquals, assertThrows } from "@std/assert";
import type { NatsConnection } from "@nats-io/nats-core";
import { StreamError } from "../../../src/nats/stream.ts";
import { requireServer } from "../../../src/source/nats/consumer.ts";
import { parseReply } from "../../../src/source/nats/reply.ts";

Deno.test("Subjects of acknowledgements tell of the delivery, with and without a domain", () => {
  const delivery = { sequence: 12, sentMs: 1_795_941_790_272 };
  const end = "NFSCRIBE.nfscribe.2.12.30.1795941790272123456.7";
  assertEquals(parseReply(`$JS.ACK.${end}`), delivery);
  assertEquals(parseReply(`$JS.ACK.hub.Ab12.${end}`), delivery);
  assertEquals(parseReply(`$JS.ACK.hub.Ab12.${end}.random`), delivery);
  for (
    const other of ["", "_INBOX.a.b", "$JS.ACK.a.b", `$JS.ACK.${end.replace("12.30", "x.30")}`]
  ) {
    assertEquals(parseReply(other), undefined, other);
  }
});

Deno.test("A server that is too old is refused", () => {
  const server = (version: string) => ({ info: { version } }) as NatsConnection;
  requireServer(server("2.9.10"));
  requireServer(server("2.14.0-beta.1"));
  const words = "the server has version 2.8.4; install 2.9 or newer";
  assertThrows(() => requireServer(server("2.8.4")), StreamError, words);
});
