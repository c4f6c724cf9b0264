/**
 * The counters over HTTP, for Prometheus, and whether all is well.
 *
 * @module
 */

import { parseAddress } from "../config/address.ts";
import { OutputError } from "../errors.ts";
import type { Need } from "../permission.ts";
import { METRICS_TYPE } from "./metrics.ts";

/** How many connections may be open at a time; more are closed at once. */
const CONNECTIONS_MAX = 64;
/** How long a connection may take for its request and the answer, in milliseconds. */
const DEADLINE_MS = 5000;
/** Bytes of a request's head at the most. */
const HEAD_MAX = 8192;

/** What is asked for. */
export interface Answers {
  /** The counters, as text. */
  metrics(): string;
  /** What is not well at the moment, a line each. */
  problems(): string[];
}

/** The right to listen. */
export function metricsNeed(address: string): Need {
  return { name: "net", value: address, why: "metrics" };
}

/**
 * Answers HTTP/1.1 requests, one a connection. It is no web server: whoever says
 * nothing, or reads nothing, is let go, and memory is bounded.
 */
export class MetricsServer implements Disposable {
  readonly #listener: Deno.TcpListener;
  readonly #answers: Answers;
  readonly #open = new Set<Deno.TcpConn>();

  private constructor(listener: Deno.TcpListener, answers: Answers) {
    this.#listener = listener;
    this.#answers = answers;
    listener.unref();
    this.#serve();
  }

  /**
   * Begins to listen.
   *
   * @param address As in `127.0.0.1:9477`; checked by {@linkcode parseAddress}.
   * @throws {OutputError} If that cannot be.
   */
  static open(address: string, answers: Answers): MetricsServer {
    try {
      return new MetricsServer(Deno.listen(parseAddress(address)!), answers);
    } catch (error) {
      const why = error instanceof Deno.errors.AddrInUse
        ? "another process listens there; choose another port"
        : error instanceof Error
        ? error.message
        : String(error);
      throw new OutputError(address, `Cannot listen on ${address}: ${why}`, { cause: error });
    }
  }

  /** Ends all connections and listens no more. */
  [Symbol.dispose](): void {
    this.#listener.close();
    for (const connection of this.#open) closeQuietly(connection);
  }

  async #serve(): Promise<void> {
    for (;;) {
      let connection: Deno.TcpConn;
      try {
        connection = await this.#listener.accept();
      } catch (error) {
        if (error instanceof Deno.errors.BadResource) return;
        // As where there are too many descriptors: later there may be fewer.
        await new Promise((resolve) => Deno.unrefTimer(setTimeout(resolve, 100)));
        continue;
      }
      if (this.#open.size >= CONNECTIONS_MAX) closeQuietly(connection);
      else this.#answer(connection);
    }
  }

  async #answer(connection: Deno.TcpConn): Promise<void> {
    this.#open.add(connection);
    connection.unref();
    const timer = setTimeout(() => closeQuietly(connection), DEADLINE_MS);
    Deno.unrefTimer(timer);
    try {
      const head = await readHead(connection);
      if (head !== undefined) await writeAll(connection, this.#respond(head));
    } catch {
      // Whoever asked is gone.
    } finally {
      clearTimeout(timer);
      this.#open.delete(connection);
      closeQuietly(connection);
    }
  }

  #respond(head: string): Uint8Array {
    const [, method, path] = /^([A-Z]+) ([^ ?]+)\S* HTTP\/1\.[01]\r?\n/.exec(head) ?? [];
    if (method === undefined) return response(400, "Bad Request", "not a request of HTTP/1.1\n");
    if (method !== "GET" && method !== "HEAD") {
      return response(405, "Method Not Allowed", "GET and HEAD only\n");
    }
    const isHead = method === "HEAD";
    if (path === "/metrics") {
      return response(200, "OK", this.#answers.metrics(), { isHead, type: METRICS_TYPE });
    }
    if (path === "/healthz") {
      const problems = this.#answers.problems();
      if (problems.length === 0) return response(200, "OK", "ok\n", { isHead });
      return response(503, "Service Unavailable", `${problems.join("\n")}\n`, { isHead });
    }
    return response(404, "Not Found", "there are /metrics and /healthz\n", { isHead });
  }
}

/** A request up to its empty line; undefined where none comes. */
async function readHead(connection: Deno.TcpConn): Promise<string | undefined> {
  const bytes = new Uint8Array(HEAD_MAX);
  let length = 0;
  while (length < HEAD_MAX) {
    const count = await connection.read(bytes.subarray(length));
    if (count === null) return undefined;
    length += count;
    const head = new TextDecoder("latin1").decode(bytes.subarray(0, length));
    if (/\r?\n\r?\n/.test(head)) return head;
  }
  return "";
}

function response(
  status: number,
  reason: string,
  text: string,
  { isHead = false, type = "text/plain; charset=utf-8" } = {},
): Uint8Array {
  const body = new TextEncoder().encode(text);
  const head = new TextEncoder().encode(
    `HTTP/1.1 ${status} ${reason}\r\ncontent-type: ${type}\r\ncontent-length: ${body.length}\r\n` +
      "cache-control: no-store\r\nconnection: close\r\n\r\n",
  );
  const bytes = new Uint8Array(head.length + (isHead ? 0 : body.length));
  bytes.set(head);
  if (!isHead) bytes.set(body, head.length);
  return bytes;
}

async function writeAll(connection: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
}

function closeQuietly(connection: Deno.TcpConn): void {
  try {
    connection.close();
  } catch {
    // It is closed already.
  }
}
