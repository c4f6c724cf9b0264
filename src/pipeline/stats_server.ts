/**
 * The counters of a running nfscribe, for whoever may open its socket.
 *
 * @module
 */

import { OutputError } from "../errors.ts";
import type { Need } from "../permission.ts";

/** The rights that a Unix socket takes. */
export function socketNeeds(path: string, why: string): Need[] {
  return [
    { name: "net", value: `unix:${path}`, why },
    { name: "read", value: path, why },
    { name: "write", value: path, why },
  ];
}

/** Answers each connection with one document of JSON. */
export class StatsServer implements Disposable {
  readonly #listener: Deno.UnixListener;
  readonly #answer: () => unknown;

  private constructor(listener: Deno.UnixListener, answer: () => unknown) {
    this.#listener = listener;
    this.#answer = answer;
    // Nobody need wait for the last question.
    listener.unref();
    this.#serve();
  }

  /**
   * Listens on a socket that only this user may open (mode 0600).
   *
   * @param path The socket; one that a killed process has left is replaced.
   * @param answer What is told.
   * @throws {OutputError} If another process listens there, or nobody may.
   */
  static async open(path: string, answer: () => unknown): Promise<StatsServer> {
    try {
      await removeStale(path);
      const listener = Deno.listen({ transport: "unix", path });
      await Deno.chmod(path, 0o600);
      return new StatsServer(listener, answer);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new OutputError(path, `Cannot listen on ${path}: ${why}`, { cause: error });
    }
  }

  /** Stops listening; Deno removes the socket's file. */
  [Symbol.dispose](): void {
    this.#listener.close();
  }

  async #serve(): Promise<void> {
    for await (const connection of this.#listener) {
      // A reader that is gone is no reason to stop.
      tell(connection, this.#answer()).catch(() => {});
    }
  }
}

async function tell(connection: Deno.UnixConn, answer: unknown): Promise<void> {
  using open = connection;
  const bytes = new TextEncoder().encode(`${JSON.stringify(answer)}\n`);
  for (let at = 0; at < bytes.length;) at += await open.write(bytes.subarray(at));
}

/** Removes a socket that nobody listens on. */
async function removeStale(path: string): Promise<void> {
  try {
    (await Deno.connect({ transport: "unix", path })).close();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    if (!(error instanceof Deno.errors.ConnectionRefused)) throw error;
    return await Deno.remove(path);
  }
  throw new Error("another process listens there; stop it, or choose another socket");
}
