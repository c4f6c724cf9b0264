/**
 * Rows into the database: binary COPY through Postgres.js.
 *
 * @module
 */

import type { Writable } from "node:stream";
import type postgres from "postgres";

/** A transaction. */
export type Transaction = postgres.TransactionSql;

/** Begins binary COPY: signature, flags, length of the extension. */
const HEADER = new Uint8Array([
  ...new TextEncoder().encode("PGCOPY\n"),
  0xff,
  ...new TextEncoder().encode("\r\n\0"),
  ...new Uint8Array(8),
]);
/** Ends it. */
const TRAILER = new Uint8Array([0xff, 0xff]);

/**
 * Copies rows.
 *
 * @param transaction Where.
 * @param statement `COPY … FROM STDIN (FORMAT binary)`.
 * @param rows Whole rows, in pieces.
 * @param onProgress Called whenever the server has taken some.
 * @throws What the server says, if it refuses a row or all.
 */
export async function copyRows(
  transaction: Transaction,
  statement: string,
  rows: readonly Uint8Array[],
  onProgress: () => void = () => {},
): Promise<void> {
  const query = transaction.unsafe(statement);
  const failed = failureOf(query);
  const stream: Writable = await Promise.race([query.writable(), failed]);
  await Promise.race([send(stream, [HEADER, ...rows, TRAILER], onProgress), failed]);
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

/** Sends pieces as fast as the server takes them. */
function send(
  stream: Writable,
  pieces: readonly Uint8Array[],
  onProgress: () => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.once("error", reject);
    stream.once("finish", resolve);
    let next = 0;
    const write = () => {
      onProgress();
      while (next < pieces.length) {
        if (!stream.write(pieces[next++])) {
          stream.once("drain", write);
          return;
        }
      }
      stream.end();
    };
    write();
  });
}
