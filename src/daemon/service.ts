/**
 * What a run owes to whoever manages it: signs of life, sockets that outlive it,
 * and a place in a takeover.
 *
 * @module
 */

import { DescriptorStore } from "../systemd/descriptor_store.ts";
import { takeServiceEnvironment } from "../systemd/environment.ts";
import type { InheritedSockets } from "../handover/inherited_sockets.ts";
import { Watchdog } from "../systemd/watchdog.ts";
import { Notifier } from "../systemd/notifier.ts";
import { PidFile } from "../systemd/pid_file.ts";
import type { LiveSource } from "../handover/state.ts";
import { HandoverClient } from "../handover/client.ts";
import type { Counters } from "./telemetry/ledger.ts";
import type { Log } from "../log/log.ts";

/** How long the process before may take to write what it has received, in milliseconds. */
const TAKEOVER_MS = 60_000;
/** How often the manager is told what happens, in milliseconds. */
const STATUS_MS = 5000;

/** How a run is managed. */
export interface ServiceOptions {
  /** The file for the process id; undefined for none. */
  pidFile?: string | undefined;
  /** The socket of the process to take over from; undefined where nobody is. */
  takeover?: string | undefined;
  /** Users whom that process may act for. */
  users?: readonly number[];
}

/** A run as a service. */
export class Service implements AsyncDisposable {
  /** Sockets in the manager's keeping. */
  readonly store: DescriptorStore;
  /** Feeds the watchdog. */
  readonly watchdog: Watchdog;
  readonly #notifier: Notifier;
  readonly #options: ServiceOptions;
  /** Why the last reload was refused, if it was. */
  #refusal: () => string | undefined = () => undefined;
  #pidFile: PidFile | undefined;
  #client: HandoverClient | undefined;
  #status: ReturnType<typeof setInterval> | undefined;

  private constructor(options: ServiceOptions, log: Log) {
    const warn = (message: string) => log.warn(message);
    const environment = takeServiceEnvironment();
    this.#options = options;
    this.#notifier = Notifier.open(environment.notifySocket, warn);
    this.watchdog = new Watchdog(environment.watchdogMs, () => this.#notifier.watchdog());
    this.store = new DescriptorStore(environment, this.#notifier, warn);
  }

  /**
   * Hears what the manager told, and claims the file for the process id.
   *
   * @throws {OutputError} If another process holds that file.
   */
  static open(options: ServiceOptions, log: Log): Service {
    const service = new Service(options, log);
    if (options.takeover === undefined) service.#claim();
    return service;
  }

  /**
   * Takes the sockets of the process before, or those that the manager has kept. To be
   * called when all that takes long is done.
   *
   * @throws {InputError} If the process before does not give them.
   */
  async takeOver(): Promise<InheritedSockets> {
    const { takeover, users = [] } = this.#options;
    if (takeover === undefined) return this.store.inherited;
    this.#client = await HandoverClient.ask(takeover, users);
    const inherited = await this.#client?.receive(TAKEOVER_MS);
    this.#claim();
    return inherited ?? this.store.inherited;
  }

  /** All is open: sockets go into the manager's keeping. Takes rights that may then be given up. */
  keep(sources: readonly LiveSource[]): void {
    this.store.keep(sources);
    this.#pidFile?.write();
  }

  /**
   * Packets are received.
   *
   * @param count What became of them.
   * @param refusal Why the last reload was refused, if it was.
   */
  ready(count: () => Counters, refusal: () => string | undefined): void {
    this.#refusal = refusal;
    this.#notifier.ready("started");
    if (!this.#notifier.isActive) return;
    let before = count();
    this.#status = setInterval(() => {
      const counters = count();
      const text = statusText(before, counters, STATUS_MS / 1000);
      this.#notifier.status([refusal(), text].filter((part) => part !== undefined).join("; "));
      before = counters;
    }, STATUS_MS);
  }

  /**
   * Does something that the manager is to know as a reload.
   *
   * @param work Does it.
   * @param sources Gives the sockets that are open then.
   */
  async reloading(work: () => Promise<void>, sources: () => readonly LiveSource[]): Promise<void> {
    this.#notifier.reloading();
    try {
      await work();
    } finally {
      this.store.keep(sources());
      this.#notifier.ready(this.#refusal() ?? "reloaded");
    }
  }

  /** The end has begun. */
  stopping(): void {
    clearInterval(this.#status);
    this.#notifier.stopping("writing what was received");
  }

  /** Another process is the service from now on. */
  handOver(pid: number): void {
    clearInterval(this.#status);
    this.#notifier.mainPid(pid);
    this.#release();
  }

  /** Closes what is open; what the manager keeps stays open there. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#status);
    this.#release();
    this.store[Symbol.dispose]();
    await this.#client?.[Symbol.asyncDispose]();
    await this.#notifier[Symbol.asyncDispose]();
  }

  #claim(): void {
    const { pidFile } = this.#options;
    if (pidFile !== undefined) this.#pidFile = PidFile.claim(pidFile);
  }

  #release(): void {
    this.#pidFile?.[Symbol.dispose]();
    this.#pidFile = undefined;
  }
}

/** As in `12,345 packets/s, 0 lost, 0 dropped`. */
function statusText(before: Counters, now: Counters, seconds: number): string {
  const sum = (counters: Counters, kind: "sources" | "outputs", name: string) =>
    Object.values(counters[kind] as Record<string, object>)
      .reduce((total, row) => total + (row as Record<string, number>)[name]!, 0);
  const received = sum(now, "sources", "received") - sum(before, "sources", "received");
  const rate = Math.round(received / seconds).toLocaleString("en-US");
  return `${rate} packets/s, ${sum(now, "sources", "lost")} lost, ` +
    `${sum(now, "outputs", "dropped")} dropped`;
}
