/**
 * Connects to a server, with TLS or without (PostgreSQL documentation, "Message Flow", "SSL Session
 * Encryption").
 */

import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { ConnectError } from "../server/connect_failure.ts";
import { tlsOptions } from "../server/encryption.ts";
import { type Connection, socketPath } from "./connection.ts";

/** Length 8, code 80877103. */
const SSL_REQUEST = new Uint8Array([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);
/** The server's answers to it. */
const [WILLING, UNWILLING] = ["S", "N"];

/** Returns whether `sslmode` leaves it to the server whether there is TLS. */
export function hasChoice(connection: Connection): boolean {
  return socketPath(connection) === undefined && ["allow", "prefer"].includes(connection.sslMode);
}

/**
 * Connects to a host.
 *
 * @param turned Whether to connect in the other way where `sslmode` leaves a choice.
 * @throws {ConnectError} Or the error of the network, if that fails.
 */
export async function connectTo(connection: Connection, turned: boolean): Promise<Socket> {
  const { sslMode } = connection;
  const plainFirst = sslMode === "disable" || sslMode === "allow";
  if (socketPath(connection) !== undefined || plainFirst !== turned) {
    return await within(connection, dial);
  }
  try {
    return await within(connection, dialEncrypted);
  } catch (error) {
    if (!hasChoice(connection) || !isAboutTls(error)) throw error;
    return await within(connection, dial);
  }
}

/** Aborts an attempt at the timeout. */
async function within(
  connection: Connection,
  dial: (connection: Connection, onSocket: (socket: Socket) => void) => Promise<Socket>,
): Promise<Socket> {
  let current: Socket | undefined;
  const late = () => current?.destroy(new ConnectError("CONNECT_TIMEOUT", "no answer"));
  const timeout = connection.connectTimeoutMs;
  const timer = timeout > 0 ? setTimeout(late, timeout) : undefined;
  try {
    return await dial(connection, (socket) => current = socket);
  } catch (error) {
    current?.destroy();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

async function dial(connection: Connection, onSocket: (socket: Socket) => void): Promise<Socket> {
  const { host, address = host, port, keepAliveMs } = connection;
  const path = socketPath(connection);
  const socket = path === undefined ? connect({ host: address, port }) : connect({ path });
  // Between two steps there is no listener, and the next step fails by itself.
  socket.on("error", () => {});
  onSocket(socket);
  await first(socket, "connect");
  // A small message must not wait for the answer to the one before (RFC 896).
  socket.setNoDelay(true);
  if (path === undefined && keepAliveMs > 0) socket.setKeepAlive(true, keepAliveMs);
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

/** Returns the error of a connection that the server has closed. */
export function hungUp(): ConnectError {
  return new ConnectError("CONNECTION_CLOSED", "the server hung up");
}
