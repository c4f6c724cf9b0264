/** Requests to a server over its HTTP interface. */

import { gzipSync } from "node:zlib";
import { ConnectError } from "../server/connect_failure.ts";
import { tlsOptions } from "../server/encryption.ts";
import { type Connection, describeConnection, requestUrl } from "./connection.ts";
import {
  answerError,
  exceptionIn,
  NOT_CLICKHOUSE,
  requestError,
  ServerError,
} from "./server_error.ts";
import { type Server, serverOf } from "./version.ts";

/** The most bytes of an answer: nfscribe asks for little. */
const ANSWER_MOST = 4 * 1024 * 1024;

/** A row of an answer, by column; numbers of 64 bits may be text. */
export type Row = Readonly<Record<string, string | number | null>>;

/** Settings of a statement (ClickHouse documentation, "Session Settings"). */
export type StatementSettings = Readonly<Record<string, string | number>>;

/** Body of an insert. */
export interface InsertBody {
  /** Its statement, with a format. */
  statement: string;
  /** The rows: pieces, which are no longer needed once the next one is asked for. */
  pieces: AsyncIterable<Uint8Array<ArrayBuffer>>;
  /** Whether they are compressed on their way. */
  compression: "none" | "gzip";
  settings: StatementSettings;
}

/** A server and a user; each request has a connection of its own. */
export class Client {
  readonly #to: Connection;
  readonly #http: Deno.HttpClient;
  readonly #given = new AbortController();
  #server: Server | undefined;

  private constructor(to: Connection) {
    this.#to = to;
    const { ca, cert, key } = to.sslMode === "disable" ? {} : tlsOptions(to);
    this.#http = Deno.createHttpClient({
      // Over a connection that was used before, Deno sends a request again by itself when it is cut, also
      // one that the server has run.
      poolMaxIdlePerHost: 0,
      ...ca !== undefined && { caCerts: ca as string[] },
      ...cert !== undefined && key !== undefined && { cert: `${cert}`, key: `${key}` },
    });
  }

  /**
   * Connects: asks the server for its version.
   *
   * @throws {OutputError} If it is too old.
   * @throws The error of the server or the network.
   */
  static async open(to: Connection): Promise<Client> {
    const client = new Client(to);
    try {
      const limit = to.connectTimeoutMs > 0 ? AbortSignal.timeout(to.connectTimeoutMs) : undefined;
      const [row] = await client.rows("SELECT version() AS version", {}, limit);
      client.#server = serverOf(String(row?.version), describeConnection(to));
      if (client.#server === undefined) throw new ConnectError("OTHER_SERVER", "no version");
      return client;
    } catch (error) {
      client.close();
      throw error;
    }
  }

  /** The server, as it said. */
  get server(): Server {
    return this.#server!;
  }

  /** Runs a statement that changes something. */
  async run(statement: string, settings: StatementSettings = {}): Promise<void> {
    await textOf(await this.#post(settings, statement));
  }

  /** Runs a query; returns its rows. */
  async rows(
    query: string,
    settings: StatementSettings = {},
    limit?: AbortSignal,
  ): Promise<Row[]> {
    const text = await textOf(await this.#post(settings, jsonQuery(query), {}, limit));
    return text.split("\n").filter((line) => line !== "").map(rowOf);
  }

  /** Runs a query whose rows are taken one by one; leaving early ends the request. */
  async *stream(query: string, settings: StatementSettings): AsyncGenerator<Row> {
    const response = await this.#post(settings, jsonQuery(query));
    const decoder = new TextDecoder();
    let rest = "";
    try {
      for await (const chunk of response.body ?? []) {
        const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
        rest = lines.pop()!;
        if (rest.length > ANSWER_MOST) throw endless();
        for (const line of lines) if (line !== "") yield rowOf(line);
      }
    } catch (error) {
      throw requestError(error);
    }
    if (rest !== "") yield rowOf(rest);
  }

  /**
   * Inserts rows, as they are made.
   *
   * @throws The error of the server, the network, or of making rows.
   */
  async insert({ statement, pieces, compression, settings }: InsertBody): Promise<void> {
    const isGzip = compression === "gzip";
    let failure: { error: unknown } | undefined;
    async function* body(): AsyncGenerator<Uint8Array<ArrayBuffer>> {
      try {
        for await (const piece of pieces) {
          yield isGzip ? new Uint8Array(gzipSync(piece, { level: 1 })) : piece;
          // Deno has taken it: what it has sent need not wait for the garbage collection.
          if (!isGzip) piece.buffer.transfer(0);
        }
      } catch (error) {
        failure = { error };
        throw error;
      }
    }
    try {
      const response = await this.#post(
        { ...settings, query: statement },
        ReadableStream.from(body()),
        isGzip ? { "content-encoding": "gzip" } : {},
      );
      await textOf(response);
    } catch (error) {
      throw failure === undefined ? error : failure.error;
    }
  }

  /** Ends the request that is under way, and each later one. */
  close(): void {
    this.#given.abort();
    this.#http.close();
  }

  async #post(
    parameters: StatementSettings,
    body: string | ReadableStream<Uint8Array>,
    headers: Readonly<Record<string, string>> = {},
    limit?: AbortSignal,
  ): Promise<Response> {
    const { database, user, password } = this.#to;
    const url = new URL(requestUrl(this.#to));
    url.searchParams.set("database", database);
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, `${value}`);
    const signals = limit === undefined ? [this.#given.signal] : [this.#given.signal, limit];
    let response: Response;
    try {
      response = await fetch(url, {
        method: "POST",
        headers: {
          "user-agent": "nfscribe",
          "x-clickhouse-user": encoded(user),
          ...password !== undefined && { "x-clickhouse-key": encoded(password) },
          ...headers,
        },
        body,
        client: this.#http,
        // The right to connect is for this server only.
        redirect: "manual",
        signal: AbortSignal.any(signals),
      });
    } catch (error) {
      throw requestError(error);
    }
    if (response.ok) return response;
    throw answerError(response.status, await textOf(response));
  }
}

/** Returns a value of a header: bytes of UTF-8, each as a character (RFC 9110 section 5.5). */
function encoded(text: string): string {
  return String.fromCharCode(...new TextEncoder().encode(text));
}

function jsonQuery(query: string): string {
  return `${query}\nFORMAT JSONEachRow`;
}

/** Parses a line of an answer; an exception may stand in place of one. */
function rowOf(line: string): Row {
  const exception = line.startsWith("{") ? undefined : exceptionIn(line);
  if (exception !== undefined) throw exception;
  try {
    return JSON.parse(line);
  } catch {
    throw new ServerError(NOT_CLICKHOUSE, "its answer is none of ClickHouse");
  }
}

/** Reads an answer. */
async function textOf(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  try {
    for await (const chunk of response.body ?? []) {
      text += decoder.decode(chunk, { stream: true });
      if (text.length > ANSWER_MOST) throw endless();
    }
  } catch (error) {
    throw requestError(error);
  }
  return text;
}

function endless(): ConnectError {
  return new ConnectError("BAD_MESSAGE", "an answer has no end");
}
