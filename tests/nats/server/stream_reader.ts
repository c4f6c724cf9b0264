/**
 * Reads the messages of a stream, independently of nfscribe's source.
 *
 * @module
 */

import { AckPolicy, jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { type MessageHead, parseHeaders } from "../../../src/nats/format/message.ts";

/** A message as it was read. */
export interface ReadMessage {
  subject: string;
  head: MessageHead;
  /** Uncompressed. */
  body: Uint8Array;
}

/** Connection of a test, apart from nfscribe's. */
export async function connectForTest(url: string, options: Record<string, unknown> = {}) {
  return await connect({ servers: url.replace(/^.*:\/\//, ""), reconnect: false, ...options });
}

/** Returns the number of messages in a stream; undefined where there is no stream. */
export async function messagesIn(url: string, stream = "NFSCRIBE"): Promise<number | undefined> {
  const connection = await connectForTest(url);
  try {
    const manager = await jetstreamManager(connection, { checkAPI: false });
    return (await manager.streams.info(stream)).state.messages;
  } catch {
    return undefined;
  } finally {
    await connection.close();
  }
}

/** Takes all messages out of a stream, in its order. */
export async function takeAll(url: string, stream = "NFSCRIBE"): Promise<ReadMessage[]> {
  const connection = await connectForTest(url);
  try {
    const manager = await jetstreamManager(connection, { checkAPI: false });
    await manager.consumers.add(stream, { durable_name: "test", ack_policy: AckPolicy.Explicit });
    const consumer = await jetstream(connection).consumers.get(stream, "test");
    const read: ReadMessage[] = [];
    for (;;) {
      const { num_pending } = await consumer.info();
      if (num_pending === 0) break;
      for await (const message of await consumer.fetch({ max_messages: num_pending })) {
        const head = parseHeaders((name) => message.headers?.get(name));
        const unpack = { gzip: gunzipSync, zstd: zstdDecompressSync }[head.encoding!];
        const body = unpack === undefined ? message.data : new Uint8Array(unpack(message.data));
        read.push({ subject: message.subject, head, body: body.slice() });
        await message.ackAck();
      }
    }
    await manager.consumers.delete(stream, "test");
    return read;
  } finally {
    await connection.close();
  }
}
