/** Runs a configuration and replaces it by another one: unchanged parts keep running. */

import { messageOf } from "../errors.ts";
import type { Config, Part } from "../config/config.ts";
import type { SandboxPool } from "./pool/pool.ts";
import type { TraceRow } from "../sandbox/setup.ts";
import type { InheritedSockets } from "../handover/inherited_sockets.ts";
import { identityOf, type LiveSource } from "../handover/state.ts";
import { type Changes, changesOf } from "./changes.ts";
import { CompletedParts } from "./completed_parts.ts";
import { liveSource, type Topology } from "./pipeline/topology.ts";
import type { Counters } from "./telemetry/ledger.ts";
import type { Log } from "../log/log.ts";
import { canReopen, requireReloadRights } from "./reload_rights.ts";
import { complete, completeUnopened, OPENER, openNothing, type PartOpener } from "./open.ts";
import {
  closeOutputs,
  closeReaders,
  type Kept,
  type Opened,
  OpenParts,
  warnOfDrops,
} from "./open_parts.ts";
import type { BufferedOutput } from "./outputs/buffered_output.ts";
import type { LoopObserver, PipelineParts } from "./pipeline/parts.ts";
import { Pipeline } from "./pipeline/pipeline.ts";
import { Watchers } from "./watchers.ts";
import type { DaemonOptions, Raised } from "./daemon_options.ts";

/** Runs a configuration, and replaces it on reload. */
export class Daemon {
  /** Moves packets. */
  pipeline: Pipeline;
  /** Clients that watch what is received. */
  readonly watchers: Watchers;
  /** Reason why the last configuration was refused; undefined if it was accepted. */
  #refusal: string | undefined;
  readonly #log: Log;
  readonly #onTrace: ((rows: TraceRow[]) => void) | undefined;
  readonly #raised: Raised;
  readonly #opener: PartOpener;
  /** Whether the rights that sources need have been dropped. */
  #isLowered = false;
  readonly #checkFilter: (config: Config) => Promise<void>;
  #config: Config;
  /** The current configuration as it was read: its outputs' options are not complete. */
  #asRead: Config;
  readonly #completed: CompletedParts;
  #pool: SandboxPool | undefined; // undefined until the filter is loaded
  readonly #parts: OpenParts;
  #reloading: Promise<void> = Promise.resolve();
  #isClosed = false;
  /** Whether outputs are closed, and another process is to read the sockets. */
  #hasLeft = false;

