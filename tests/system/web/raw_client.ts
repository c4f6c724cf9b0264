/** Clients of the web server that say what they like, for tests. */

import { Buffer } from "node:buffer";
import { TOKEN } from "../../web/serve.ts";

/** An answer. */
export interface Answer {
  status: number;
  /** Header fields, in lower case. */
  fields: Headers;
  body: string;
}

/** A connection that is written to byte by byte. */
export class RawClient implements Disposable {
  readonly #connection: Deno.Conn;
  /** Text that has come. */
  text = "";
  /** Whether the server has closed it. */
  isClosed = false;

  private constructor(connection: Deno.Conn) {
    this.#connection = connection;
  }

  /** Connects. */
  static async open(port: number): Promise<RawClient> {
    return new RawClient(await Deno.connect({ hostname: "127.0.0.1", port }));
  }

  /** Sends text; one that the server no longer takes is none. */
  async send(text: string): Promise<void> {
    const bytes = new TextEncoder().encode(text);
    try {
      for (let at = 0; at < bytes.length;) at += await this.#connection.write(bytes.subarray(at));
    } catch {
      this.isClosed = true;
    }
  }

  /** Reads until what has come fulfils a condition, or the connection ends. */
  async until(condition: (text: string) => boolean): Promise<string> {
    const buffer = new Uint8Array(65_536);
    while (!condition(this.text) && !this.isClosed) {
      let count: number | null;
      try {
        count = await this.#connection.read(buffer);
      } catch {
        count = null;
      }
      if (count === null) this.isClosed = true;
      else this.text += Buffer.from(buffer.subarray(0, count)).toString("latin1");
    }
    return this.text;
  }

  /** Reads to the end. */
  toEnd(): Promise<string> {
    return this.until(() => false);
  }

  [Symbol.dispose](): void {
    this.#connection.close();
  }
}

/**
 * Asks for an address.
 *
 * @param target Request target, sent as it is.
 * @param fields Header fields; one that is undefined is left out.
 */
export async function ask(
  port: number,
  target: string,
  fields: Record<string, string | undefined> = {},
  method = "GET",
): Promise<Answer> {
  using client = await RawClient.open(port);
  const all = {
    host: `127.0.0.1:${port}`,
    authorization: `Bearer ${TOKEN}`,
    connection: "close",
    ...fields,
  };
  const lines = Object.entries(all).filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}: ${value}\r\n`).join("");
  await client.send(`${method} ${target} HTTP/1.1\r\n${lines}\r\n`);
  return parse(await client.toEnd());
}

function parse(text: string): Answer {
  const at = text.indexOf("\r\n\r\n");
  const [first = "", ...lines] = text.slice(0, at).split("\r\n");
  return {
    status: Number(first.split(" ")[1] ?? 0),
    fields: new Headers(
      lines.map((line): [string, string] => {
        const colon = line.indexOf(":");
        return [line.slice(0, colon), line.slice(colon + 1)];
      }),
    ),
    body: at < 0 ? "" : text.slice(at + 4),
  };
}

/** Begins to listen to events; resolves once the first one has come. */
export async function listen(port: number, query = "kind=packet"): Promise<RawClient> {
  const client = await RawClient.open(port);
  await client.send(
    `GET /api/live?${query} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${TOKEN}\r\n\r\n`,
  );
  await client.until((text) => text.includes("\ndata: "));
  return client;
}
