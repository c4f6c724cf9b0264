/** Opens the parts of a configuration. */

import { queueOf } from "../config/outputs.ts";
import type { Config, Part } from "../config/config.ts";
import type { OutputLog, Writer } from "../output/output.ts";
import { outputs } from "../output/outputs.ts";
import type { InheritedSockets } from "../handover/inherited_sockets.ts";
import { identityOf } from "../handover/state.ts";
import { kindOf } from "../source/define.ts";
import { sources } from "../source/sources.ts";
import { lookAt } from "../files/place.ts";
import { DiskQueue } from "../buffer/disk_queue.ts";
import { PIECE_SIZE } from "../buffer/memory_queue.ts";
import { newSource, type PipelineSource } from "./pipeline/topology.ts";
import type { Log } from "../log/log.ts";
import { BufferedOutput } from "./outputs/buffered_output.ts";
import { UnreadPipe } from "./outputs/unread_pipe.ts";
import { SandboxPool } from "./pool/pool.ts";
import { type PoolContext, poolPlan } from "./pool_plan.ts";

/** Opens the parts of a configuration; a test has parts of its own. */
export interface PartOpener {
  /** Opens an output: see {@linkcode openOutput}. */
  output(part: Part, log: Log): Promise<BufferedOutput>;
  /** Opens a source: see {@linkcode openSource}. */
  source(
    part: Part,
    log: Log,
    inherited: InheritedSockets | undefined,
  ): Promise<PipelineSource>;
  /** Whether options of an open source of this type can be changed; absent for none. */
  adjusts?(type: string): boolean;
  /** Changes options and name of an open source: see {@linkcode adjustSource}. */
  adjust?(source: PipelineSource, part: Part, log: Log): PipelineSource;
  /** Loads the filter in sandboxes: see {@linkcode SandboxPool.load}. */
  pool(config: Config, context: PoolContext): Promise<SandboxPool>;
}

/** Opens files, sockets and processes. */
export const OPENER: PartOpener = {
  output: openOutput,
  source: openSource,
  adjusts: (type) => sources[type]!.adjust !== undefined,
  adjust: adjustSource,
  pool: (config, context) => SandboxPool.load(poolPlan(config, context)),
};

/** Longest wait for the reader of a named pipe at the start, in milliseconds. */
const READER_MS = 100;

/** Discards records. */
const NOWHERE: Writer = {
  write() {},
  close: () => Promise.resolve(),
  [Symbol.asyncDispose]: () => Promise.resolve(),
};

/** Returns an output with the options that only the privileged process knows. */
export function complete(part: Part): Part {
  return { ...part, options: outputs[part.type]!.complete(part.options) };
}

/** Returns an output that is never opened with complete options; needs no permission. */
export function completeUnopened(part: Part): Part {
  return { ...part, options: outputs[part.type]!.unopened(part.options) };
}

/**
 * Opens an output.
 *
 * @param part Output with complete options.
 * @param log Receives its messages.
 * @throws {OutputError} If it cannot be opened.
 */
export async function openOutput(part: Part, log: Log): Promise<BufferedOutput> {
  const { name, type, options } = part;
  const outputLog: OutputLog = {
    info: (message, fields) => log.info(message, { output: name, ...fields }),
    warn: (message, fields) => log.warn(message, { output: name, ...fields }),
  };
  const open = () => outputs[type]!.open(options, outputLog);
  const { whenBehind = "block", queueSize = 0, spool, spoolLimit = 0 } = queueOf(part) ?? {};
  const writer = await openWriter(open, options.path, outputLog);
  try {
    return new BufferedOutput({
      name,
      writer,
      // A closed standard output cannot be opened again.
      reopen: options.path === "-" ? undefined : open,
      sync: options.sync !== false,
      blocks: whenBehind === "block",
      queueSize,
      quarantine: spool,
      spool: spool === undefined
        ? undefined
        : DiskQueue.open(spool, spoolLimit, outputLog.warn, writer.isRemote ? PIECE_SIZE : 0),
      log: outputLog,
    });
  } catch (error) {
    await writer.close();
    throw error;
  }
}

/**
 * Opens a writer. A named pipe without a reader holds up neither the start nor other outputs:
 * its packets are queued.
 */
async function openWriter(
  open: () => Promise<Writer>,
  path: unknown,
  log: OutputLog,
): Promise<Writer> {
  const opening = open();
  if (typeof path !== "string" || !isNamedPipe(path)) return await opening;
  const { promise: late, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), READER_MS);
  try {
    const opened = await Promise.race([opening, late]);
    if (opened !== undefined) return opened;
  } finally {
    clearTimeout(timer);
  }
  log.warn(`waits for a reader of ${path}; until one comes, packets are queued as for a slow one`);
  return new UnreadPipe(path, opening);
}

/** Returns whether a path names a pipe; false if the open will refuse it. */
function isNamedPipe(path: string): boolean {
  try {
    return lookAt(path)?.isFifo === true;
  } catch {
    return false;
  }
}

/** Opens an output that discards its records. */
export function openNothing({ name }: Part): BufferedOutput {
  const log = { info() {}, warn() {} };
  return new BufferedOutput({ name, writer: NOWHERE, sync: true, blocks: true, queueSize: 0, log });
}

/**
 * Opens a source.
 *
 * @param part Source as configured.
 * @param log Receives its messages.
 * @param inherited Sockets of another process.
 * @throws {NetlinkError} If a socket cannot be opened.
 * @throws {InputError} If a file cannot be read.
 */
export async function openSource(
  part: Part,
  log: Log,
  inherited: InheritedSockets | undefined,
): Promise<PipelineSource> {
  const { name, type, options } = part;
  const warn = (message: string) => log.warn(message, { source: name });
  const socket = inherited?.take(identityOf(part));
  const reader = await sources[type]!.open(options, warn, socket?.descriptor);
  return { ...newSource(part, reader, socket), kind: kindOf(sources[type]!, options) };
}

/**
 * Gives an open source other options and another name; its socket and counters stay.
 *
 * @throws {NetlinkError} If the kernel refuses.
 */
function adjustSource(source: PipelineSource, part: Part, log: Log): PipelineSource {
  const { name, type, options } = part;
  const warn = (message: string) => log.warn(message, { source: name });
  sources[type]!.adjust!(source.reader, options, warn);
  return { ...source, name };
}
