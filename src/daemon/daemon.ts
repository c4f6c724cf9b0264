/**
 * Runs a configuration and replaces it by another one: unchanged parts keep running.
 *
 * @module
 */

import { messageOf } from "../errors.ts";
import type { Config, Part } from "../config/config.ts";
import type { SandboxPool } from "./pool/pool.ts";
import type { TraceRow } from "../sandbox/setup.ts";
import type { InheritedSockets } from "../handover/inherited_sockets.ts";
import { identityOf, type LiveSource } from "../handover/state.ts";
import { type Changes, changesOf } from "./changes.ts";
import { liveSource, type PipelineSource, Topology } from "./pipeline/topology.ts";
import { addCounters, type Counters } from "./telemetry/ledger.ts";
import type { Log } from "../log/log.ts";
import { needsOf, requireNeeds } from "./permissions.ts";
import { complete, completeUnopened, OPENER, openNothing, type PartOpener } from "./open.ts";
import type { BufferedOutput } from "./outputs/buffered_output.ts";
import type { LoopObserver, PipelineParts } from "./pipeline/parts.ts";
import { Pipeline } from "./pipeline/pipeline.ts";

/** Runs a function with the rights that nfscribe was started with. */
export type Raised = <Value>(work: () => Promise<Value>) => Promise<Value>;

/** Options of a daemon. */
export interface DaemonOptions {
  /** Receives the filter's decision about each packet, in order; outputs then write nothing. */
  onTrace?: ((rows: TraceRow[]) => void) | undefined;
  /** Raises rights to open sources; absent where they need not be raised. */
  raised?: Raised | undefined;
  /** Opens the parts. */
  opener?: PartOpener;
}

/** Open parts of a configuration. */
interface Opened {
  sources: PipelineSource[];
  outputs: BufferedOutput[];
}

/** Runs a configuration, and replaces it on reload. */
export class Daemon {
  /** Moves packets. */
  readonly pipeline: Pipeline;
  /** Reason why the last configuration was refused; undefined if it was accepted. */
  refusal: string | undefined;
  readonly #log: Log;
  readonly #onTrace: ((rows: TraceRow[]) => void) | undefined;
  readonly #raised: Raised;
  readonly #opener: PartOpener;
  /** Whether the rights that sources need have been dropped. */
  #isLowered = false;
  #config: Config;
  /**
   * Outputs with complete options, by their text in the configuration: completing them may need
   * rights that were dropped.
   */
  readonly #completed = new Map<string, Part>();
  #pool: SandboxPool | undefined; // undefined until the filter is loaded
  readonly #open: Opened = { sources: [], outputs: [] };
  /** Counters of sources and outputs that are closed. */
  #former: Counters | undefined;
  #formerLost = 0;
  #reloading: Promise<void> = Promise.resolve();
  #isClosed = false;

  /**
   * Opens nothing yet.
   *
   * @param config The configuration.
   * @param log Receives messages.
   * @param options How to run it.
   */
  constructor(config: Config, log: Log, { onTrace, raised, opener = OPENER }: DaemonOptions = {}) {
    this.#log = log;
    this.#onTrace = onTrace;
    this.pipeline = new Pipeline(onTrace);
    this.#raised = raised ?? ((work) => work());
    this.#opener = opener;
    this.#config = this.#complete(config);
  }

  /** Current configuration. */
  get config(): Config {
    return this.#config;
  }

  /** Current sandboxes. */
  get pool(): SandboxPool {
    return this.#pool!;
  }

  /** Current sources and outputs. */
  get topology(): Topology {
    return new Topology(this.#open.sources, this.#open.outputs);
  }

  /** Counters of all packets since the start. */
  get counters(): Counters {
    const counters = this.topology.counters(this.pipeline.filter);
    return this.#former === undefined ? counters : addCounters(this.#former, counters);
  }

  /** Current problems, one a line. */
  get problems(): string[] {
    return this.#open.outputs.flatMap(({ name, problem }) =>
      problem === undefined ? [] : `output ${name}: ${problem}`
    );
  }

  /** Packets that the kernel dropped, and those that an output could have written and did not. */
  get lost(): number {
    return this.#formerLost + lostIn(this.#open);
  }

  /** Stops immediately: packets in flight are dropped and counted. */
  stopNow(): void {
    this.pipeline.stopNow();
  }

  /**
   * Opens outputs, then sources, while the filter is loaded: loading takes a tenth of a second,
   * during which the kernel's buffer holds new packets.
   *
   * @param stop Rejects on a stop: opening a named pipe may block until it has a reader.
   * @param inherited Sockets of another process; those of no configured source are closed.
   * @throws {ConfigError} If the filter cannot be used.
   */
  async open(stop: Promise<never>, inherited?: InheritedSockets): Promise<void> {
    for (const part of this.#config.outputs) {
      this.#open.outputs.push(await Promise.race([this.#openOutput(part), stop]));
    }
    // An unused socket would keep its group bound.
    for (const source of inherited?.keepOnly(this.#config.sources.map(identityOf)) ?? []) {
      this.#log.warn(`A socket that was handed over is closed: no source is ${source} any more`);
    }
    // Before rights are raised: sandboxes get none of them.
    const loading = this.loadFilter();
    // Thrown below, even if a source fails.
    loading.catch(() => {});
    try {
      await this.#raised(async () => {
        for (const part of this.#config.sources) {
          this.#open.sources.push(
            await Promise.race([this.#opener.source(part, this.#log, inherited), stop]),
          );
        }
      });
    } finally {
      await loading;
    }
  }

