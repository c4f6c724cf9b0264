/** Runs a configuration from start to stop. */

import { isLoopback, parseAddress } from "../config/address.ts";
import type { Config } from "../config/config.ts";
import type { TraceRow } from "../sandbox/setup.ts";
import { Daemon } from "./daemon.ts";
import type { Raised } from "./daemon_options.ts";
import type { Counters } from "./telemetry/ledger.ts";
import type { Log } from "../log/log.ts";
import { Health } from "./telemetry/health.ts";
import { HostWatch } from "./telemetry/host_watch.ts";
import { LossReporter } from "./telemetry/loss_reporter.ts";
import { metricsText } from "./telemetry/metrics.ts";
import { MetricsServer } from "./telemetry/metrics_server.ts";
import type { LoopObserver } from "./pipeline/parts.ts";
import type { Service } from "./service.ts";
import { takeoverNonce } from "../handover/protocol.ts";
import { answerReload, reloadNonce } from "../handover/reload_question.ts";
import { prepareTakeover } from "../handover/server.ts";
import { watchNonce } from "../handover/watch_message.ts";
import { Takeover } from "./takeover.ts";
import { StatsServer } from "./telemetry/stats_server.ts";
import { inOneLine } from "../text/escape.ts";
import { VERSION } from "../version.ts";

/** Interval between log records of the counters, in milliseconds. */
const REPORT_MS = 60_000;
/** Interval between checks for lost packets, in milliseconds. */
const LOSS_CHECK_MS = 1000;
/** Time for outputs to write what they hold before another process takes over, in milliseconds. */
const HANDOVER_MS = 2000;

/** Interval between looks at what outputs have delivered, in milliseconds. */
const WATCH_MS = 1000;

/** Defaults of `health_seconds` and `silent_seconds`. */
const [HEALTH_SECONDS, SILENT_SECONDS] = [60, 60];

/** Controls of a run. */
export interface RunControl {
  /**
   * Reopens files of log and outputs, then reads the configuration again and reloads the filter.
   */
  reload(): Promise<void>;
  /** Writes the counters to the log. */
  report(): void;
  /** Counters of all packets since the start. */
  readonly counters: Counters;
  /** Bytes of capture files that have been read. */
  readonly bytesRead: number;
}

/** Options of a run beside the configuration. */
export interface RunOptions {
  /** Stops the run when aborted. */
  signal: AbortSignal;
  /** Called once all is open, right before the first packet is taken. */
  onOpen?: (control: RunControl) => void;
  /** Receives the filter's decision about each packet, in order; outputs are then not opened. */
  onTrace?: (rows: TraceRow[]) => void;
  /**
   * Runs a function with the rights that nfscribe was started with; they are dropped after
   * `onOpen`.
   */
  raised?: Raised | undefined;
  /** Integration with the service manager. */
  service?: Service | undefined;
  /** Whether a new version of the script is refused if it has type errors. */
  checksTypes?: boolean;
  /** Reads the configuration again; absent if there is no file. */
  readConfig?: (() => Promise<Config>) | undefined;
  /** Absolute path of the configuration file; absent if there is none. */
  file?: string | undefined;
  /** Checks the filter of a new configuration before it is loaded; throws if it is refused. */
  checkFilter?: ((config: Config) => Promise<void>) | undefined;
}

/**
 * Runs a configuration until the signal is aborted or its sources have ended.
 *
 * @param log Receives messages; the last record is `stopped`, with the counters.
 * @param options How to run.
 * @returns Counters of all packets, and the number of packets lost.
 * @throws {ConfigError} If the filter script cannot be used.
 * @throws {NetlinkError} If a source fails.
 * @throws {OutputError} If an output cannot be opened, or no output can be written any more.
 */
