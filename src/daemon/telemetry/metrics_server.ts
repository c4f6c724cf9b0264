/** Serves the counters and the health over HTTP, for Prometheus. */

import { parseAddress } from "../../config/address.ts";
import { OutputError } from "../../errors.ts";
import type { Need } from "../../permission.ts";
import { escapedLines } from "../../text/escape.ts";
import { METRICS_TYPE } from "./metrics.ts";
import { ConnectionLimiter, writeAll } from "./connection_limiter.ts";

/** Limits of clients: Prometheus opens one connection for a moment. */
const LIMITS = { most: 64, deadlineMs: 5000 };
/** Size limit of a request's head, in bytes. */
const HEAD_MAX = 8192;

/** Contents of the responses. */
export interface Answers {
  /** Counters in Prometheus' format. */
  metrics(): string;
  /** Current problems, one a line. */
  problems(): string[];
  /** Notes about other hosts, one a line; they do not change the health. */
  notes?(): string[];
  /** Reason why the last reload was refused, if it was: nfscribe works as it did before. */
  refusal(): string | undefined;
}

/** Returns the right to listen. */
export function metricsNeed(address: string): Need {
  return { name: "net", value: address, why: "metrics" };
}

/**
 * Minimal HTTP/1.1 server: one request a connection, silent and slow clients are disconnected,
 * memory is bounded.
 */
export class MetricsServer implements Disposable {
  readonly #answers: Answers;
  readonly #limiter: ConnectionLimiter<Deno.TcpConn>;

  private constructor(listener: Deno.TcpListener, answers: Answers) {
    this.#answers = answers;
    this.#limiter = new ConnectionLimiter(
      listener,
      (connection) => this.#answer(connection),
      LIMITS,
    );
  }

  /**
   * Starts to listen.
   *
   * @param address Address, as in `127.0.0.1:9477`; checked by {@linkcode parseAddress}.
   * @throws {OutputError} If it cannot listen there.
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

  /** Closes all connections and stops listening. */
  [Symbol.dispose](): void {
    this.#limiter[Symbol.dispose]();
  }

  async #answer(connection: Deno.TcpConn): Promise<void> {
    const head = await readHead(connection);
    if (head !== undefined) await writeAll(connection, this.#respond(head));
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
      const refusal = this.#answers.refusal();
      const lines = [
        ...problems.length === 0 ? ["ok"] : problems,
        ...this.#answers.notes?.() ?? [],
        ...refusal === undefined ? [] : [escapedLines(refusal)],
      ];
      const text = `${lines.join("\n")}\n`;
      if (problems.length === 0) return response(200, "OK", text, { isHead });
      return response(503, "Service Unavailable", text, { isHead });
    }
    return response(404, "Not Found", "there are /metrics and /healthz\n", { isHead });
  }
}

/**
 * Reads a request up to its empty line; undefined if the connection ends before, empty if it is too
 * long.
 */
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
