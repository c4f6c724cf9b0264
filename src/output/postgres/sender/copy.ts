/**
 * Sends rows by binary COPY through Postgres.js, over whose connection the data is written without
 * a copy.
 */

import { concat } from "../../../bytes/write.ts";
import type { Duplex, Writable } from "node:stream";
import type postgres from "postgres";

export type Transaction = postgres.TransactionSql;

/** Size of a CopyData message before its data in bytes: `d`, and a length that includes itself. */
const MESSAGE_HEAD = 5;
const COPY_DATA = 0x64;

/** Header of binary COPY: signature, flags, length of the extension. */
const HEADER = copyData([Uint8Array.fromHex("5047434f50590aff0d0a00" + "0000000000000000")]);
/** Trailer of binary COPY. */
const TRAILER = copyData([Uint8Array.fromHex("ffff")]);

/** Encodes a CopyData message (PostgreSQL documentation, "Message Formats"). */
export function copyData(data: readonly Uint8Array[]): Uint8Array {
  return copyDataAround(concat([new Uint8Array(MESSAGE_HEAD), ...data]).subarray(MESSAGE_HEAD));
}

/**
 * Encodes a CopyData message in place: the first {@linkcode MESSAGE_HEAD} bytes are overwritten.
 */
export function copyDataAround(data: Uint8Array): Uint8Array {
  const start = data.byteOffset - MESSAGE_HEAD;
  const message = new Uint8Array(data.buffer, start, MESSAGE_HEAD + data.length);
  message[0] = COPY_DATA;
  new DataView(message.buffer, start).setInt32(1, 4 + data.length);
  return message;
}

/** Options of {@linkcode copyRows}. */
export interface CopyOptions {
  /** `COPY … FROM STDIN (FORMAT binary)`. */
  statement: string;
  /** Returns the transaction's connection. */
  socket: () => Duplex;
  /** Called whenever the server has accepted data. */
  onProgress: () => void;
}

/**
 * Copies rows.
 *
 * @param messages Whole rows as CopyData messages, which must not change until the end.
 * @param options Statement, connection and progress.
 * @throws The server's error, if it refuses rows.
 */
export async function copyRows(
  transaction: Transaction,
  messages: readonly Uint8Array[],
  { statement, socket, onProgress }: CopyOptions,
): Promise<void> {
  const query = transaction.unsafe(statement);
  const failed = failureOf(query);
  const stream: Writable = await Promise.race([query.writable(), failed]);
  // A broken connection destroys it, with an error that `failed` has as well.
  stream.on("error", () => {});
  const sending = new Sending(socket(), onProgress);
  // After a failure, further data would be taken for data of the next COPY.
  failed.catch(() => sending.stop());
  await Promise.race([sending.send([HEADER, ...messages, TRAILER]), failed]);
  await Promise.race([end(stream), failed]);
}

/**
 * Rejects with the server's error. Postgres.js 3.4 settles the query's promise when the server is
 * ready for data: an error after all data was sent is not reported, and the stream never ends. But
 * Postgres.js still passes it to the query's own `reject`.
 */
function failureOf(query: object): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  promise.catch(() => {});
  Object.assign(query, { reject });
  return promise;
}

/**
 * Sends messages as fast as the server accepts them. Postgres.js's own stream copies each one
 * first.
 */
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

/** Ends COPY, and waits until the server has accepted everything. */
function end(stream: Writable): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.once("error", reject);
    stream.end(resolve);
  });
}
