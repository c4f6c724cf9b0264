/**
 * Tells a service manager what happens: `sd_notify(3)`, the protocol of
 * `NOTIFY_SOCKET`.
 *
 * @module
 */

import { monotonicMicroseconds } from "../../ffi/clock.ts";
import { UnixSocket } from "../../ffi/unix_socket.ts";

/** What a status, or a descriptor's name, must not have in it. */
// deno-lint-ignore no-control-regex
const CONTROL = /[\x00-\x1f\x7f]+/g;

/** Tells the manager; without one it does nothing, and does not open the C library. */
export class Notifier implements AsyncDisposable {
  readonly #address: string;
  readonly #socket: UnixSocket | undefined;
  readonly #warn: (message: string) => void;
  /** Whether it was told that the manager does not listen. */
  #isDeaf = false;

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
   * Makes one.
   *
   * @param address Where the manager listens: a path, or `@` and a name; undefined without a manager.
   * @param warn Told once if the manager does not listen.
   * @throws {NetlinkError} If the kernel gives no socket.
   */
  static open(address: string | undefined, warn: (message: string) => void): Notifier {
    const socket = address === undefined ? undefined : UnixSocket.open("datagram");
    return new Notifier(address ?? "", socket, warn);
  }

  /** Whether there is a manager. */
  get isActive(): boolean {
    return this.#socket !== undefined;
  }

  /** All is open: packets are received. Also the end of {@linkcode reloading}. */
  ready(status?: string): void {
    this.#tell(["READY=1", ...statusLine(status)]);
  }

  /** The configuration is read again; {@linkcode ready} tells when that is over. */
  reloading(): void {
    if (this.#socket === undefined) return;
    this.#tell(["RELOADING=1", `MONOTONIC_USEC=${monotonicMicroseconds()}`]);
  }

  /** The end has begun. */
  stopping(status?: string): void {
    this.#tell(["STOPPING=1", ...statusLine(status)]);
  }

  /** A line for people, which `systemctl status` shows. */
  status(text: string): void {
    this.#tell(statusLine(text));
  }

  /** This process is alive. Where the manager is behind, it is not waited for. */
  watchdog(): void {
    this.#tell(["WATCHDOG=1"], [], false);
  }

  /** Another process is the service from now on. */
  mainPid(pid: number): void {
    this.#tell([`MAINPID=${pid}`]);
  }

  /**
   * Gives the manager a descriptor to keep, for when this program starts again.
   * What it has already it keeps once.
   *
   * @param name What it is called, as in `nflog-1`: a colon has no place in it.
   * @param descriptor The descriptor.
   */
  store(name: string, descriptor: number): void {
    // Without FDPOLL=0 it lets go of a socket on which an error is pending.
    this.#tell(["FDSTORE=1", `FDNAME=${name}`, "FDPOLL=0"], [descriptor]);
  }

  /** Has the manager let go of what it keeps under a name. */
  remove(name: string): void {
    this.#tell(["FDSTOREREMOVE=1", `FDNAME=${name}`]);
  }

  /** Closes the socket. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#socket?.close();
  }

  #tell(lines: readonly string[], descriptors: readonly number[] = [], mayWait = true): void {
    if (this.#socket === undefined) return;
    const message = new TextEncoder().encode(lines.join("\n"));
    try {
      this.#socket.send(message, descriptors, { to: this.#address, mayWait });
    } catch (error) {
      // A manager that does not listen is no reason to stop.
      if (mayWait && !this.#isDeaf) this.#complain(error);
    }
  }

  #complain(error: unknown): void {
    this.#isDeaf = true;
    const why = error instanceof Error ? error.message : String(error);
    this.#warn(
      `Cannot tell the service manager what happens: ${why}; see NotifyAccess= of the unit, and NOTIFY_SOCKET`,
    );
  }
}

function statusLine(text: string | undefined): string[] {
  return text === undefined ? [] : [`STATUS=${text.replaceAll(CONTROL, " ")}`];
}
