/** Connections through mysql2. */

import { connect } from "node:net";
import { type Duplex, Readable } from "node:stream";
import { type Connection as MysqlConnection, createConnection } from "mysql2";
import { type ConnectCode, ConnectError } from "../server/connect_failure.ts";
import { tlsOptions } from "../server/encryption.ts";
import { withoutEnvironment } from "../server/no_environment.ts";
import { logins } from "./logins.ts";
import { type Connection, socketPath } from "./connection.ts";

/** Settings of every session. */
const SETTINGS = [
  // Rows that do not fit are errors, and backslashes escape.
  "sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION'",
  "time_zone = '+00:00'",
  "autocommit = 1",
  // Seconds that statements wait for locks: of rows, and of tables.
  "innodb_lock_wait_timeout = 10",
  "lock_wait_timeout = 10",
];

/** The most bytes of an answer: nfscribe asks for little. */
const ANSWER_MOST = 4 * 1024 * 1024;

/** Result of a statement that changes data. */
export interface Changed {
  affectedRows: number;
  /** Number of warnings. */
  warningStatus: number;
}

/** A row of an answer, by column. */
export type Row = Readonly<Record<string, unknown>>;

/** One connection; statements run one after the other. */
export class Client {
  readonly #connection: MysqlConnection;
  #received = 0;
  #failure: Error | undefined;

  private constructor(connection: MysqlConnection) {
    this.#connection = connection;
    // The statement that waits has the error as well.
    connection.on("error", () => {});
    connection.on("warn", withoutNextMessage);
  }

  /**
   * Connects, with TLS as `sslmode` says.
   *
   * @throws The error of the server or the network, or a {@linkcode ConnectError}.
   */
  static async open(to: Connection): Promise<Client> {
    const client = await Client.#attempt(to).catch((error) => {
      // A server that hangs up while TLS still writes may leave no other trace of its reason.
      if (error.code === "ECANCELED") return Client.#attempt(to);
      throw error;
    });
    const { connectTimeoutMs } = to;
    const timeout = connectTimeoutMs > 0
      ? setTimeout(() => client.#fail("CONNECT_TIMEOUT", "no answer in time"), connectTimeoutMs)
      : undefined;
    try {
      await client.run(`SET SESSION ${SETTINGS.join(", ")}`);
      return client;
    } catch (error) {
      client.close();
      throw error;
    } finally {
      clearTimeout(timeout);
    }
  }

  /** Connects once, or with `prefer` twice. */
  static async #attempt(to: Connection): Promise<Client> {
    const wantsTls = socketPath(to) === undefined && to.sslMode !== "disable";
    try {
      return await Client.#open(to, wantsTls);
    } catch (error) {
      if (!wantsTls || to.sslMode !== "prefer" || !isAboutTls(error)) throw explained(error);
    }
    return await Client.#open(to, false);
  }

  static #open(to: Connection, encrypted: boolean): Promise<Client> {
    const { host, port, database, user, password, connectTimeoutMs } = to;
    const path = socketPath(to);
    const ssl = encrypted ? sslOf(to) : undefined;
    const socket = path === undefined ? connect({ host, port }) : connect({ path });
    // node:tls takes it for the name in the certificate where mysql2 names none: for addresses.
    Object.assign(socket, { _host: host });
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 30_000);
    const { promise, resolve, reject } = Promise.withResolvers<Client>();
    const connection = withoutEnvironment(() =>
      createConnection(
        {
          stream: () => socket,
          ...path !== undefined && { socketPath: path },
          ...ssl !== undefined && { ssl },
          host,
          user,
          database,
          ...password !== undefined && { password },
          charset: "utf8mb4",
          connectTimeout: connectTimeoutMs,
          supportBigNumbers: true,
          dateStrings: true,
          disableEval: true,
          trace: false,
          authPlugins: logins(
            encrypted || path !== undefined,
            () => client.#fail("PASSWORD_ASKED", "the server asks for the password itself"),
          ),
          // A server must not ask for files unasked.
          infileStreamFactory: () => Readable.from([]),
        } as unknown as Parameters<typeof createConnection>[0],
      )
    );
    const client = new Client(connection);
    client.#bound(socket);
    connection.once("connect", () => {
      const stream = client.#stream;
      // TLS has replaced it.
      if (stream !== socket) client.#bound(stream);
      resolve(client);
    });
    connection.on("error", (error: Error) => {
      socket.destroy();
      reject(client.#failure ?? error);
    });
    return promise;
  }

  /** Runs a statement that changes something. */
  async run(statement: string, values: readonly unknown[] = []): Promise<Changed> {
    return await this.#query({ sql: statement, values }) as Changed;
  }

  /** Runs a query; returns its rows. */
  async rows(query: string, values: readonly unknown[] = []): Promise<Row[]> {
    return await this.#query({ sql: query, values }) as Row[];
  }

  /** Runs a query whose rows are taken one by one; leaving early ends the connection. */
  async *stream(query: string): AsyncGenerator<Row> {
    this.#received = 0;
    const rows = this.#connection.query({ sql: query }).stream();
    let isDone = false;
    try {
      for await (const row of rows) {
        // The limit is one of a row here.
        this.#received = 0;
        yield row;
      }
      isDone = true;
    } catch (error) {
      throw this.#failure ?? error;
    } finally {
      if (!isDone) this.close();
    }
  }

  /**
   * Runs `LOAD DATA LOCAL`, whose data comes from this side.
   *
   * @param pieces Parts of the data; no more than the server accepts are taken.
   */
  async load(statement: string, pieces: Iterable<Uint8Array>): Promise<Changed> {
    const stream = this.#stream;
    // mysql2 writes whatever it gets at once: the stream must be as slow as the server.
    async function* paced(): AsyncGenerator<Uint8Array> {
      for (const piece of pieces) {
        if (stream.writableNeedDrain) {
          await new Promise<void>((resolve) => {
            const done = () => {
              stream.off("drain", done).off("close", done);
              resolve();
            };
            stream.on("drain", done).on("close", done);
          });
        }
        if (stream.destroyed) return;
        yield piece;
      }
    }
    return await this.#query({
      sql: statement,
      infileStreamFactory: () => Readable.from(paced(), { objectMode: true, highWaterMark: 1 }),
    }) as Changed;
  }

  /** Ends the connection at once; what waits for an answer is rejected. */
  close(): void {
    this.#connection.destroy();
    this.#stream.destroy(new ConnectError("CONNECTION_CLOSED", "the connection was given up"));
  }

  get #stream(): Duplex {
    return (this.#connection as unknown as { stream: Duplex }).stream;
  }

  #query(options: object): Promise<unknown> {
    this.#received = 0;
    return new Promise((resolve, reject) => {
      this.#connection.query(options as never, (error: Error | null, result: unknown) => {
        if (error) reject(this.#failure ?? error);
        else resolve(result);
      });
    });
  }

  /** Limits what a server may send as one answer: it is kept until its end. */
  #bound(stream: Duplex): void {
    stream.on("data", (bytes: Uint8Array) => {
      this.#received += bytes.length;
      if (this.#received <= ANSWER_MOST) return;
      this.#fail("BAD_MESSAGE", "an answer has no end");
    });
  }

  /** Gives up the connection; what waits for an answer is rejected with this error. */
  #fail(code: ConnectCode, message: string): void {
    this.#failure ??= new ConnectError(code, message);
    this.#stream.destroy(this.#failure);
  }
}

