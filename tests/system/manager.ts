/**
 * A small stand-in for systemd: it receives the notifications of a service on `NOTIFY_SOCKET`,
 * keeps descriptors for it (`FDSTORE=1`), and passes them on when it starts it again.
 *
 * @module
 */

import { closeDescriptor } from "../../ffi/descriptor.ts";
import { openSymbols } from "../../ffi/libc.ts";
import { UnixSocket } from "../../ffi/unix_socket.ts";
import { canRun, ROOT } from "./process.ts";

/**
 * Whether bash is available; dash supports descriptors up to 9 only. Name the reason in the test.
 */
export const HAS_BASH: boolean = canRun("bash", "-c", "true");

/** A notification: variables and their values. */
export type Notice = Record<string, string>;

/** The service manager. */
export class Manager implements AsyncDisposable {
  /** All notifications, in order. */
  readonly notices: Notice[] = [];
  /** Stored descriptors, by name. */
  readonly store: Map<string, number> = new Map();
  /** Its address. */
  readonly address: string;
  readonly #socket = UnixSocket.open("datagram");

  /** Listens at a path, or at `@` and a name. */
  constructor(address = `@nfscribe-test-${crypto.randomUUID()}`) {
    this.address = address;
    this.#socket.bind(address);
  }

  /** Receives the notifications so far. */
  hear(): Notice[] {
    for (;;) {
      const message = this.#socket.receive();
      if (message === undefined) return this.notices;
      const lines = new TextDecoder().decode(message.bytes).split("\n");
      const notice: Notice = Object.fromEntries(
        lines.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
      );
      this.notices.push(notice);
      this.#keep(notice, message.descriptors);
    }
  }

  /** Returns whether a notification was received. */
  hasHeard(name: string, value: string): boolean {
    return this.hear().some((notice) => notice[name] === value);
  }

  /**
   * Starts a service with the stored descriptors.
   *
   * @param command The program and its arguments.
   * @param variables Further environment variables.
   */
  start(command: readonly string[], variables: Record<string, string> = {}): Deno.ChildProcess {
    // The program gets the descriptors that stay open over exec, in order from 3 on.
    const kept = [...this.store.values()];
    // Above the numbers that they will get.
    const copies = kept.map((fd) => fcntl(fd, F_DUPFD, 100));
    const redirections = copies.map((fd, index) => `${index + 3}<&${fd} ${fd}<&-`);
    const script = `${redirections.length > 0 ? `exec ${redirections.join(" ")};` : ""} ` +
      'LISTEN_PID=$$ exec "$@"';
    try {
      return new Deno.Command("bash", {
        args: ["-c", script, "bash", ...command],
        cwd: ROOT,
        stdin: "null",
        stdout: "piped",
        stderr: "inherit",
        env: {
          NOTIFY_SOCKET: this.address,
          FDSTORE: "8",
          LISTEN_FDS: `${kept.length}`,
          LISTEN_FDNAMES: [...this.store.keys()].join(":"),
          ...variables,
        },
      }).spawn();
    } finally {
      copies.forEach(closeDescriptor);
    }
  }

  /** Closes all descriptors. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#socket.close();
    for (const descriptor of this.store.values()) closeDescriptor(descriptor);
  }

  #keep(notice: Notice, descriptors: readonly number[]): void {
    const name = notice.FDNAME ?? "stored";
    if (notice.FDSTOREREMOVE === "1") this.#drop(name);
    for (const descriptor of descriptors) {
      this.#drop(name);
      this.store.set(name, descriptor);
    }
  }

  #drop(name: string): void {
    const descriptor = this.store.get(name);
    if (descriptor !== undefined) closeDescriptor(descriptor);
    this.store.delete(name);
  }
}

/** `F_DUPFD` (asm-generic/fcntl.h): the copy stays open over exec. */
const F_DUPFD = 0;

function fcntl(fd: number, operation: number, argument: number): number {
  return openSymbols({ fcntl: { parameters: ["i32", "i32", "i32"], result: "i32" } })
    .fcntl(fd, operation, argument);
}
