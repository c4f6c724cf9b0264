/**
 * Rows into the database: binary COPY through Postgres.js, whose connection takes
 * the data without a copy of its own.
 *
 * @module
 */

import type { Duplex, Writable } from "node:stream";
import type postgres from "postgres";

/** A transaction. */
export type Transaction = postgres.TransactionSql;

/** Bytes of a CopyData message before its data: `d`, and the length from itself on. */
export const MESSAGE_HEAD = 5;
const COPY_DATA = 0x64;

/** Begins binary COPY: signature, flags, length of the extension. */
const HEADER = messageOf([Uint8Array.fromHex("5047434f50590aff0d0a00" + "0000000000000000")]);
/** Ends it. */
const TRAILER = messageOf([Uint8Array.fromHex("ffff")]);

/** A CopyData message (PostgreSQL documentation, "Message Formats") of some data. */
export function messageOf(data: readonly Uint8Array[]): Uint8Array {
  const length = data.reduce((sum, { length }) => sum + length, 0);
  const bytes = new Uint8Array(MESSAGE_HEAD + length);
  let at = MESSAGE_HEAD;
  for (const part of data) {
    bytes.set(part, at);
    at += part.length;
  }
  return messageAround(bytes.subarray(MESSAGE_HEAD));
}

/** The same around data with room before it: {@linkcode MESSAGE_HEAD} bytes, which are overwritten. */
export function messageAround(data: Uint8Array): Uint8Array {
  const start = data.byteOffset - MESSAGE_HEAD;
  const message = new Uint8Array(data.buffer, start, MESSAGE_HEAD + data.length);
  message[0] = COPY_DATA;
  new DataView(message.buffer, start).setInt32(1, 4 + data.length);
  return message;
}

/** How rows are copied. */
export interface CopyOptions {
  /** `COPY … FROM STDIN (FORMAT binary)`. */
  statement: string;
  /** The transaction's connection. */
  socket: () => Duplex;
  /** Called whenever the server has taken something. */
  onProgress: () => void;
}

/**
 * Copies rows.
 *
 * @param transaction Where.
 * @param messages Whole rows as CopyData messages, which stay as they are until this is done.
 * @param options How.
 * @throws What the server says, if it refuses a row or all.
 */
export async function copyRows(
  transaction: Transaction,
  messages: readonly Uint8Array[],
  { statement, socket, onProgress }: CopyOptions,
): Promise<void> {
  const query = transaction.unsafe(statement);
  const failed = failureOf(query);
  const stream: Writable = await Promise.race([query.writable(), failed]);
  // A connection that breaks destroys it, with an error that `failed` has as well.
  stream.on("error", () => {});
  const sending = new Sending(socket(), onProgress);
  // What came after a failure would be taken for data of the next COPY.
  failed.catch(() => sending.stop());
  await Promise.race([sending.send([HEADER, ...messages, TRAILER]), failed]);
  await Promise.race([end(stream), failed]);
}

/**
 * Rejects with what the server says. Postgres.js 3.4 has settled the query's
 * promise once the server takes data: an error that comes when all of it is sent
 * reaches nobody, and the stream's end never comes. It goes to `reject` all the
 * same, which is the query's own.
 */
function failureOf(query: object): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  promise.catch(() => {});
  Object.assign(query, { reject });
  return promise;
}

/** Sends messages as fast as the server takes them. Postgres.js's own stream copies each one first. */
class Sending {
  readonly #socket: Duplex;
  readonly #onProgress: () => void;
  #stopped = false;

  constructor(socket: Duplex, onProgress: () => void) {
    this.#socket = socket;
    this.#onProgress = onProgress;
  }

  async send(messages: readonly Uint8Array[]): Promise<void> {
    for (const message of messages) {
      if (this.#stopped) return;
      const isTaken = this.#socket.write(message);
      if (!isTaken) await new Promise((resolve) => this.#socket.once("drain", resolve));
      this.#onProgress();
    }
  }

  stop(): void {
    this.#stopped = true;
  }
}

/** Ends COPY, and waits until the server has taken all. */
function end(stream: Writable): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.once("error", reject);
    stream.end(resolve);
  });
}
