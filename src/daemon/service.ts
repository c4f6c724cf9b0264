/**
 * Integrates a run with the service manager: notifications, watchdog, stored sockets, PID file and
 * takeover.
 */

import { grouped } from "../text/figures.ts";
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

/** Time for the former process to write its received packets, in milliseconds. */
const TAKEOVER_MS = 60_000;
/** Interval between status messages to the manager, in milliseconds. */
const STATUS_MS = 5000;

/** Options of a service. */
export interface ServiceOptions {
  /** PID file; undefined for none. */
  pidFile?: string | undefined;
  /** Socket of the process to take over from; undefined without a takeover. */
  takeover?: string | undefined;
  /** Users that the former process may run as. */
  users?: readonly number[];
}

/** Run under a service manager. */
export class Service implements AsyncDisposable {
  /** Sockets stored by the manager. */
  readonly store: DescriptorStore;
  /** Feeds the watchdog. */
  readonly watchdog: Watchdog;
  readonly #notifier: Notifier;
  readonly #options: ServiceOptions;
  /** Returns why the last reload was refused, if it was. */
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
   * Reads the manager's environment variables and claims the PID file.
   *
   * @throws {OutputError} If another process holds the PID file.
   */
  static open(options: ServiceOptions, log: Log): Service {
    const service = new Service(options, log);
    if (options.takeover === undefined) service.#claim();
    return service;
  }

  /**
   * Receives the sockets of the former process, or those that the manager stored. Called after all
   * slow steps of the start.
   *
   * @throws {InputError} If the former process does not hand them over.
   */
  async takeOver(): Promise<InheritedSockets> {
    const { takeover, users = [] } = this.#options;
    if (takeover === undefined) return this.store.inherited;
    this.#client = await HandoverClient.request(takeover, users);
    const inherited = await this.#client?.receive(TAKEOVER_MS);
    return inherited ?? this.store.inherited;
  }

  /** Whether another process is to be taken over from. */
  get takesOver(): boolean {
    return this.#options.takeover !== undefined;
  }

  /** Rejects if the former process goes on by itself. */
  refused(): Promise<never> {
    return this.#client?.refused() ?? new Promise(() => {});
  }

  /**
   * Tells the former process that all is open here, and claims the PID file.
   *
   * @throws {InputError} If the former process goes on by itself.
   * @throws {OutputError} If another process holds the PID file.
   */
  async confirm(): Promise<void> {
    if (!this.takesOver) return;
    await this.#client?.confirm();
    this.#claim();
  }

  /**
   * Stores the sockets at the manager and writes the PID file. Needs rights that may be dropped
   * afterwards.
   */
  keep(sources: readonly LiveSource[]): void {
    this.store.keep(sources);
    this.#pidFile?.write();
  }

  /**
   * Notifies the manager that packets are received.
   *
   * @param count Returns the counters.
   * @param refusal Returns why the last reload was refused, if it was.
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
   * Runs a reload between notifications to the manager.
   *
   * @param work Reloads.
   * @param sources Returns the sources that are open afterwards.
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

  /** Notifies the manager of the stop. */
  stopping(): void {
    clearInterval(this.#status);
    this.#notifier.stopping("writing what was received");
  }

  /** Notifies the manager that another process is the service's main process from now on. */
  handOver(pid: number): void {
    clearInterval(this.#status);
    this.#notifier.mainPid(pid);
    this.#release();
  }

  /** Closes everything; sockets stored at the manager stay open there. */
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

/** Returns a status line, as in `12,345 packets/s, 0 lost, 0 dropped`. */
function statusText(before: Counters, now: Counters, seconds: number): string {
  const sum = (counters: Counters, kind: "sources" | "outputs", name: string) =>
    Object.values(counters[kind] as Record<string, object>)
      .reduce((total, row) => total + (row as Record<string, number>)[name]!, 0);
  const received = sum(now, "sources", "received") - sum(before, "sources", "received");
  const rate = grouped(Math.round(received / seconds));
  return `${rate} packets/s, ${sum(now, "sources", "lost")} lost, ` +
    `${sum(now, "outputs", "dropped")} dropped`;
}
