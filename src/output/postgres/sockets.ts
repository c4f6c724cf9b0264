/**
 * Opens sockets to the first usable server.
 *
 * Postgres.js could open them itself, but does not end if a server has no TLS, treats `allow` as
 * `require`, and reconnects without a pause if a server hangs up before it has sent anything.
 */

import { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import { TLSSocket } from "node:tls";
import { concat } from "../../bytes/write.ts";
import { ConnectError } from "../server/connect_failure.ts";
import { type Connection, eachHost } from "./connection.ts";
import { connectTo, hasChoice, hungUp } from "./dial.ts";
import { type Change, Login } from "./login.ts";
import { type HostFailure, NoHostError } from "./no_host_error.ts";
import { ScramPlus } from "./scram_plus.ts";
import { ServerMessages } from "./server_messages.ts";

/** Types of messages that end a login. */
const [READY, ERROR] = ["Z", "E"];

/** Receives the events of a client's sockets. */
export interface SocketEvents {
  /** Called with each socket that is opened. */
  onOpen?: (socket: Duplex) => void;
  /** Called if a pooler refuses settings of the startup message, before another attempt. */
  onSettingsRefused?: () => void;
}

/**
 * Opens the sockets of one client. A socket that turns out to be unusable during its login is
 * destroyed without an error: Postgres.js then asks for another one by itself.
 */
export class Sockets {
  readonly #hosts: readonly Connection[];
  readonly #events: SocketEvents;
  /** Failures of the hosts before the current one. */
  #failures: HostFailure[] = [];
  /** Whether the next socket to the current host is of the other kind, encrypted or not. */
  #turned = false;
  #hasSettings = true;

  constructor(connection: Connection, events: SocketEvents = {}) {
    this.#hosts = eachHost(connection);
    this.#events = events;
  }

  /** The password of the host whose login goes on. */
  get password(): string {
    return this.#hosts[this.#failures.length]?.password ?? "";
  }

  /** Opens a socket. If that fails, the returned one throws when it is written to. */
  async open(): Promise<Duplex> {
    for (let host; (host = this.#hosts[this.#failures.length]) !== undefined;) {
      try {
        const socket = await connectTo(host, this.#turned);
        this.#watch(socket, host);
        this.#events.onOpen?.(socket);
        return socket;
      } catch (error) {
        this.#fail(host, error);
      }
    }
    const [first, ...others] = this.#failures;
    this.#startOver();
    return broken(others.length === 0 ? first!.error : new NoHostError([first!, ...others]));
  }

  /** Decides by the login whether to use a socket. */
  #watch(socket: Socket, host: Connection): void {
    let isOver = false;
    const end = () => {
      isOver = true;
      clearTimeout(timer);
    };
    const login = new Login({
      target: host.target,
      changes: this.#changes(host),
      ...host.bindsChannel && {
        scram: () => new ScramPlus(host.password ?? "", certificateOf(socket)),
      },
    });
    const leave = (error: Error) => {
      end();
      this.#fail(host, error);
      // Without an error, for another attempt; if no host is left, that one fails with all of them.
      socket.destroy();
    };
    const take = (type: string, body: Uint8Array): boolean => {
      if (isOver) return false;
      const decision = login.take(type, body);
      if (decision === "pass") {
        if (type === READY || type === ERROR) {
          end();
          this.#startOver();
        }
        return true;
      }
      if ("change" in decision && decision.change !== "host") {
        end();
        if (decision.change === "encryption") this.#turned = true;
        else this.#refuseSettings();
        socket.destroy();
      } else if ("error" in decision) {
        leave(decision.error);
      } else if (decision.answer !== undefined) {
        socket.write(decision.answer);
      }
      return false;
    };
    const late = () => leave(new ConnectError("CONNECT_TIMEOUT", "no answer"));
    const { connectTimeoutMs } = host;
    const timer = connectTimeoutMs > 0 ? setTimeout(late, connectTimeoutMs) : undefined;
    guard(socket, new ServerMessages(take), (error) => {
      const isEarly = !isOver;
      if (isEarly) leave(error);
      return isEarly;
    });
    socket.once("end", () => isOver ? socket.destroy(hungUp()) : leave(hungUp()));
    socket.once("close", () => clearTimeout(timer));
  }

  /** Returns the changes that are possible. */
  #changes(host: Connection): ReadonlySet<Change> {
    const changes = new Set<Change>();
    if (hasChoice(host) && !this.#turned) changes.add("encryption");
    if (this.#hasSettings) changes.add("settings");
    if (this.#hosts.length > 1) changes.add("host");
    return changes;
  }

  #refuseSettings(): void {
    this.#hasSettings = false;
    this.#events.onSettingsRefused?.();
  }

  #fail(connection: Connection, error: unknown): void {
    this.#failures.push({ connection, error });
    this.#turned = false;
  }

  #startOver(): void {
    this.#failures = [];
    this.#turned = false;
  }
}

/**
 * Returns the server's certificate in DER format.
 *
 * @throws {ConnectError} If the connection is not encrypted.
 */
function certificateOf(socket: Socket): Uint8Array {
  const raw = socket instanceof TLSSocket ? socket.getPeerCertificate()?.raw : undefined;
  if (raw !== undefined) return new Uint8Array(raw);
  throw new ConnectError(
    "NO_BINDING",
    "channel_binding is require, and the connection is not encrypted; set sslmode=require",
  );
}

/**
 * Passes on only valid messages of PostgreSQL, and errors that `takeError` does not take; after an
 * invalid message the connection ends. `emit` is the one place before all listeners; a stream in
 * between would copy the data that is sent, too.
 */
function guard(
  socket: Socket,
  messages: ServerMessages,
  takeError: (error: Error) => boolean,
): void {
  const emit = socket.emit.bind(socket) as (event: string, ...values: unknown[]) => boolean;
  socket.emit = (event: string, ...values: unknown[]): boolean => {
    if (event === "error" && takeError(values[0] as Error)) return true;
    if (event !== "data") return emit(event, ...values);
    if (socket.destroyed) return false;
    const parts: Uint8Array[] = [];
    const problem = socket.listenerCount("data") === 0
      ? "it sends data before any request"
      : messages.look(values[0] as Uint8Array, (part) => parts.push(part));
    if (problem !== undefined) socket.destroy(new ConnectError("BAD_MESSAGE", problem));
    // Parts of an answer to a login that was refused are of no use.
    if (problem !== undefined || parts.length === 0 || socket.destroyed) return false;
    return emit(event, Buffer.from(concat(parts).buffer));
  };
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