/** Keeps mysql2 from writing a packet that is out of order to the console, as it does right after its event. */
function withoutNextMessage(): void {
  const { error } = console;
  console.error = () => {
    console.error = error;
  };
}

/** Returns mysql2's options for TLS. */
function sslOf(to: Connection): Record<string, unknown> {
  const { ca, cert, key, minVersion, rejectUnauthorized, checkServerIdentity } = tlsOptions(to);
  return {
    ...ca !== undefined && { ca },
    ...cert !== undefined && { cert },
    ...key !== undefined && { key },
    minVersion,
    rejectUnauthorized: rejectUnauthorized ?? true,
    verifyIdentity: rejectUnauthorized !== false && checkServerIdentity === undefined,
  };
}

function isAboutTls(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return code === "HANDSHAKE_NO_SSL_SUPPORT" || code === "HANDSHAKE_SSL_ERROR";
}

/** Returns the errors of TLS as the other servers have them. */
function explained(error: unknown): unknown {
  const { code } = error as { code?: unknown };
  if (code === "HANDSHAKE_NO_SSL_SUPPORT") {
    return new ConnectError("NO_TLS", "the server has no TLS", { cause: error });
  }
  if (code === "HANDSHAKE_SSL_ERROR") {
    return new ConnectError("TLS_FAILED", "TLS failed", { cause: withCode(error as Error) });
  }
  return error;
}

/** Beginnings of OpenSSL's and Node's messages about certificates, by code. */
const TLS_MESSAGES: readonly (readonly [start: RegExp, code: string])[] = [
  [/^self[- ]signed certificate in/, "SELF_SIGNED_CERT_IN_CHAIN"],
  [/^self[- ]signed/, "DEPTH_ZERO_SELF_SIGNED_CERT"],
  [/^unable to (verify|get)/, "UNABLE_TO_VERIFY_LEAF_SIGNATURE"],
  [/^Hostname\/IP does not match/, "ERR_TLS_CERT_ALTNAME_INVALID"],
];

/** Returns an error of TLS with its code, in whose place mysql2 has put one of its own. */
function withCode({ message }: Error): Error {
  const [, code] = TLS_MESSAGES.find(([start]) => start.test(message)) ?? [];
  return Object.assign(new Error(message), code !== undefined && { code });
}