  /**
   * Opens nothing yet.
   *
   * @param log Receives messages.
   * @param options How to run it.
   */
  constructor(
    config: Config,
    log: Log,
    { onTrace, raised, checkFilter, opener = OPENER }: DaemonOptions = {},
  ) {
    this.#log = log;
    this.#onTrace = onTrace;
    this.watchers = new Watchers({
      config: () => this.#config,
      sources: () => this.topology.sources,
    }, log);
    this.pipeline = new Pipeline(onTrace, this.watchers);
    this.#raised = raised ?? ((work) => work());
    this.#opener = opener;
    this.#checkFilter = checkFilter ?? (() => Promise.resolve());
    this.#asRead = config;
    this.#completed = new CompletedParts(onTrace === undefined ? complete : completeUnopened);
    this.#config = this.#complete(config);
    this.#parts = new OpenParts({
      source: (part) => this.#raised(() => opener.source(part, log, undefined)),
      output: (part) => this.#openOutput(part),
      adjust: (source, part) => opener.adjust!(source, part, log),
    }, log);
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
    return this.#parts.topology;
  }

  /** Counters of all packets since the start. */
  get counters(): Counters {
    return this.#parts.counters(this.pipeline.filter);
  }

  /** Reason why the configuration or the script on disk is not in use; undefined if it is. */
  get refusal(): string | undefined {
    return this.#refusal ?? this.#pool?.refusal;
  }

  /** Packets that the kernel dropped, and those that an output could have written and did not. */
  get lost(): number {
    return this.#parts.lost;
  }

  /** Stops immediately: packets in flight are dropped and counted. */
  stopNow(): void {
    this.pipeline.stopNow();
  }

  /**
   * Opens outputs, then sources, then loads the filter: that takes a tenth of a second, during which
   * the kernel's buffer holds new packets. A sandbox gets none of the rights that sources need.
   *
   * @param stop Rejects on a stop: opening a named pipe may block until it has a reader.
   * @param inherited Sockets of another process; those of no configured source are closed.
   * @throws {ConfigError} If the filter cannot be used.
   */
  async open(stop: Promise<never>, inherited?: InheritedSockets): Promise<void> {
    for (const part of this.#config.outputs) {
      this.#parts.current.outputs.push(await Promise.race([this.#openOutput(part), stop]));
    }
    // An unused socket would keep its group bound.
    for (const source of inherited?.keepOnly(this.#config.sources.map(identityOf)) ?? []) {
      this.#log.warn(`A socket that was handed over is closed: no source is ${source} any more`);
    }
    await this.#raised(async () => {
      for (const part of this.#config.sources) {
        const opening = this.#opener.source(part, this.#log, inherited);
        this.#parts.current.sources.push(await Promise.race([opening, stop]));
      }
    });
    if (this.#pool === undefined) await this.loadFilter();
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
    return this.#parts.current.sources.flatMap((source) => liveSource(source) ?? []);
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
    for (const buffered of this.#parts.current.outputs) await buffered.reopen();
  }

  /** Reloads the script, if there is one. */
  async reloadFilter(): Promise<void> {
    if (this.#config.filter?.script !== undefined && !this.#isClosed) await this.pool.reload();
  }

  /**
   * Replaces the configuration. If a part cannot be opened, the error is logged and the old
   * configuration stays.
   */
  reload(read: () => Promise<Config>): Promise<void> {
    if (this.#isClosed) return this.#reloading;
    this.#refusal = undefined;
    this.#reloading = this.#reloading.then(() => this.#reload(read)).catch((error) => {
      this.#refusal = `The configuration was not replaced: ${messageOf(error)}`;
      this.#log.error(`${this.#refusal}; the one before goes on`);
    });
    return this.#reloading;
  }

  /**
   * Returns the reason why {@linkcode reload} would refuse a configuration before it opens anything;
   * undefined if there is none.
   *
   * @param read Reads it.
   */
  async refusalOf(read: () => Promise<Config>): Promise<string | undefined> {
    try {
      const config = await read();
      requireReloadRights(this.#asRead, config, this.#isLowered);
      return undefined;
    } catch (error) {
      return messageOf(error);
    }
  }

  async #reload(read: () => Promise<Config>): Promise<void> {
    const config = await read();
    const adjusts = (type: string) => this.#opener.adjusts?.(type) === true;
    const changes = changesOf(this.#asRead, config, adjusts);
    for (const key of changes.later) {
      this.#log.warn(`The configuration's ${key} has changed: that takes effect at the next start`);
    }
    // Before the options are completed, and the script is read, which take rights, too.
    requireReloadRights(this.#asRead, config, this.#isLowered);
    await this.#checkFilter(config);
    const next = this.#complete(config);
    if (!changes.filter) {
      this.#config = next;
      this.#asRead = config;
      return await this.reloadFilter();
    }
    const pool = await this.#loadPool(next);
    try {
      await this.#exchange(next, pool, changes);
    } catch (error) {
      await pool.close();
      throw error;
    }
    this.#asRead = config;
    this.#log.info("The configuration was replaced", {
      sources: next.sources.map(({ name }) => name),
      outputs: next.outputs.map(({ name }) => name),
    });
  }

  async #exchange(next: Config, pool: SandboxPool, kept: Changes): Promise<void> {
    const { keptSources, keptOutputs } = kept;
    const adjusted = new Set(kept.adjustedSources.values());
    const old = { config: this.#config, pool: this.pool, ...this.#parts.current };
    const closingSources = old.sources.filter(({ name }) =>
      !keptSources.has(name) && !adjusted.has(name)
    );
    const ending = old.outputs.filter(({ name }) => !keptOutputs.has(name));
    // Without their rights they cannot be opened again for the old configuration: closed last.
    const lastOutputs = ending.filter(({ name }) => !canReopen(this.#asRead, name));
    const closingOutputs = ending.filter((buffered) => !lastOutputs.includes(buffered));
    const close = (parts: Opened) => this.#parts.close(parts, old.config.stopTimeoutMs);
    let failure: unknown;
    await this.pipeline.exchange(
      closingSources.map(({ reader }) => reader),
      async (): Promise<PipelineParts> => {
        await close({ sources: closingSources, outputs: closingOutputs });
        try {
          await this.#parts.open(next, old, kept);
          await close({ sources: [], outputs: lastOutputs });
          this.#config = next;
          this.#pool = pool;
          if (old.pool.reloads !== undefined) pool.watchFiles(old.pool.reloads);
        } catch (error) {
          failure = error;
          const open = new Set([...keptOutputs, ...lastOutputs.map(({ name }) => name)]);
          const back = new Map([...adjusted].map((name) => [name, name]));
          await this.#restore(old, { keptSources, keptOutputs: open, adjustedSources: back });
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
  async #restore(old: Opened & { config: Config }, kept: Kept): Promise<void> {
    try {
      await this.#parts.open(old.config, old, kept);
    } catch (error) {
      // Closed parts have been counted and are not used again.
      this.#parts.current = {
        sources: old.sources.filter(({ name }) =>
          kept.keptSources.has(name) || kept.adjustedSources.has(name)
        ),
        outputs: old.outputs.filter(({ name }) => kept.keptOutputs.has(name)),
      };
      this.pipeline.fail(error);
    }
  }

  /**
   * Closes the outputs after {@linkcode run}, so that another process can open them; the sockets
   * are for that process.
   *
   * @param signal Limits waiting once it is aborted.
   */
  async leave(signal: AbortSignal): Promise<void> {
    this.#isClosed = true;
    await this.#reloading;
    await this.#closeOutputs(signal);
    this.pipeline.fence.close();
    this.#hasLeft = true;
  }

  /**
   * Opens the outputs again after {@linkcode leave}, because the other process did not read.
   *
   * @throws {OutputError} If an output cannot be opened.
   */
  async resume(): Promise<void> {
    const { sources, outputs } = this.#parts.current;
    const { reloads } = this.pool;
    this.#parts.keepCounters({ sources: [], outputs }, this.pipeline.filter);
    this.pipeline = new Pipeline(this.#onTrace, this.watchers);
    // Its scripts have been stopped.
    await this.pool.close();
    await this.loadFilter();
    if (reloads !== undefined) this.pool.watchFiles(reloads);
    for (const part of this.#config.outputs) {
      this.#parts.current.outputs.push(await this.#openOutput(part));
    }
    for (const { reader } of sources) reader.resume?.();
    this.#hasLeft = false;
    this.#isClosed = false;
  }

  /**
   * Stops the sandboxes and closes everything.
   *
   * @param signal Limits waiting once it is aborted.
   */
  async close(signal: AbortSignal): Promise<void> {
    this.#isClosed = true;
    await this.#reloading;
    const { sources } = this.#parts.current;
    for (const source of sources) warnOfDrops(source, this.#log);
    // Groups are unbound before slow steps.
    await this.#pool?.close();
    const readers = Map.groupBy(sources, ({ reader }) => reader.acknowledge !== undefined);
    await closeReaders(readers.get(false));
    if (!this.#hasLeft) await this.#closeOutputs(signal);
    // Outputs have written what they could: that is acknowledged, too.
    this.pipeline.fence.close();
    await closeReaders(readers.get(true));
  }

  /** Tells the outputs the counters. */
  report(): void {
    const { counters } = this;
    for (const buffered of this.#parts.current.outputs) buffered.report(counters);
  }

  async #closeOutputs(signal: AbortSignal): Promise<void> {
    const { outputs } = this.#parts.current;
    this.report();
    const expedite = () => outputs.forEach((buffered) => buffered.expedite());
    if (signal.aborted) expedite();
    signal.addEventListener("abort", expedite);
    await closeOutputs(outputs, this.#log);
    signal.removeEventListener("abort", expedite);
  }

  #complete(config: Config): Config {
    return { ...config, outputs: this.#completed.of(config.outputs) };
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
