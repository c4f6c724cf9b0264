/**
 * The privileged thread's end of a broker thread, which makes one sandbox.
 *
 * @module
 */

import type { FilterPermissions } from "../filter/options.ts";
import type { FromBroker, SandboxSetup, ToBroker } from "../sandbox/messages.ts";

/** nfscribe's own modules, which a sandbox is made of. */
const MODULES: readonly string[] = ["src", "ffi", "mod.ts"].map((name) =>
  new URL(`../../${name}`, import.meta.url).pathname
);
/** How long a sandbox may take to end; then its broker ends without it, in milliseconds. */
const END_MS = 5000;

/**
 * The paths that a broker reads, and its sandbox until the script begins.
 *
 * @param script The script's path; undefined without one.
 */
export function brokerPaths(script: string | undefined): string[] {
  if (script === undefined) return [...MODULES];
  return [...MODULES, script.slice(0, script.lastIndexOf("/") + 1) || "."];
}

/**
 * Those of the paths that a script must not go on reading: all that it was not granted.
 *
 * @param paths Absolute paths.
 * @param permissions What it was granted, with absolute paths.
 */
export function pathsToRevoke(
  paths: readonly string[],
  { read = [] }: FilterPermissions,
): string[] {
  if (read === true) return [];
  return paths.filter((path) => !read.some((granted) => liesIn(path, granted)));
}

/** Whether a path is a folder, or lies in it. */
function liesIn(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith("/") ? folder : `${folder}/`);
}

/** A broker thread. */
export class Broker {
  readonly #worker: Worker;
  #ending: ReturnType<typeof setTimeout> | undefined;

  /**
   * Starts the thread and has it make a sandbox.
   *
   * @param paths See {@linkcode brokerPaths}.
   * @param permissions What the script is granted.
   * @param start What the sandbox is made of.
   * @param listener Told what becomes of it.
   * @throws {Deno.errors.NotCapable} If nfscribe itself lacks one of these rights.
   */
  constructor(
    paths: readonly string[],
    permissions: FilterPermissions,
    start: { setup: SandboxSetup; port: MessagePort; memoryMb: number },
    listener: (message: FromBroker) => void,
  ) {
    const { net = false, env = false, sys = false, write = false, read = [] } = permissions;
    this.#worker = new Worker(new URL("../sandbox/broker.ts", import.meta.url), {
      type: "module",
      name: "broker",
      deno: {
        permissions: {
          read: read === true ? true : [...paths, ...read],
          net,
          env,
          sys,
          write,
          ffi: false,
          run: false,
          import: false,
        },
      },
    } as WorkerOptions);
    this.#worker.onmessage = ({ data }: MessageEvent<FromBroker>) => {
      if (data.kind === "ended" && this.#ending !== undefined) this.#end();
      else listener(data);
    };
    this.#worker.onerror = (event) => {
      event.preventDefault();
      listener({ kind: "ended", reason: `the broker thread failed: ${event.message}` });
    };
    this.#post({ kind: "start", ...start }, [start.port]);
  }

  /** Ends the sandbox, whatever it is doing, and then the broker; nothing more is told. */
  terminate(): void {
    if (this.#ending !== undefined) return;
    this.#post({ kind: "terminate" });
    this.#ending = setTimeout(() => this.#end(), END_MS);
    Deno.unrefTimer(this.#ending as unknown as number);
  }

  #end(): void {
    clearTimeout(this.#ending);
    this.#worker.terminate();
  }

  #post(message: ToBroker, transfer: Transferable[] = []): void {
    this.#worker.postMessage(message, transfer);
  }
}
