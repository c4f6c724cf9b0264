/** Sends notifications to a service manager (`sd_notify(3)`, `NOTIFY_SOCKET`). */

import { messageOf } from "../errors.ts";
import { monotonicMicroseconds } from "../../ffi/clock.ts";
import { UnixSocket } from "../../ffi/unix_socket.ts";

/** Characters that a status or a descriptor's name must not contain. */
// deno-lint-ignore no-control-regex
const CONTROL = /[\x00-\x1f\x7f]+/g;

/** Notifies the manager. Without one it does nothing, and does not load the C library. */
export class Notifier implements AsyncDisposable {
  readonly #address: string;
  readonly #socket: UnixSocket | undefined;
  readonly #warn: (message: string) => void;
  /** Whether the warning was logged that the manager does not listen. */
  #hasFailed = false;

  private constructor(
    address: string,
    socket: UnixSocket | undefined,
    warn: (message: string) => void,
  ) {
    this.#address = address;
    this.#socket = socket;
    this.#warn = warn;
  }

  /**
   * Creates a notifier.
   *
   * @param address Address of the manager: a path, or `@` and a name; undefined without a manager.
   * @param warn Called once if the manager does not listen.
   * @throws {NetlinkError} If the kernel refuses a socket.
   */
  static open(address: string | undefined, warn: (message: string) => void): Notifier {
    const socket = address === undefined ? undefined : UnixSocket.open("datagram");
    return new Notifier(address ?? "", socket, warn);
  }

  /** Whether there is a manager. */
  get isActive(): boolean {
    return this.#socket !== undefined;
  }

  /** Notifies that packets are received; also ends {@linkcode reloading}. */
  ready(status?: string): void {
    this.#send(["READY=1", ...statusLine(status)]);
  }

  /** Notifies that the configuration is reloaded, until {@linkcode ready}. */
  reloading(): void {
    if (this.#socket === undefined) return;
    this.#send(["RELOADING=1", `MONOTONIC_USEC=${monotonicMicroseconds()}`]);
  }

  /** Notifies of the stop. */
  stopping(status?: string): void {
    this.#send(["STOPPING=1", ...statusLine(status)]);
  }

  /** Sets the text that `systemctl status` shows. */
  status(text: string): void {
    this.#send(statusLine(text));
  }

  /** Sends the watchdog's keep-alive; does not block if the manager is slow. */
  watchdog(): void {
    this.#send(["WATCHDOG=1"], [], false);
  }

  /** Notifies that another process is the main process from now on. */
  mainPid(pid: number): void {
    this.#send([`MAINPID=${pid}`]);
  }

  /**
   * Stores a descriptor for the next start. A descriptor that is stored already is not duplicated.
   *
   * @param name Name, as in `nflog-1`: it must not contain a colon.
   */
  store(name: string, descriptor: number): void {
    // Without FDPOLL=0 the manager removes a socket with a pending error.
    this.#send(["FDSTORE=1", `FDNAME=${name}`, "FDPOLL=0"], [descriptor]);
  }

  /** Removes a descriptor from the store. */
  remove(name: string): void {
    this.#send(["FDSTOREREMOVE=1", `FDNAME=${name}`]);
  }

  /** Closes the socket. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#socket?.close();
  }

  #send(lines: readonly string[], descriptors: readonly number[] = [], mayWait = true): void {
    if (this.#socket === undefined) return;
    const message = new TextEncoder().encode(lines.join("\n"));
    try {
      this.#socket.send(message, descriptors, { to: this.#address, mayWait });
    } catch (error) {
      // A manager that does not listen must not end the process.
      if (mayWait && !this.#hasFailed) this.#warnOnce(error);
    }
  }

  #warnOnce(error: unknown): void {
    this.#hasFailed = true;
    const why = messageOf(error);
    this.#warn(
      `Cannot notify the service manager: ${why}; see NotifyAccess= of the unit, and NOTIFY_SOCKET`,
    );
  }
}

function statusLine(text: string | undefined): string[] {
  return text === undefined ? [] : [`STATUS=${text.replaceAll(CONTROL, " ")}`];
}
