/**
 * A configuration at work: the filter is loaded, outputs and sources are opened,
 * packets move, all is closed and counted.
 *
 * @module
 */

import type { Config, Part } from "../config/config.ts";
import type { FilterOptions } from "../filter/options.ts";
import type { Writer } from "../output/output.ts";
import { writers } from "../output/writers.ts";
import type { SandboxSource, TraceRow } from "../sandbox/messages.ts";
import { readers } from "../source/readers.ts";
import { brokerPaths, pathsToRevoke } from "./broker.ts";
import type { Counters } from "./ledger.ts";
import type { Log } from "./log.ts";
import { Outlet } from "./outlet.ts";
import { Pipeline, type PipelineSource } from "./pipeline.ts";
import { StatsServer } from "./stats_server.ts";
import { watchScript } from "./script_watch.ts";
import { SandboxTeam, type TeamPlan } from "./team.ts";

/** Slots of a sandbox that works alone, and of each where several do. */
const SLOTS_ALONE = 8;
const SLOTS_EACH = 4;

/** What is done where there is no filter: packets go where their source says. */
const NO_FILTER: Omit<FilterOptions, "script"> = {
  workers: 1,
  timeoutMs: 10_000,
  onError: "pass",
  memoryMb: 128,
  permissions: {},
};

/** How often the log tells the counters, in milliseconds. */
const REPORT_MS = 60_000;

/** Takes records, and lets them go. */
const NOWHERE: Writer = {
  write() {},
  close: () => Promise.resolve(),
  [Symbol.asyncDispose]: () => Promise.resolve(),
};

/** How to run, beside the configuration. */
export interface RunOptions {
  /** Ends it, orderly. */
  signal: AbortSignal;
  /** Called once all is open, right before the first packet is taken. */
  onOpen?: () => void;
  /** Told what the filter decided about each packet, in order; outputs are then not opened. */
  onTrace?: (rows: TraceRow[]) => void;
  /** Given a way to load the script anew, for signals. */
  onReload?: (reload: () => Promise<void>) => void;
}

/**
 * Runs a configuration until the signal is aborted or its sources have ended.
 *
 * @param config What to run.
 * @param log Told what happens; the last record is `stopped`, with the counters.
 * @param options How to run.
 * @returns What became of every packet.
 * @throws {ConfigError} If the filter script cannot be used; nothing was opened then.
 * @throws {NetlinkError} If a source fails.
 * @throws {OutputError} If an output fails.
 */
export async function run(config: Config, log: Log, options: RunOptions): Promise<Counters> {
  const { signal } = options;
  const script = config.filter?.script;
  const outputs = options.onTrace === undefined ? config.outputs.map(complete) : config.outputs;
  const sources: PipelineSource[] = [];
  const outlets: Outlet[] = [];
  const pipeline = new Pipeline(sources, outlets, config.sources.length);
  const ended = new AbortController();
  let stats: StatsServer | undefined;
  let report: ReturnType<typeof setInterval> | undefined;
  let counters = countersOf(pipeline, sources, outlets);
  const team = await SandboxTeam.load(
    teamPlan({ ...config, outputs }, log, {
      pipeline,
      ...options.onTrace !== undefined && { onTrace: options.onTrace },
    }),
  );
  try {
    // A pipe opens only when somebody reads it: that is no reason not to stop.
    const stop = rejectionOf(signal);
    for (const part of outputs) {
      const opening = options.onTrace === undefined
        ? openOutput(part, log)
        : new Outlet(part.name, NOWHERE, true);
      outlets.push(await Promise.race([opening, stop]));
    }
    for (const part of config.sources) sources.push(await openSource(part, log));
    if (script !== undefined && options.onTrace === undefined) {
      // A watch that fails is no reason to stop: SIGHUP still reloads.
      watchScript(() => team.files, () => team.reload(), ended.signal).catch((error) =>
        log.warn(`Changes of the filter are not noticed: ${error.message}; send SIGHUP`)
      );
      options.onReload?.(() => team.reload());
    }
    const { socket } = config.stats;
    if (socket !== undefined && options.onTrace === undefined) {
      stats = await StatsServer.open(socket, () => countersOf(pipeline, sources, outlets));
    }
    options.onOpen?.();
    report = reportChanges(() => countersOf(pipeline, sources, outlets), log);
    log.info("started", {
      sources: sources.map(({ name }) => name),
      outputs: outlets.map(({ name }) => name),
      ...script !== undefined && { filter: script },
    });
    await pipeline.run(team, signal);
  } catch (error) {
    if (error !== signal.reason) throw error;
  } finally {
    ended.abort();
    clearInterval(report);
    stats?.[Symbol.dispose]();
    await team.close();
    for (const [index, source] of sources.entries()) warnOfDrops(source, pipeline, index, log);
    await Promise.allSettled(sources.map(({ reader }) => reader.close()));
    const hurry = () => outlets.forEach((outlet) => outlet.hurry());
    if (signal.aborted) hurry();
    signal.addEventListener("abort", hurry);
    const closed = await Promise.allSettled(outlets.map((outlet) => outlet.close()));
    signal.removeEventListener("abort", hurry);
    for (const { reason } of closed.filter((result) => result.status === "rejected")) {
      log.error(reason instanceof Error ? reason.message : String(reason));
    }
    if (sources.length === config.sources.length) {
      counters = countersOf(pipeline, sources, outlets);
      log.info("stopped", { counters });
    }
  }
  return counters;
}

