/**
 * The privileged thread's end of the broker thread, which makes sandboxes.
 *
 * @module
 */

import type { FilterPermissions } from "../filter/options.ts";
import type { FromBroker, SandboxSetup, ToBroker } from "../sandbox/messages.ts";

/** nfscribe's own modules, which a sandbox is made of. */
const MODULES: readonly string[] = ["src", "ffi", "mod.ts", "testing.ts"].map((name) =>
  new URL(`../../${name}`, import.meta.url).pathname
);

/** What the broker tells of one sandbox. */
export type BrokerListener = (message: FromBroker) => void;

/**
 * The paths that the broker reads, and a sandbox with it until its script begins.
 *
 * @param script The script's path; undefined without one.
 */
export function brokerPaths(script: string | undefined): string[] {
  if (script === undefined) return [...MODULES];
  return [...MODULES, script.slice(0, script.lastIndexOf("/") + 1) || "."];
}

/** A running broker thread. */
export class Broker implements Disposable {
  readonly #worker: Worker;
  readonly #listeners = new Map<number, BrokerListener>();
  #ids = 0;
  /** Paths that loading takes and a script must not keep. */
  readonly paths: string[];

  /**
   * Starts the thread.
   *
   * @param script The script's path; undefined without one.
   * @param permissions What the script is granted.
   * @throws {Deno.errors.NotCapable} If nfscribe itself lacks one of these rights.
   */
  constructor(script: string | undefined, permissions: FilterPermissions) {
    const { net = false, env = false, sys = false, write = false } = permissions;
    const granted = permissions.read ?? [];
    const paths = brokerPaths(script);
    const read = granted === true ? true : [...paths, ...granted];
    this.paths = granted === true
      ? []
      : paths.filter((path) => !granted.some((other) => path.startsWith(other)));
    this.#worker = new Worker(new URL("../sandbox/broker.ts", import.meta.url), {
      type: "module",
      name: "broker",
      deno: {
        permissions: { read, net, env, sys, write, ffi: false, run: false, import: false },
      },
    } as WorkerOptions);
    this.#worker.onmessage = ({ data }: MessageEvent<FromBroker>) =>
      this.#listeners.get(data.id)?.(data);
    this.#worker.onerror = (event) => {
      event.preventDefault();
      for (const [id, listener] of this.#listeners) {
        listener({ kind: "ended", id, reason: `the broker thread failed: ${event.message}` });
      }
    };
  }

  /**
   * Makes a sandbox.
   *
   * @param setup What it is made of.
   * @param memoryMb Its heap limit, in MiB.
   * @param listener Told what becomes of it.
   * @returns Its number, for {@linkcode terminate}, and the way to talk to it.
   */
  start(
    setup: SandboxSetup,
    memoryMb: number,
    listener: BrokerListener,
  ): { id: number; port: MessagePort } {
    const id = ++this.#ids;
    const { port1, port2 } = new MessageChannel();
    this.#listeners.set(id, listener);
    this.#post({ kind: "start", id, setup, port: port2, memoryMb }, [port2]);
    return { id, port: port1 };
  }

  /** Ends a sandbox, whatever it is doing; nothing more is told of it. */
  terminate(id: number): void {
    this.#listeners.delete(id);
    this.#post({ kind: "terminate", id });
  }

  /** Ends the thread; its sandboxes must have been ended. */
  [Symbol.dispose](): void {
    this.#worker.terminate();
  }

  #post(message: ToBroker, transfer: Transferable[] = []): void {
    this.#worker.postMessage(message, transfer);
  }
}
