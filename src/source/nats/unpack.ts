/** Unpacks bodies of messages. */

import { nodeZlib } from "../../builtin_modules.ts";
import { messageOf } from "../../errors.ts";
import type { Encoding } from "../../nats/format/headers.ts";
import { MessageError } from "../../nats/format/message.ts";

/**
 * Most bytes of a body: twice the largest max_payload that NATS recommends, so that a few bytes that
 * unpack to many take no more.
 */
const BODY_MOST = 16 * 1024 * 1024;
/**
 * Most bytes that are unpacked at once: more than a message has by default, whose body then is not
 * copied, and how many times those that are packed.
 */
const [PIECE_MOST, PIECE_TIMES] = [640 * 1024, 16];
/** Least bytes of a piece (`Z_MIN_CHUNK`). */
const PIECE_LEAST = 64;

/**
 * Unpacks a body.
 *
 * @param encoding Its compression; undefined for none.
 * @returns Its bytes, at the beginning of memory of their own.
 * @throws {MessageError} If they are not what the encoding says, or too many.
 */
export function unpackBody(
  body: Uint8Array,
  encoding: Encoding | undefined,
): Uint8Array<ArrayBuffer> {
  if (body.length > BODY_MOST) throw tooLarge();
  // The client has a Buffer, whose slice() is no copy.
  if (encoding === undefined) return new Uint8Array(body);
  const { gunzipSync, zstdDecompressSync } = nodeZlib();
  const unpack = encoding === "gzip" ? gunzipSync : zstdDecompressSync;
  try {
    const { buffer, byteOffset, length } = unpack(body, {
      chunkSize: Math.max(PIECE_LEAST, Math.min(PIECE_MOST, PIECE_TIMES * body.length)),
      maxOutputLength: BODY_MOST,
    });
    return byteOffset === 0
      ? new Uint8Array(buffer as ArrayBuffer, 0, length)
      : new Uint8Array(buffer as ArrayBuffer).slice(byteOffset, byteOffset + length);
  } catch (error) {
    const isLarge = error instanceof Error && "code" in error &&
      error.code === "ERR_BUFFER_TOO_LARGE";
    throw isLarge
      ? tooLarge()
      : new MessageError(`its ${encoding} is damaged: ${messageOf(error)}`);
  }
}

function tooLarge(): MessageError {
  return new MessageError(`it has more than ${BODY_MOST / 1024 / 1024} MiB`);
}
