/** New process of a takeover: receives the sockets of the old one. */

import { closeDescriptor } from "../../ffi/descriptor.ts";
import { ownUser, type Peer, UnixSocket } from "../../ffi/unix_socket.ts";
import { NetlinkError } from "../errors.ts";
import { InheritedSockets } from "./inherited_sockets.ts";
import {
  decodeMessage,
  encodeMessage,
  isTrusted,
  MESSAGE_MAX,
  newNonce,
  takeoverAddress,
  takeoverError,
  takeoverRequest,
} from "./protocol.ts";
import { decodeState, type LiveSource } from "./state.ts";

/** Time for the old process to answer, in milliseconds. */
const ANSWER_MS = 5000;
/** Time for the old process to leave, or to lose patience, in milliseconds. */
const KEPT_MS = 15_000;

/** Connection to the old process. */
export class HandoverClient implements AsyncDisposable {
  /** Process id of the old process. */
  readonly pid: number;
  readonly #statsPath: string;
  readonly #socket: UnixSocket;
  #answer: Promise<boolean> | undefined;

  private constructor(statsPath: string, socket: UnixSocket, pid: number) {
    this.#statsPath = statsPath;
    this.#socket = socket;
    this.pid = pid;
  }

  /**
   * Requests the sockets of the running process. Called after all slow steps of the start: once
   * this returns, the old process receives no more packets.
   *
   * @param statsPath The old process' socket for counters.
   * @param users Users that it may run as, beside root and this process' own.
   * @returns Connection; undefined if no process listens there, so that there is nothing to take
   * over.
   * @throws {InputError} If it does not answer or is not trusted: it continues.
   */
  static async request(
    statsPath: string,
    users: readonly number[] = [],
  ): Promise<HandoverClient | undefined> {
    await using opened = new AsyncDisposableStack();
    const stats = opened.use(UnixSocket.open("stream"));
    if (!connectIfThere(stats, statsPath)) return undefined;
    const nonce = newNonce();
    const listener = opened.use(UnixSocket.open("packets"));
    listener.bind(takeoverAddress(nonce));
    listener.listen();
    stats.send(takeoverRequest(nonce));
    const { pid } = stats.peer;
    const socket = await acceptPeer(listener, statsPath, (peer) => {
      return peer.pid === pid && isTrusted(peer, [ownUser(), ...users]);
    });
    return new HandoverClient(statsPath, socket, pid);
  }

  /**
   * Waits for the sockets: the old process first writes all received packets.
   *
   * @param timeoutMs Longest duration, in milliseconds.
   * @returns Sockets; the old process has then closed its files, and waits for {@linkcode confirm}.
   * @throws {InputError} If it ended before, or takes too long: its sockets are lost, or still its
   * own.
   */
  async receive(timeoutMs: number): Promise<InheritedSockets> {
    const sources: LiveSource[] = [];
    const deadlineMs = performance.now() + timeoutMs;
    try {
      for (;;) {
        await this.#socket.wait(deadlineMs - performance.now());
        const { bytes, descriptors } = this.#next();
        const isDone = decodeMessage(bytes)?.done === true;
        if (isDone) return new InheritedSockets(sources);
        const state = decodeState(bytes) ?? [];
        descriptors.slice(state.length).forEach(closeDescriptor);
        state.slice(0, descriptors.length).forEach((source, index) =>
          sources.push({ ...source, descriptor: descriptors[index]! })
        );
      }
    } catch (error) {
      new InheritedSockets(sources)[Symbol.dispose]();
      throw error;
    }
  }

  /**
   * Rejects if the old process reads again before {@linkcode confirm}: it has waited too long.
   *
   * @throws {InputError} The reason.
   */
  async refused(): Promise<never> {
    if (await this.#isKept()) throw this.#keptError();
    return await new Promise(() => {});
  }

  /**
   * Tells the old process that this one has opened everything and is about to read, and waits until
   * it has left: its files for the process id and its socket for counters are free then.
   *
   * @throws {InputError} If the old process reads again.
   */
  async confirm(): Promise<void> {
    try {
      this.#socket.send(encodeMessage({ reads: true }));
    } catch {
      // It has ended: nothing else has the sockets.
    }
    if (await this.#isKept()) throw this.#keptError();
  }

  /** Waits until the old process has left, or keeps its sockets. */
  #isKept(): Promise<boolean> {
    return this.#answer ??= (async () => {
      await this.#socket.wait(KEPT_MS);
      const message = this.#socket.receive();
      return message !== undefined && decodeMessage(message.bytes)?.kept === true;
    })();
  }

  #keptError(): Error {
    return takeoverError(
      this.#statsPath,
      `process ${this.pid} has waited too long until everything was open here, and goes on; ` +
        "see which output does not open",
    );
  }

  /** Closes the connection. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#socket.close();
  }

  #next(): NonNullable<ReturnType<UnixSocket["receive"]>> {
    const message = this.#socket.receive(MESSAGE_MAX);
    if (message === undefined) {
      throw takeoverError(
        this.#statsPath,
        `process ${this.pid} does not finish writing what it has received; stop it, and start without --takeover`,
      );
    }
    if (message.bytes.length === 0) {
      throw takeoverError(
        this.#statsPath,
        `process ${this.pid} ended before it sent its sockets; start without --takeover`,
      );
    }
    return message;
  }
}

/** Connects; returns whether a process listens there. */
function connectIfThere(socket: UnixSocket, path: string): boolean {
  try {
    socket.connect(path);
    return true;
  } catch (error) {
    if (!(error instanceof NetlinkError)) throw error;
    if (error.code === "ENOENT" || error.code === "ECONNREFUSED") return false;
    throw takeoverError(path, `${error.message}; only root and the user that runs it may`);
  }
}

/** Waits for the old process to connect, and confirms the takeover. */
async function acceptPeer(
  listener: UnixSocket,
  statsPath: string,
  isExpected: (peer: Peer) => boolean,
): Promise<UnixSocket> {
  const deadlineMs = performance.now() + ANSWER_MS;
  while (await listener.wait(deadlineMs - performance.now())) {
    const socket = listener.accept();
    if (socket === undefined) continue;
    if (isExpected(socket.peer) && await isReady(socket, deadlineMs)) {
      socket.send(encodeMessage({ go: true, confirms: true }));
      return socket;
    }
    await socket.close();
  }
  throw takeoverError(
    statsPath,
    `there was no answer in ${
      ANSWER_MS / 1000
    } s; it goes on. It hangs, is about to end, has no NFLOG source, ` +
      "or is too old for that: stop it, and start without --takeover",
  );
}

async function isReady(socket: UnixSocket, deadlineMs: number): Promise<boolean> {
  await socket.wait(deadlineMs - performance.now());
  const message = socket.receive();
  return message !== undefined && decodeMessage(message.bytes)?.ready === true;
}
