/** Writes answers. */

import type { ServerResponse } from "node:http";
import { gzip } from "node:zlib";
import { promisify } from "node:util";
import { acceptsCoding } from "./document.ts";
import { FIXED_HEADERS } from "./headers.ts";

/** Size from which an answer is compressed, in bytes. */
const WORTH_COMPRESSING = 2048;
/** Level of gzip: answers are made for one browser, once. */
const LEVEL = 1;

/** Header fields by name. */
export type Fields = Readonly<Record<string, string>>;

/** Begins an answer. */
export function begin(response: ServerResponse, status: number, fields: Fields): void {
  // Another reason than the standard one never stands in an answer.
  response.writeHead(status, { ...FIXED_HEADERS, ...fields });
}

/** Writes a whole answer, and waits until the browser has taken it. */
export async function respond(
  response: ServerResponse,
  status: number,
  fields: Fields,
  body: Uint8Array | string,
  stuckMs: number,
): Promise<void> {
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
  begin(response, status, { ...fields, "content-length": String(bytes.length) });
  await finish(response, response.req.method === "HEAD" ? undefined : bytes, stuckMs);
}

/** Writes an answer in JSON, compressed where that is worth it. */
export async function respondJson(
  response: ServerResponse,
  status: number,
  value: unknown,
  stuckMs: number,
): Promise<void> {
  const bytes = new TextEncoder().encode(JSON.stringify(value));
  const fields = { "content-type": "application/json", "cache-control": "no-store" };
  const { "accept-encoding": accepted } = response.req.headers;
  if (bytes.length < WORTH_COMPRESSING || !acceptsCoding(String(accepted ?? ""), "gzip")) {
    return await respond(response, status, fields, bytes, stuckMs);
  }
  const packed = await promisify(gzip)(bytes, { level: LEVEL });
  await respond(response, status, { ...fields, "content-encoding": "gzip" }, packed, stuckMs);
}

/**
 * Writes a piece of an answer, and waits until there is room for the next.
 *
 * @returns Whether the browser is there.
 */
export async function writePiece(
  response: ServerResponse,
  piece: Uint8Array | string,
  stuckMs: number,
): Promise<boolean> {
  if (response.destroyed) return false;
  if (response.write(piece)) return true;
  return await unlessStuck(response, "drain", stuckMs);
}

/** Ends an answer, and waits until all of it was taken. */
export async function finish(
  response: ServerResponse,
  piece: Uint8Array | string | undefined,
  stuckMs: number,
): Promise<void> {
  if (response.destroyed) return;
  const finished = unlessStuck(response, "finish", stuckMs);
  response.end(piece);
  await finished;
}

/** Waits for an event; a browser that reads nothing for that long is disconnected. */
async function unlessStuck(
  response: ServerResponse,
  event: "drain" | "finish",
  stuckMs: number,
): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const onEvent = () => resolve(true);
  const onClose = () => resolve(false);
  response.once(event, onEvent);
  response.once("close", onClose);
  const timer = setTimeout(() => response.destroy(), stuckMs);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    response.removeListener(event, onEvent);
    response.removeListener("close", onClose);
  }
}