  /**
   * Loads the filter in its sandboxes.
   *
   * @throws {ConfigError} If it cannot be used.
   */
  async loadFilter(): Promise<void> {
    this.#pool = await this.#loadPool(this.#config);
  }

  /** Sources whose sockets can be handed over. */
  get liveSources(): LiveSource[] {
    return this.#open.sources.flatMap((source) => liveSource(source) ?? []);
  }

  /** Prevents opening sources from now on: the rights for that have been dropped. */
  lower(): void {
    this.#isLowered = true;
  }

  /** Moves packets until the signal is aborted or the sources have ended. */
  run(signal: AbortSignal, observer?: LoopObserver): Promise<void> {
    return this.pipeline.run({ pool: this.pool, topology: this.topology }, signal, observer);
  }

  /** Reopens the files of outputs, as after a rotation by another program. */
  async reopen(): Promise<void> {
    for (const buffered of this.#open.outputs) await buffered.reopen();
  }

  /** Reloads the script, if there is one. */
  async reloadFilter(): Promise<void> {
    if (this.#config.filter !== undefined && !this.#isClosed) await this.pool.reload();
  }

  /**
   * Replaces the configuration. If a part cannot be opened, the error is logged and the old
   * configuration stays.
   *
   * @param read Reads it.
   */
  reload(read: () => Promise<Config>): Promise<void> {
    if (this.#isClosed) return this.#reloading;
    this.refusal = undefined;
    this.#reloading = this.#reloading.then(() => this.#reload(read)).catch((error) => {
      this.refusal = `The configuration was not replaced: ${messageOf(error)}`;
      this.#log.error(`${this.refusal}; the one before goes on`);
    });
    return this.#reloading;
  }

  async #reload(read: () => Promise<Config>): Promise<void> {
    const next = this.#complete(await read());
    const changes = changesOf(this.#config, next);
    for (const key of changes.later) {
      this.#log.warn(`The configuration's ${key} has changed: that takes effect at the next start`);
    }
    if (!changes.filter) {
      this.#config = next;
      return await this.reloadFilter();
    }
    this.#requireRights(next, changes);
    const pool = await this.#loadPool(next);
    try {
      await this.#exchange(next, pool, changes);
    } catch (error) {
      await pool.close();
      throw error;
    }
    this.#log.info("The configuration was replaced", {
      sources: next.sources.map(({ name }) => name),
      outputs: next.outputs.map(({ name }) => name),
    });
  }

  /**
   * Rejects a configuration that needs rights that were dropped, before anything is closed for it.
   */
  #requireRights(next: Config, { keptSources, keptOutputs }: Changes): void {
    const sources = next.sources.filter(({ name }) => !keptSources.has(name));
    const outputs = next.outputs.filter(({ name }) => !keptOutputs.has(name));
    if (this.#isLowered && sources.length > 0) {
      throw new Error(
        `source ${sources[0]!.name} is new or changed, and the rights to open it were given up ` +
          "at the start; start nfscribe again",
      );
    }
    // The C library stays open when the right to open it is given up.
    const needs = needsOf({ ...next, sources, outputs, stats: {} }, undefined);
    requireNeeds(needs.filter(({ name }) => name !== "ffi"));
  }

  async #exchange(
    next: Config,
    pool: SandboxPool,
    { keptSources, keptOutputs }: Changes,
  ): Promise<void> {
    const old = { config: this.#config, pool: this.pool, ...this.#open };
    const closingSources = old.sources.filter(({ name }) => !keptSources.has(name));
    const closingOutputs = old.outputs.filter(({ name }) => !keptOutputs.has(name));
    let failure: unknown;
    await this.pipeline.exchange(
      closingSources.map(({ reader }) => reader),
      async (): Promise<PipelineParts> => {
        await this.#closeParts({ sources: closingSources, outputs: closingOutputs });
        try {
          await this.#openParts(next, old, { keptSources, keptOutputs });
          this.#config = next;
          this.#pool = pool;
          if (old.pool.reloads !== undefined) pool.watchFiles(old.pool.reloads);
        } catch (error) {
          failure = error;
          await this.#restore(old, { keptSources, keptOutputs });
        }
        return { pool: this.pool, topology: this.topology };
      },
    );
    if (failure !== undefined) {
      // The scripts have already been stopped.
      await this.pool.reload();
      throw failure;
    }
    await old.pool.close();
  }

  /** Reopens the parts that were closed for a new configuration; a failure ends the run. */
  async #restore(
    old: Opened & { config: Config },
    kept: Pick<Changes, "keptSources" | "keptOutputs">,
  ): Promise<void> {
    try {
      await this.#openParts(old.config, old, kept);
    } catch (error) {
      // Closed parts have been counted and are not used again.
      this.#open.sources = old.sources.filter(({ name }) => kept.keptSources.has(name));
      this.#open.outputs = old.outputs.filter(({ name }) => kept.keptOutputs.has(name));
      this.pipeline.fail(error);
    }
  }

  /** Closes parts and keeps their counters. */
  async #closeParts({ sources, outputs }: Opened): Promise<void> {
    for (const { reader } of sources) await reader.close();
    for (const buffered of outputs) {
      const timer = setTimeout(() => buffered.stopNow(), this.#config.stopTimeoutMs);
      await buffered.close();
      clearTimeout(timer);
    }
    const nothing = { passed: 0, dropped: 0, failed: 0, timedOut: 0 };
    const closed = new Topology(sources, outputs).counters(nothing);
    this.#former = this.#former === undefined ? closed : addCounters(this.#former, closed);
    this.#formerLost += lostIn({ sources, outputs });
  }

  /** Opens the parts of a configuration that are not kept. */
  async #openParts(
    config: Config,
    old: Opened,
    { keptSources, keptOutputs }: Pick<Changes, "keptSources" | "keptOutputs">,
  ): Promise<void> {
    const opened: Opened = { sources: [], outputs: [] };
    const sameOutputs = old.outputs.filter(({ name }) => keptOutputs.has(name));
    const kept = old.sources.filter(({ name }) => keptSources.has(name));
    try {
      for (const part of config.outputs) {
        const same = sameOutputs.find(({ name }) => name === part.name);
        opened.outputs.push(same ?? await this.#openOutput(part));
      }
      for (const part of config.sources) {
        const same = kept.find(({ name }) => name === part.name);
        opened.sources.push(
          same ?? await this.#raised(() => this.#opener.source(part, this.#log, undefined)),
        );
      }
    } catch (error) {
      await this.#closeParts({
        sources: opened.sources.filter((source) => !old.sources.includes(source)),
        outputs: opened.outputs.filter((buffered) => !old.outputs.includes(buffered)),
      });
      throw error;
    }
    Object.assign(this.#open, opened);
  }

  /**
   * Stops the sandboxes and closes everything.
   *
   * @param signal Limits waiting once it is aborted.
   * @param handOver Hands sockets over after all received packets are written.
   */
  async close(
    signal: AbortSignal,
    handOver?: (sources: readonly LiveSource[]) => void,
  ): Promise<void> {
    this.#isClosed = true;
    await this.#reloading;
    const { sources, outputs } = this.#open;
    for (const source of sources) this.#warnOfDrops(source);
    const closeReaders = () => Promise.allSettled(sources.map(({ reader }) => reader.close()));
    // Groups are unbound before slow steps; another process receives the sockets before that.
    if (handOver === undefined) {
      await this.#pool?.close();
      await closeReaders();
    }
    const expedite = () => outputs.forEach((buffered) => buffered.expedite());
    if (signal.aborted) expedite();
    signal.addEventListener("abort", expedite);
    const closed = await Promise.allSettled(outputs.map((buffered) => buffered.close()));
    signal.removeEventListener("abort", expedite);
    for (const { reason } of closed.filter((result) => result.status === "rejected")) {
      this.#log.error(messageOf(reason));
    }
    if (handOver === undefined) return;
    handOver(this.liveSources);
    await this.#pool?.close();
    await closeReaders();
  }

  /** Warns of drops after the last received packet, which `lost` does not include. */
  #warnOfDrops({ name, reader, ledger }: PipelineSource): void {
    const datagrams = reader.droppedDatagrams;
    if (datagrams === 0) return;
    this.#log.warn(
      "The receive buffer was full at times and the kernel dropped what did not fit; " +
        "raise buffer_size or queue_threshold, or use a faster filter or output",
      { source: name, datagrams, lost: ledger.lost },
    );
  }

  #complete(config: Config): Config {
    const outputs = config.outputs.map((part) => {
      if (this.#onTrace !== undefined) return completeUnopened(part);
      const key = JSON.stringify(part);
      const completed = this.#completed.get(key) ?? complete(part);
      this.#completed.set(key, completed);
      return completed;
    });
    return { ...config, outputs };
  }

  #loadPool(config: Config): Promise<SandboxPool> {
    const { pipeline } = this;
    const traces = this.#onTrace !== undefined;
    return this.#opener.pool(config, { pipeline, log: this.#log, traces });
  }

  async #openOutput(part: Part): Promise<BufferedOutput> {
    return this.#onTrace === undefined
      ? await this.#opener.output(part, this.#log)
      : openNothing(part);
  }
}

function lostIn({ sources, outputs }: Opened): number {
  return sources.reduce((sum, { ledger }) => sum + ledger.lost, 0) +
    outputs.reduce((sum, { lost }) => sum + lost, 0);
}
