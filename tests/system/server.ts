/**
 * Throw-away servers for tests, on loopback.
 *
 * @module
 */

import { canRun, must, until } from "./process.ts";

/** Returns a port of 127.0.0.1 that was free a moment ago. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** Returns a command that runs as an unprivileged user, as servers of databases require. */
export function unprivileged(command: readonly string[]): string[] {
  if (Deno.uid() !== 0) return [...command];
  return ["setpriv", "--reuid=nobody", "--clear-groups", ...command];
}

/** Gives a folder to the user of {@linkcode unprivileged} commands. */
export async function giveAway(folder: string): Promise<void> {
  await Deno.chmod(folder, 0o755);
  if (Deno.uid() === 0) await must(["chown", "-R", "nobody", folder]);
}

/** Returns the reason why no such server can run; undefined if it can. */
export function lacksServer(product: string, ...programs: string[]): string | undefined {
  if (!canRun("sh", "-c", `PATH=$PATH:/usr/sbin command -v ${programs.join(" ")}`)) {
    return `${product}'s server is not installed`;
  }
  if (Deno.uid() !== 0 || canRun("setpriv", "--reuid=nobody", "--clear-groups", "true")) {
    return undefined;
  }
  return `${product} does not run as root`;
}

/** A server that is started, stopped and started again. */
export abstract class ThrowAwayServer implements AsyncDisposable {
  /** Its port on 127.0.0.1. */
  readonly port: number = freePort();
  #process: Deno.ChildProcess | undefined;

  /** Takes over the folder of its data and logs, which is removed with it. */
  constructor(readonly folder: string) {}

  /** The command that runs it. */
  protected abstract get command(): string[];

  /** Returns whether it answers: by default, whether it accepts connections. */
  protected async answers(): Promise<boolean> {
    const socket = await Deno.connect({ hostname: "127.0.0.1", port: this.port })
      .catch(() => undefined);
    socket?.close();
    return socket !== undefined;
  }

  /** Starts it, again after {@linkcode stop}. */
  async restart(): Promise<void> {
    const [command, ...args] = this.command;
    const quiet = { stdin: "null", stdout: "null", stderr: "null" } as const;
    const env = { PATH: `${Deno.env.get("PATH")}:/usr/sbin` };
    this.#process = new Deno.Command(command!, { args, ...quiet, env }).spawn();
    await until("the server answers", () => this.answers());
  }

  /** Its process. */
  get pid(): number {
    return this.#process!.pid;
  }

  /** Sends a signal. */
  signal(signal: Deno.Signal): void {
    this.#process!.kill(signal);
  }

  /** Stops it; `SIGKILL` is a crash. */
  async stop(signal: Deno.Signal = "SIGTERM"): Promise<void> {
    this.#process?.kill(signal);
    await this.#process?.status;
    this.#process = undefined;
  }

  /** Stops it and removes its folder. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop("SIGKILL");
    await Deno.remove(this.folder, { recursive: true });
  }
}
