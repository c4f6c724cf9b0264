/** Open sources and outputs of a configuration, and the counters of those that were closed. */

import type { Config, Part } from "../config/config.ts";
import { messageOf } from "../errors.ts";
import type { Log } from "../log/log.ts";
import type { Changes } from "./changes.ts";
import type { BufferedOutput } from "./outputs/buffered_output.ts";
import { type PipelineSource, Topology } from "./pipeline/topology.ts";
import { addCounters, type Counters, type FilterStats } from "./telemetry/ledger.ts";

/** Time for outputs to write what they hold before a reload closes them, in milliseconds. */
const CHANGE_MS = 2000;
/** Counters of a filter that has done nothing. */
const NOTHING: FilterStats = { passed: 0, dropped: 0, failed: 0, timedOut: 0 };

/** Open sources and outputs. */
export interface Opened {
  /** Sources in the order of the configuration. */
  sources: PipelineSource[];
  /** Outputs in the order of the configuration. */
  outputs: BufferedOutput[];
}

/** Functions that open one part. */
export interface PartFunctions {
  /** Opens a source. */
  source(part: Part): Promise<PipelineSource>;
  /** Opens an output. */
  output(part: Part): Promise<BufferedOutput>;
  /** Gives an open source other options and another name. */
  adjust(source: PipelineSource, part: Part): PipelineSource;
}

/** Names of parts that stay open. */
export type Kept = Pick<Changes, "keptSources" | "keptOutputs" | "adjustedSources">;

/** Parts that are open, and what those before them counted. */
export class OpenParts {
  /** Current sources and outputs. */
  current: Opened = { sources: [], outputs: [] };
  readonly #functions: PartFunctions;
  readonly #log: Log;
  /** Counters of closed parts. */
  #former: Counters | undefined;
  #formerLost = 0;

  /** Opens nothing yet. */
  constructor(functions: PartFunctions, log: Log) {
    this.#functions = functions;
    this.#log = log;
  }

  /** Current sources and outputs. */
  get topology(): Topology {
    return new Topology(this.current.sources, this.current.outputs);
  }

  /** Packets that were lost in open and closed parts. */
  get lost(): number {
    return this.#formerLost + lostIn(this.current);
  }

  /** Returns the counters of all packets. */
  counters(filter: FilterStats): Counters {
    const counters = this.topology.counters(filter);
    return this.#former === undefined ? counters : addCounters(this.#former, counters);
  }

  /**
   * Closes parts and keeps their counters; nothing is received meanwhile.
   *
   * @param parts The parts.
   * @param limitMs Time that an output may take to write what it has, in milliseconds.
   */
  async close({ sources, outputs }: Opened, limitMs: number): Promise<void> {
    for (const { reader } of sources) await reader.close();
    const stop = () => outputs.forEach((buffered) => buffered.stopNow());
    const timer = setTimeout(stop, Math.min(CHANGE_MS, limitMs));
    await closeOutputs(outputs, this.#log);
    clearTimeout(timer);
    this.keepCounters({ sources, outputs });
  }

  /**
   * Keeps the counters of closed parts, which are then no current ones any more.
   *
   * @param closed The parts.
   * @param filter Counters of a filter that is not used any more.
   */
  keepCounters(closed: Opened, filter: FilterStats = NOTHING): void {
    const counters = new Topology(closed.sources, closed.outputs).counters(filter);
    this.#former = this.#former === undefined ? counters : addCounters(this.#former, counters);
    this.#formerLost += lostIn(closed);
    const { sources, outputs } = this.current;
    this.current = {
      sources: sources.filter((source) => !closed.sources.includes(source)),
      outputs: outputs.filter((buffered) => !closed.outputs.includes(buffered)),
    };
  }

  /**
   * Makes the parts of a configuration the current ones.
   *
   * @param config The configuration; its outputs have complete options.
   * @param old Parts before.
   * @param kept Names of those among them that stay; all others are opened.
   * @throws The error of a part that cannot be opened; those that were opened are closed again.
   */
  async open(config: Config, old: Opened, kept: Kept): Promise<void> {
    const { keptSources, keptOutputs, adjustedSources } = kept;
    const next: Opened = { sources: [], outputs: [] };
    try {
      for (const part of config.outputs) {
        const same = keptOutputs.has(part.name) && named(old.outputs, part.name);
        next.outputs.push(same || await this.#functions.output(part));
      }
      for (const part of config.sources) {
        const same = keptSources.has(part.name) && named(old.sources, part.name);
        const adjusted = named(old.sources, adjustedSources.get(part.name));
        next.sources.push(
          same || (adjusted && this.#functions.adjust(adjusted, part)) ||
            await this.#functions.source(part),
        );
      }
    } catch (error) {
      await this.close({
        sources: next.sources.filter(({ reader }) =>
          !old.sources.some((source) => source.reader === reader)
        ),
        outputs: next.outputs.filter((buffered) => !old.outputs.includes(buffered)),
      }, config.stopTimeoutMs);
      throw error;
    }
    this.current = next;
  }
}

function named<Open extends { name: string }>(
  parts: Open[],
  name: string | undefined,
): Open | undefined {
  return parts.find((part) => part.name === name);
}

/** Closes the readers of sources, each whatever becomes of the others. */
export async function closeReaders(sources: readonly PipelineSource[] = []): Promise<void> {
  await Promise.allSettled(sources.map(({ reader }) => reader.close()));
}

/** Closes outputs, each whatever becomes of the others, and logs what fails. */
export async function closeOutputs(outputs: readonly BufferedOutput[], log: Log): Promise<void> {
  const closed = await Promise.allSettled(outputs.map((buffered) => buffered.close()));
  for (const { reason } of closed.filter((result) => result.status === "rejected")) {
    log.error(messageOf(reason));
  }
}

/** Warns of dropped datagrams, and of those whose packets `lost` may not include. */
export function warnOfDrops({ name, reader, ledger }: PipelineSource, log: Log): void {
  const datagrams = reader.droppedDatagrams;
  if (datagrams === 0) return;
  log.warn(
    "The receive buffer was full at times and the kernel dropped what did not fit; " +
      "raise buffer_size or queue_threshold, or use a faster filter or output",
    { source: name, datagrams, lost: ledger.lost },
  );
  const uncounted = reader.uncountedDatagrams ?? 0;
  if (uncounted === 0) return;
  log.warn(
    "The last dropped datagrams are not in lost: no packet came after them, whose number would " +
      "tell how many packets they held",
    { source: name, datagrams_at_most: uncounted },
  );
}

/** Returns the packets that a source lost; of those that nothing counts, one for each datagram. */
function lostOf({ reader, ledger }: PipelineSource): number {
  return ledger.lost + (reader.uncountedDatagrams ?? 0);
}

function lostIn({ sources, outputs }: Opened): number {
  return sources.reduce((sum, source) => sum + lostOf(source), 0) +
    outputs.reduce((sum, { lost }) => sum + lost, 0);
}
