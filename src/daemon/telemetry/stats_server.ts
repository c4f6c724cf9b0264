/** Serves the counters on a Unix socket. */

import { OutputError } from "../../errors.ts";
import type { Need } from "../../permission.ts";
import { unlessAbsent } from "../../files/place.ts";
import { reason } from "../../output/file/failure.ts";
import { ConnectionLimiter, writeAll } from "./connection_limiter.ts";

/** Returns the rights for a Unix socket. */
export function socketNeeds(path: string, why: string): Need[] {
  return [
    { name: "net", value: `unix:${path}`, why },
    { name: "read", value: path, why },
    { name: "write", value: path, why },
  ];
}

/** Limits of clients: a request is answered at once. */
const LIMITS = { most: 16, deadlineMs: 5000 };

/** Size limit of a request, in bytes, and its last byte. */
const REQUEST_MAX = 256;
const NEWLINE = 0x0a;

/** Answers each connection with one JSON document. */
export class StatsServer implements Disposable {
  readonly #limiter: ConnectionLimiter<Deno.UnixConn>;

  private constructor(
    listener: Deno.UnixListener,
    answer: () => unknown,
    onRequest: ((line: Uint8Array) => void) | undefined,
  ) {
    this.#limiter = new ConnectionLimiter(listener, async (connection) => {
      await sendDocument(connection, answer());
      if (onRequest === undefined) return;
      await connection.closeWrite();
      const line = await readRequest(connection);
      if (line !== undefined) onRequest(line);
    }, LIMITS);
  }

  /**
   * Listens on a socket that only this user may open (mode 0600).
   *
   * @param path Socket; a stale one of a killed process is replaced.
   * @param answer Returns the document.
   * @param onRequest Called with the line that a client sends, if it sends one; absent to read none.
   * @throws {OutputError} If another process listens there, or the system refuses.
   */
  static async open(
    path: string,
    answer: () => unknown,
    onRequest?: (line: Uint8Array) => void,
  ): Promise<StatsServer> {
    try {
      await removeStale(path);
      const listener = Deno.listen({ transport: "unix", path });
      try {
        // At once: a link put in its place later would be followed.
        Deno.chmodSync(path, 0o600);
        return new StatsServer(listener, answer, onRequest);
      } catch (error) {
        listener.close();
        throw error;
      }
    } catch (error) {
      throw new OutputError(path, `Cannot listen on ${path}: ${reason(error, path)}`, {
        cause: error,
      });
    }
  }

  /** Stops listening. Afterwards another process can listen there. */
  close(): Promise<void> {
    return this.#limiter.close();
  }

  /** Stops listening; Deno removes the socket file. */
  [Symbol.dispose](): void {
    this.#limiter[Symbol.dispose]();
  }
}

async function sendDocument(connection: Deno.UnixConn, answer: unknown): Promise<void> {
  await writeAll(connection, new TextEncoder().encode(`${JSON.stringify(answer)}\n`));
}

/** Reads a request; undefined if the client sends none. */
async function readRequest(connection: Deno.UnixConn): Promise<Uint8Array | undefined> {
  const buffer = new Uint8Array(REQUEST_MAX);
  let length = 0;
  while (length < buffer.length && !buffer.subarray(0, length).includes(NEWLINE)) {
    const more = await connection.read(buffer.subarray(length));
    if (more === null) return undefined;
    length += more;
  }
  return buffer.subarray(0, length);
}

/**
 * Removes a socket without a listener.
 *
 * @throws {Error} If another kind of file is there, or a process listens; the message continues a
 * sentence.
 */
async function removeStale(path: string): Promise<void> {
  const there = unlessAbsent(() => Deno.lstatSync(path));
  if (there === undefined) return;
  if (!there.isSocket) {
    throw new Error("something that is no socket is there; remove it, or choose another path");
  }
  try {
    (await Deno.connect({ transport: "unix", path })).close();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    if (!(error instanceof Deno.errors.ConnectionRefused)) throw error;
    return await Deno.remove(path);
  }
  throw new Error("another process listens there; stop it, or choose another socket");
}
