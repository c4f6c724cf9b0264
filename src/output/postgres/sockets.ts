/**
 * Opens sockets to a server, encrypted or not (PostgreSQL documentation, "Message Flow", "SSL
 * Session Encryption").
 *
 * Postgres.js could open them itself, but does not end if a server has no TLS, treats `allow` as
 * `require`, and reconnects without a pause if a server hangs up before it has sent anything.
 */

import { Buffer } from "node:buffer";
import { connect, type Socket } from "node:net";
import { Duplex } from "node:stream";
import { connect as connectTls } from "node:tls";
import { concat } from "../../bytes/write.ts";
import { ConnectError } from "../server/connect_failure.ts";
import { type Connection, socketPath } from "./connection.ts";
import { tlsOptions } from "../server/encryption.ts";
import { ServerMessages } from "./server_messages.ts";

/** Length 8, code 80877103. */
const SSL_REQUEST = new Uint8Array([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);
/** The server's answers to it. */
const [WILLING, UNWILLING] = ["S", "N"];

/** First byte of ErrorResponse, and of NoticeResponse. */
const [ERROR, NOTICE] = [0x45, 0x4e];
/** Fields of an ErrorResponse: `invalid_authorization_specification`, pg_hba.conf refuses. */
const REFUSED = "\0C28000\0";

/** Opens the sockets of one client. */
export class Sockets {
  readonly #connection: Connection;
  readonly #onOpen: (socket: Duplex) => void;
  readonly #hasChoice: boolean;
  /** Whether the last socket was refused, so that the next one is of the other kind. */
  #turned = false;

  constructor(connection: Connection, onOpen: (socket: Duplex) => void = () => {}) {
    this.#connection = connection;
    this.#onOpen = onOpen;
    this.#hasChoice = socketPath(connection) === undefined &&
      ["allow", "prefer"].includes(connection.sslMode);
  }

  /** Opens a socket. If that fails, the returned one throws when it is written to. */
  async open(): Promise<Duplex> {
    const turned = this.#turned;
    this.#turned = false;
    try {
      const socket = await this.#connect(turned);
      if (this.#hasChoice && !turned) this.#watch(socket);
      guard(socket);
      socket.once("end", () => socket.destroy(hungUp()));
      this.#onOpen(socket);
      return socket;
    } catch (error) {
      return broken(error);
    }
  }

  async #connect(turned: boolean): Promise<Socket> {
    const { sslMode } = this.#connection;
    const plainFirst = sslMode === "disable" || sslMode === "allow";
    if (socketPath(this.#connection) !== undefined || plainFirst !== turned) {
      return await this.#within(dial);
    }
    try {
      return await this.#within(dialEncrypted);
    } catch (error) {
      if (!this.#hasChoice || !isAboutTls(error)) throw error;
      return await this.#within(dial);
    }
  }

  /** Aborts an attempt at the timeout. */
  async #within(
    dial: (connection: Connection, onSocket: (socket: Socket) => void) => Promise<Socket>,
  ) {
    let current: Socket | undefined;
    const late = () => current?.destroy(new ConnectError("CONNECT_TIMEOUT", "no answer"));
    const timeout = this.#connection.connectTimeoutMs;
    const timer = timeout > 0 ? setTimeout(late, timeout) : undefined;
    try {
      return await dial(this.#connection, (socket) => current = socket);
    } catch (error) {
      current?.destroy();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  /**
   * Tries the other kind of connection if pg_hba.conf refuses this one. For Postgres.js the error
   * becomes a notice: it then reconnects by itself.
   */
  #watch(socket: Socket): void {
    socket.once("data", (bytes: Uint8Array) => {
      if (bytes[0] !== ERROR || !new TextDecoder().decode(bytes).includes(REFUSED)) return;
      bytes[0] = NOTICE;
      this.#turned = true;
      socket.destroy();
    });
  }
}

async function dial(connection: Connection, onSocket: (socket: Socket) => void): Promise<Socket> {
  const { host, address = host, port } = connection;
  const path = socketPath(connection);
  const socket = path === undefined ? connect({ host: address, port }) : connect({ path });
  // Between two steps there is no listener, and the next step fails by itself.
  socket.on("error", () => {});
  onSocket(socket);
  await first(socket, "connect");
  // A small message must not wait for the answer to the one before (RFC 896).
  socket.setNoDelay(true);
  return socket;
}

async function dialEncrypted(
  connection: Connection,
  onSocket: (socket: Socket) => void,
): Promise<Socket> {
  const options = tlsOptions(connection);
  const plain = await dial(connection, onSocket);
  plain.write(SSL_REQUEST);
  const answer = String.fromCharCode(...await first<Uint8Array>(plain, "data"));
  if (answer === UNWILLING) throw new ConnectError("NO_TLS", "the server has no TLS");
  // More than one letter was not encrypted, and would be trusted as if it were.
  if (answer !== WILLING) throw new ConnectError("OTHER_SERVER", "this is no PostgreSQL");
  try {
    const socket = connectTls({ ...options, socket: plain });
    socket.on("error", () => {});
    onSocket(socket);
    await first(socket, "secureConnect");
    return socket;
  } catch (cause) {
    if (cause instanceof ConnectError && cause.code === "CONNECT_TIMEOUT") throw cause;
    throw new ConnectError("TLS_FAILED", "TLS failed", { cause });
  }
}

/**
 * Passes on only valid messages of PostgreSQL; after an invalid one the connection ends. `emit` is
 * the one place before all listeners; a stream in between would copy the data that is sent, too.
 */
function guard(socket: Socket): void {
  const messages = new ServerMessages();
  const emit = socket.emit.bind(socket) as (event: string, ...values: unknown[]) => boolean;
  socket.emit = (event: string, ...values: unknown[]): boolean => {
    if (event !== "data") return emit(event, ...values);
    if (socket.destroyed) return false;
    const parts: Uint8Array[] = [];
    const problem = socket.listenerCount("data") === 0
      ? "it sends data before any request"
      : messages.look(values[0] as Uint8Array, (part) => parts.push(part));
    if (problem !== undefined) socket.destroy(new ConnectError("BAD_MESSAGE", problem));
    if (problem !== undefined || parts.length === 0) return false;
    return emit(event, Buffer.from(concat(parts).buffer));
  };
}

function isAboutTls(error: unknown): boolean {
  return error instanceof ConnectError && (error.code === "NO_TLS" || error.code === "TLS_FAILED");
}

/** Waits for an event. */
function first<Value = void>(socket: Socket, event: string): Promise<Value> {
  return new Promise((resolve, reject) => {
    const settle = (then: () => void) => {
      socket.off(event, succeed).off("error", fail).off("end", end);
      then();
    };
    const succeed = (value: Value) => settle(() => resolve(value));
    const fail = (error: Error) => settle(() => reject(error));
    const end = () => fail(hungUp());
    socket.on(event, succeed).on("error", fail).on("end", end);
  });
}

function hungUp(): ConnectError {
  return new ConnectError("CONNECTION_CLOSED", "the server hung up");
}

/** Creates a socket that fails on use; Postgres.js cannot handle a missing one. */
function broken(error: unknown): Duplex {
  const reason = error instanceof Error ? error : new Error(String(error));
  return new Duplex({
    read() {},
    write(_chunk, _encoding, callback) {
      callback(reason);
    },
  });
}