/**
 * Loads a configuration's filter in its sandboxes, calls its `start`, and lets it go.
 *
 * @throws {ConfigError} If the script cannot be used; the message tells the place.
 */
export async function loadFilter(config: Config, log: Log): Promise<void> {
  const outputs = config.outputs.map(complete);
  const pipeline = new Pipeline([], [], 0);
  const team = await SandboxTeam.load(teamPlan({ ...config, outputs }, log, { pipeline }));
  await team.close();
}

/** What a configuration's sandboxes are made with. */
function teamPlan(
  config: Config,
  log: Log,
  { pipeline, onTrace }: { pipeline: Pipeline; onTrace?: (rows: TraceRow[]) => void },
): TeamPlan {
  const { outputs } = config;
  const filter = config.filter ?? NO_FILTER;
  const script = config.filter?.script;
  return {
    scriptPath: script,
    permissions: filter.permissions,
    onTrace,
    log,
    events: pipeline.events,
    slots: filter.workers === 1 ? SLOTS_ALONE : SLOTS_EACH,
    memoryMb: filter.memoryMb,
    timeoutMs: filter.timeoutMs,
    wake: () => pipeline.wake(),
    retire: (sandboxes) => pipeline.stop(sandboxes),
    setup: {
      sources: config.sources.map((part) => sandboxSource(part, outputs)),
      outputs: outputs.map(disclosed),
      script: script === undefined ? undefined : scriptAddress(script),
      onError: filter.onError,
      workers: filter.workers,
      trace: onTrace !== undefined,
      revoke: pathsToRevoke(brokerPaths(script), filter.permissions),
    },
  };
}

/** Tells the counters now and then, where they have changed. */
function reportChanges(count: () => Counters, log: Log): ReturnType<typeof setInterval> {
  let last = JSON.stringify(count());
  return setInterval(() => {
    const counters = count();
    const text = JSON.stringify(counters);
    if (text !== last) log.info("so far", { counters });
    last = text;
  }, REPORT_MS);
}

/** Rejects with the signal's reason, once it is aborted; nobody need wait for it. */
function rejectionOf(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  if (signal.aborted) reject(signal.reason);
  signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  promise.catch(() => {});
  return promise;
}

/** `lost` counts packets up to the last one received: what was dropped after it shows here only. */
function warnOfDrops(
  { name, reader }: PipelineSource,
  pipeline: Pipeline,
  index: number,
  log: Log,
): void {
  const datagrams = reader.droppedDatagrams;
  if (datagrams === 0) return;
  log.warn(
    "The receive buffer was full at times and the kernel dropped what did not fit; " +
      "raise buffer_size or queue_threshold, or use a faster filter or output",
    { source: name, datagrams, lost: pipeline.ledgers[index]!.lost },
  );
}

/** An output's options with all that only the privileged side can know. */
function complete(part: Part): Part {
  return { ...part, options: writers[part.type]!.complete?.(part.options) ?? part.options };
}

/** What the sandbox is told of an output: no password, no address. */
function disclosed(part: Part): Part {
  const disclose = writers[part.type]!.disclose;
  return disclose === undefined ? part : { ...part, options: disclose(part.options as never) };
}

async function openOutput({ name, type, options }: Part, log: Log): Promise<Outlet> {
  const writer = await writers[type]!.open(options as never, {
    info: (message, fields) => log.info(message, { output: name, ...fields }),
    warn: (message, fields) => log.warn(message, { output: name, ...fields }),
  });
  return new Outlet(name, writer, options.sync !== false);
}

async function openSource({ name, type, options }: Part, log: Log): Promise<PipelineSource> {
  const warn = (message: string) => log.warn(message, { source: name });
  return { name, reader: await readers[type]!.open(options as never, warn) };
}

function sandboxSource(part: Part, outputs: readonly Part[]): SandboxSource {
  const { name, type, options } = part;
  const named = part.outputs ?? outputs.map((output) => output.name);
  const mask = outputs.reduce(
    (bits, output, index) => named.includes(output.name) ? bits | 1 << index : bits,
    0,
  );
  return { name, type, options, mask };
}

/** A script's absolute path as the address of a module. */
function scriptAddress(script: string): string {
  return new URL(
    `file://${script.replaceAll("%", "%25").replaceAll("#", "%23").replaceAll("?", "%3f")}`,
  ).href;
}

function countersOf(
  pipeline: Pipeline,
  sources: readonly PipelineSource[],
  outlets: readonly Outlet[],
): Counters {
  const received = sources.map(({ name, reader }, index) => {
    const { received, lost, malformed } = pipeline.ledgers[index]!;
    return [name, { received, lost, malformed, foreign: reader.foreign }] as const;
  });
  return {
    sources: Object.fromEntries(received),
    filter: { ...pipeline.filter },
    outputs: Object.fromEntries(
      outlets.map(({ name, stats, figures }) => [name, { ...stats, ...figures }]),
    ),
  };
}