export async function run(
  config: Config,
  log: Log,
  options: RunOptions,
): Promise<{ counters: Counters; lost: number }> {
  const { onTrace, raised, service } = options;
  const takeover = new Takeover(options.signal, log);
  const daemon = new Daemon(config, log, {
    onTrace,
    raised,
    checkFilter: options.checkFilter,
  });
  await using servers = new AsyncDisposableStack();
  let reportTimer: ReturnType<typeof setInterval> | undefined;
  let lossTimer: ReturnType<typeof setInterval> | undefined;
  let deadline: ReturnType<typeof setTimeout> | undefined;
  let isOpen = false;
  const limit = (ms: number) => {
    clearTimeout(deadline);
    deadline = setTimeout(() => daemon.stopNow(), Math.min(ms, daemon.config.stopTimeoutMs));
  };
  const onStop = () => {
    if (!takeover.isUnderWay) service?.stopping();
    limit(Infinity);
  };
  if (options.signal.aborted) onStop();
  options.signal.addEventListener("abort", onStop);
  try {
    await openAll(daemon, options);
    isOpen = true;
    // Packets in the kernel's buffer at the stop are read after the next start.
    const keepsSockets = service?.store.isActive === true;
    if (keepsSockets) daemon.pipeline.keepSockets();
    // A trace of a finite source shows the decisions of one version of the script.
    const isLive = onTrace === undefined || daemon.liveSources.length > 0;
    if (isLive) daemon.pool.watchFiles({ checksTypes: options.checksTypes === true });
    if (onTrace === undefined) {
      const mayHandOver = service !== undefined && daemon.liveSources.length > 0;
      await openServers(daemon, servers, log, (path, line) => {
        const nonce = takeoverNonce(line);
        if (mayHandOver && nonce !== undefined) {
          takeover.begin(path, nonce, () => {
            daemon.pipeline.keepSockets();
            limit(HANDOVER_MS);
          });
        }
        const question = reloadNonce(line);
        if (question !== undefined) answerQuestion(daemon, question, log, options);
        const watcher = watchNonce(line);
        if (watcher !== undefined) daemon.watchers.add(watcher);
      });
    }
    service?.keep(daemon.liveSources);
    options.onOpen?.({
      reload: oneAtATime(() => {
        log.reopen();
        const work = () => reload(daemon, options);
        return service === undefined ? work() : service.reloading(work, () => daemon.liveSources);
      }),
      report: () => log.info("so far", { counters: daemon.counters }),
      get counters() {
        return daemon.counters;
      },
      get bytesRead() {
        return daemon.topology.sources.reduce(
          (sum, { reader }) => sum + (reader.bytesRead ?? 0),
          0,
        );
      },
    });
    if (raised !== undefined) daemon.lower();
    reportTimer = reportChanges(() => daemon.counters, log);
    lossTimer = reportLosses(daemon, log);
    daemon.report();
    log.info("started", {
      sources: daemon.config.sources.map(({ name }) => name),
      outputs: daemon.config.outputs.map(({ name }) => name),
      ...config.filter?.where !== undefined && { where: inOneLine(config.filter.where) },
      ...config.filter?.script !== undefined && { filter: config.filter.script },
    });
    service?.ready(() => daemon.counters, () => daemon.refusal);
    for (;;) {
      await daemon.run(takeover.signal, service && observerOf(service));
      if (!takeover.isUnderWay) break;
      await daemon.leave(takeover.signal);
      clearTimeout(deadline);
      if (await takeover.isConfirmed(daemon.liveSources)) {
        await servers.disposeAsync();
        service?.handOver(takeover.pid);
        takeover.leave();
        break;
      }
      await daemon.resume();
      if (keepsSockets) daemon.pipeline.keepSockets();
    }
  } catch (error) {
    if (error !== options.signal.reason) throw error;
  } finally {
    clearInterval(reportTimer);
    clearInterval(lossTimer);
    await servers.disposeAsync();
    await daemon.close(takeover.signal);
    await takeover[Symbol.asyncDispose]();
    service?.store.update();
    options.signal.removeEventListener("abort", onStop);
    clearTimeout(deadline);
    if (isOpen) log.info("stopped", { counters: daemon.counters });
  }
  return { counters: daemon.counters, lost: daemon.lost };
}

/** Runs one call at a time: those that are made meanwhile become one. */
function oneAtATime(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> = Promise.resolve();
  let waiting: Promise<void> | undefined;
  return () =>
    waiting ??= running.then(() => {
      waiting = undefined;
      return running = work();
    });
}

/** Answers `nfscribe check`: would a reload take the configuration file as it is now? */
async function answerQuestion(
  daemon: Daemon,
  nonce: string,
  log: Log,
  { readConfig, file }: RunOptions,
): Promise<void> {
  if (readConfig === undefined || file === undefined) return;
  const refusal = await daemon.refusalOf(readConfig);
  await answerReload(nonce, { file, refusal }, (message) => log.warn(message));
}

/** Opens everything, and takes over from the former process, if there is one. */
async function openAll(daemon: Daemon, { signal, service }: RunOptions): Promise<void> {
  const stop = rejectionOf(signal);
  // The former process reads until the slow steps of this start are done.
  if (service?.takesOver === true) await Promise.race([daemon.loadFilter(), stop]);
  const inherited = await service?.takeOver();
  const refused = service?.refused() ?? stop;
  refused.catch(() => {});
  await daemon.open(Promise.race([stop, refused]), inherited);
  await service?.confirm();
}

async function reload(daemon: Daemon, { readConfig }: RunOptions): Promise<void> {
  await daemon.reopen();
  if (readConfig === undefined) await daemon.reloadFilter();
  else await daemon.reload(readConfig);
}

