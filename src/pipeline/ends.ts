/**
 * The ends of a pipeline: sources, outputs, and what is counted between them.
 *
 * @module
 */

import type { Part } from "../config/config.ts";
import type { Loss } from "../output/output.ts";
import type { Slot } from "../sandbox/slot.ts";
import { identityOf, type LiveSource, type SourceIdentity } from "../service/state.ts";
import type { Reader } from "../source/source.ts";
import type { Journey } from "./journey.ts";
import { type Counters, type FilterStats, SourceLedger } from "./ledger.ts";
import type { Outlet } from "./outlet.ts";

/** A source of the pipeline. */
export interface PipelineSource {
  /** Its name. */
  name: string;
  /** Where datagrams come from. */
  reader: Reader;
  /** What came in. */
  ledger: SourceLedger;
  /** Which one it is, to a process that its socket is handed to. */
  identity: SourceIdentity | undefined;
}

/**
 * A source from which nothing has come yet.
 *
 * @param part It, as it is configured.
 * @param reader It, open.
 * @param handed The socket that it was handed; undefined for none.
 */
export function newSource(
  part: Part,
  reader: Reader,
  handed: LiveSource | undefined,
): PipelineSource {
  // A socket that goes on goes on with its numbers.
  const start = reader.isAdopted === true ? { expected: handed?.expected } : { expected: 0 };
  return { name: part.name, reader, ledger: new SourceLedger(start), identity: identityOf(part) };
}

/** A source whose socket may be handed on. */
export function liveSource(
  { name, reader, ledger, identity }: PipelineSource,
): LiveSource | undefined {
  const { descriptor } = reader;
  if (identity === undefined || descriptor === undefined) return undefined;
  return {
    ...identity,
    name,
    descriptor,
    get expected() {
      return ledger.expected;
    },
  };
}

/** Sources and outputs, which slots name by their number here. */
export class Ends {
  /** The sources. */
  readonly sources: readonly PipelineSource[];
  /** The outputs. */
  readonly outlets: readonly Outlet[];

  /** Joins them. */
  constructor(sources: readonly PipelineSource[], outlets: readonly Outlet[]) {
    this.sources = sources;
    this.outlets = outlets;
  }

  /** What became of every packet. */
  counters(filter: FilterStats): Counters {
    const received = this.sources.map(({ name, reader, ledger }) => {
      const { received, lost, malformed } = ledger;
      return [name, { received, lost, malformed, foreign: reader.foreign }] as const;
    });
    return {
      sources: Object.fromEntries(received),
      filter: { ...filter },
      outputs: Object.fromEntries(
        this.outlets.map(({ name, stats, figures }) => [name, { ...stats, ...figures }]),
      ),
    };
  }

  /** What is wrong where nothing can be written any more, to any output. */
  get gone(): Error | undefined {
    const { outlets } = this;
    return outlets.length > 0 && outlets.every(({ gone }) => gone !== undefined)
      ? outlets[0]!.gone
      : undefined;
  }

  /**
   * Takes in what a sandbox has counted since the slot was dealt or handed over last.
   *
   * @returns What was lost before the packets that are to be written.
   */
  count(journey: Journey, filter: FilterStats, done: boolean): Loss[] {
    const losses: Loss[] = [];
    const { slot, blame } = journey;
    const { passed, dropped, failed } = slot;
    if (blame !== undefined) {
      filter[blame] += passed + dropped + failed;
    } else {
      filter.passed += passed;
      filter.dropped += dropped;
      filter.failed += failed;
    }
    const finished = done ? journey.tables.length : slot.resumeDatagram;
    for (; journey.counted < finished; journey.counted++) {
      const { name, ledger } = this.sources[slot.sourceOf(journey.counted)]!;
      const before = ledger.lost;
      ledger.add(slot.reportOf(journey.counted));
      if (ledger.lost === before) continue;
      losses.push({
        source: name,
        packets: ledger.lost - before,
        seconds: slot.secondsOf(journey.counted),
        nanoseconds: slot.nanosecondsOf(journey.counted),
      });
    }
    if (!done) {
      journey.resume = { datagram: slot.resumeDatagram, position: slot.resumePosition };
    }
    return losses;
  }

  /** Tells the outputs of packets that were lost before those that come next. */
  noteLoss(loss: Loss): void {
    for (const outlet of this.outlets) outlet.noteLoss(loss);
  }

  /** Hands a slot's records to an output; a promise only where all wait for that. */
  write(slot: Slot, output: number): void | Promise<void> {
    const outlet = this.outlets[output]!;
    outlet.count({ unfit: slot.unfitOf(output), filtered: slot.filteredOf(output) });
    const length = slot.lengthOf(output);
    if (length === 0) return;
    const batch = { packets: slot.packetsOf(output), emitted: slot.emittedOf(output) };
    return outlet.take(slot.areas[output]!.subarray(0, length), batch);
  }
}