/**
 * Loads a configuration's filter in sandboxes, calls its `start` function, and closes the
 * sandboxes.
 *
 * @returns Paths of the script and of what it imports.
 * @throws {ConfigError} If the script cannot be used; the message contains the position.
 */
export async function loadFilter(config: Config, log: Log): Promise<readonly string[]> {
  const daemon = new Daemon(config, log);
  await daemon.loadFilter();
  const files = daemon.pool.files;
  await daemon.pool.close();
  return files;
}

function observerOf({ watchdog, store }: Service): LoopObserver {
  return {
    get nextMs() {
      return watchdog.nextMs;
    },
    ping: (nowMs) => watchdog.ping(nowMs),
    during: (work) => watchdog.during(work),
    written: () => store.update(),
  };
}

/** Opens the servers of the counters. */
async function openServers(
  daemon: Daemon,
  servers: AsyncDisposableStack,
  log: Log,
  onRequest: (path: string, line: Uint8Array) => void,
): Promise<void> {
  const { socket, metrics, healthSeconds } = daemon.config.stats;
  if (socket !== undefined) {
    prepareTakeover();
    const answer = () => {
      const { counters, refusal, topology: { notes, problems } } = daemon;
      return {
        ...counters,
        ...refusal !== undefined && { refusal },
        ...notes.length > 0 && { notes },
        ...problems.length > 0 && { problems },
      };
    };
    const server = await StatsServer.open(socket, answer, (line) => onRequest(socket, line));
    servers.defer(() => server.close());
    servers.use(daemon.watchers);
  }
  if (metrics === undefined) return;
  const health = new Health((healthSeconds ?? HEALTH_SECONDS) * 1000);
  const hostWatch = hostWatchOf(daemon);
  const watching = setInterval(
    () => health.watch(daemon.topology.outputs, performance.now()),
    WATCH_MS,
  );
  servers.defer(() => clearInterval(watching));
  if (!isLoopback(parseAddress(metrics)!)) {
    log.warn(`Any host that reaches ${metrics} may read the counters: there is no authentication`);
  }
  const startSeconds = Date.now() / 1000;
  servers.use(MetricsServer.open(metrics, {
    metrics: () => {
      const residentBytes = Deno.memoryUsage().rss;
      const isReloadRefused = daemon.refusal !== undefined;
      const figures = { version: VERSION, startSeconds, residentBytes, isReloadRefused };
      const families = daemon.topology.outputs.flatMap(({ metrics }) => metrics);
      const { counters } = daemon;
      const hosts = counters.hosts && {
        hosts: counters.hosts,
        silent: hostWatch.silent(counters.hosts, Date.now()),
      };
      return metricsText(counters, figures, families, hosts);
    },
    refusal: () => daemon.refusal,
    notes: () => [
      ...daemon.topology.notes,
      ...daemon.topology.isAway ? [] : hostWatch.notes(daemon.counters.hosts ?? {}, Date.now()),
    ],
    problems: () => {
      const { outputs, sourceProblems } = daemon.topology;
      return [...sourceProblems, ...health.problems(outputs, performance.now())];
    },
  }));
}

function hostWatchOf({ config: { stats } }: Daemon): HostWatch {
  return new HostWatch((stats.silentSeconds ?? SILENT_SECONDS) * 1000);
}

/** Tells outputs the counters, and logs losses and silent hosts while they happen. */
function reportLosses(daemon: Daemon, log: Log): ReturnType<typeof setInterval> {
  const reporter = new LossReporter();
  const hostWatch = hostWatchOf(daemon);
  return setInterval(() => {
    daemon.report();
    const { counters } = daemon;
    const { outputs, losers } = daemon.topology;
    const broken = new Set(outputs.filter(({ problem }) => problem).map(({ name }) => name));
    for (const { message, fields } of reporter.check(counters, performance.now(), broken, losers)) {
      log.warn(message, fields);
    }
    // What cannot arrive tells nothing of hosts.
    if (daemon.topology.isAway) return;
    for (const { level, message, fields } of hostWatch.check(counters.hosts ?? {}, Date.now())) {
      log[level](message, fields);
    }
  }, LOSS_CHECK_MS);
}

/** Logs the counters at intervals, if they have changed. */
function reportChanges(count: () => Counters, log: Log): ReturnType<typeof setInterval> {
  let last = JSON.stringify(count());
  return setInterval(() => {
    const counters = count();
    const text = JSON.stringify(counters);
    if (text !== last) log.info("so far", { counters });
    last = text;
  }, REPORT_MS);
}

/** Rejects with the signal's reason once it is aborted; an unused rejection is no error. */
function rejectionOf(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  if (signal.aborted) reject(signal.reason);
  signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  promise.catch(() => {});
  return promise;
}
