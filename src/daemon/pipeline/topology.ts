/** Connects sources and outputs, and counts between them. */

import type { Part } from "../../config/config.ts";
import type { RecordKind } from "../../record/kind.ts";
import type { Loss } from "../../record/loss.ts";
import type { Origin } from "../../record/origin.ts";
import type { InFlightSlot } from "../pool/in_flight.ts";
import { isSkipped } from "../pool/slot_check.ts";
import type { TraceRow } from "../../sandbox/setup.ts";
import type { Slot } from "../../sandbox/slot.ts";
import { tracedRecord } from "./traced_record.ts";
import { readTraces } from "../../sandbox/trace.ts";
import { identityOf, type LiveSource, type SourceIdentity } from "../../handover/state.ts";
import type { Reader } from "../../source/source.ts";
import { addHosts } from "../../source/hosts/add_hosts.ts";
import { type Counters, type FilterStats, SourceLedger } from "../telemetry/ledger.ts";
import { escaped } from "../../text/escape.ts";
import type { BufferedOutput } from "../outputs/buffered_output.ts";

/** Source of a pipeline. */
export interface PipelineSource {
  name: string;
  /** Kind of its records; absent where it does not matter. */
  kind?: RecordKind;
  /** Reader of its datagrams. */
  reader: Reader;
  /** Counters of its packets. */
  ledger: SourceLedger;
  /** Identity for a process that inherits its socket; undefined for sources without one. */
  identity: SourceIdentity | undefined;
}

/**
 * Creates a source with empty counters.
 *
 * @param part Configuration of the source.
 * @param reader Open reader.
 * @param inherited Socket that it continues; undefined for a new one.
 */
export function newSource(
  part: Part,
  reader: Reader,
  inherited: LiveSource | undefined,
): PipelineSource {
  // An inherited socket continues its sequence numbers, or what the kernel has counted.
  const expected = reader.isAdopted === true ? inherited?.expected : 0;
  const { lostRecords } = reader;
  const start = lostRecords === undefined ? { expected } : { drops: expected ?? lostRecords };
  return { name: part.name, reader, ledger: new SourceLedger(start), identity: identityOf(part) };
}

/** Returns a source's socket for a handover; undefined if it has none. */
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

/** Returns a loss of a source's records. */
function lossOf(
  { name, kind }: PipelineSource,
  packets: number,
  seconds: number,
  nanoseconds: number,
): Loss {
  return { source: name, packets, seconds, nanoseconds, ...kind !== undefined && { kind } };
}

/** Sources and outputs of a pipeline; slots refer to them by index. */
export class Topology {
  readonly sources: readonly PipelineSource[];
  readonly outputs: readonly BufferedOutput[];
  /** Process of the first sandbox, whose decoders know what they were sent. */
  #decoderPid: number | undefined;

  constructor(sources: readonly PipelineSource[], outputs: readonly BufferedOutput[]) {
    this.sources = sources;
    this.outputs = outputs;
  }

  /** Returns the counters of all packets. */
  counters(filter: FilterStats): Counters {
    const received = this.sources.map(({ name, reader, ledger }) => {
      const { received, lost, malformed } = ledger;
      return [name, { received, lost, malformed, foreign: reader.foreign }] as const;
    });
    const hosts = addHosts(this.sources.flatMap(({ reader }) => reader.hosts?.() ?? []));
    return {
      ...hosts !== undefined && { hosts },
      sources: Object.fromEntries(received),
      filter: { ...filter },
      outputs: Object.fromEntries(
        this.outputs.map(({ name, stats, figures }) => [name, { ...stats, ...figures }]),
      ),
    };
  }

  /** Hosts whose packets were lost and that no message has named yet, by source. */
  get losers(): ReadonlyMap<string, Set<string>> {
    return new Map(this.sources.map(({ name, ledger }) => [name, ledger.losers]));
  }

  /** Sources that stand by while another process reads, one line each. */
  get notes(): string[] {
    return this.sources.flatMap(({ name, reader: { standsBy } }) =>
      standsBy === undefined ? [] : escaped(`source ${name} stands by: ${standsBy} reads`)
    );
  }

  /** Problems of sources that an administrator must solve, one line each. */
  get sourceProblems(): string[] {
    return this.sources.flatMap(({ name, reader: { problem } }) =>
      problem === undefined ? [] : escaped(`source ${name}: ${problem}`)
    );
  }

  /** Problems of sources and outputs, one line each. */
  get problems(): string[] {
    const ofOutputs = this.outputs.flatMap(({ name, problem, writerProblem }) => {
      const text = problem ?? writerProblem?.message;
      return text === undefined ? [] : escaped(`output ${name}: ${text}`);
    });
    return [...this.sourceProblems, ...ofOutputs];
  }

  /** Whether nothing can arrive from a source just now. */
  get isAway(): boolean {
    return this.sources.some(({ reader }) => reader.isAway === true);
  }

  /** Error of the first output if no output can be written any more. */
  get gone(): Error | undefined {
    const { outputs } = this;
    return outputs.length > 0 && outputs.every(({ gone }) => gone !== undefined)
      ? outputs[0]!.gone
      : undefined;
  }

  /**
   * Adds the counts of a sandbox since the slot was dispatched or resumed.
   *
   * @param inFlight Slot in flight.
   * @param words Checked copy of its words.
   * @param filter Counters of the filter.
   * @param done Whether the slot is done.
   * @returns Losses before the packets that are written next.
   */
  count(inFlight: InFlightSlot, words: Slot, filter: FilterStats, done: boolean): Loss[] {
    const losses: Loss[] = [];
    const { datagrams } = inFlight;
    const { passed, dropped, failed } = words;
    const decided = passed + dropped + failed;
    // A packet that bypasses the filter comes in a batch of its own.
    const skipped = decided > 0 && isSkipped(inFlight) ? inFlight.skip : undefined;
    const failure = skipped?.failure ?? inFlight.failure;
    if (skipped !== undefined) inFlight.skip = undefined;
    if (failure !== undefined) {
      filter[failure] += decided;
    } else {
      filter.passed += passed;
      filter.dropped += dropped;
      filter.failed += failed;
    }
    inFlight.decided += decided;
    const finished = done ? datagrams.length : words.resumeDatagram;
    for (; inFlight.counted < finished; inFlight.counted++) {
      const datagram = datagrams[inFlight.counted]!;
      const { source, seconds, nanoseconds, dropped = 0, omittedBy, senderLoss } = datagram;
      const from = this.sources[source]!;
      const { ledger } = from;
      const before = ledger.lost;
      const report = words.reportOf(inFlight.counted);
      inFlight.wellFormed += report.received - report.malformed;
      ledger.add(report);
      ledger.lost += dropped;
      omittedBy?.forEach((client) => client.omitted += report.received);
      if (ledger.lost > before) {
        losses.push(lossOf(from, ledger.lost - before, seconds, nanoseconds));
      }
      if (senderLoss === undefined) continue;
      ledger.addLossOf(senderLoss.host, senderLoss.packets);
      losses.push({ ...lossOf(from, senderLoss.packets, seconds, nanoseconds), ...senderLoss });
    }
    if (!done) {
      inFlight.resume = { datagram: words.resumeDatagram, position: words.resumePosition };
    }
    return losses;
  }

  /**
   * Counts what the kernel dropped after the last datagram of sources whose losses it counts. To be
   * called while no datagram is in flight.
   */
  countDrops(): void | Promise<void> {
    const waits: Promise<void>[] = [];
    for (const from of this.sources) {
      const { reader, ledger } = from;
      if (reader.lostRecords === undefined) continue;
      const packets = ledger.newDrops(reader.lostRecords);
      if (packets === 0) continue;
      ledger.lost += packets;
      const ms = Date.now();
      const [seconds, nanoseconds] = [Math.floor(ms / 1000), ms % 1000 * 1e6];
      const waiting = this.noteLoss(lossOf(from, packets, seconds, nanoseconds));
      if (waiting !== undefined) waits.push(waiting);
    }
    if (waits.length > 0) return Promise.all(waits).then(() => {});
  }

  /**
   * Tells readers that decoders begin which know nothing, as after a replacement.
   *
   * @param pid Process of the first sandbox, which decodes what takes a decoder with a state.
   */
  beginDecoders(pid: number | undefined): void {
    if (pid === this.#decoderPid || pid === undefined) return;
    this.#decoderPid = pid;
    for (const { reader } of this.sources) reader.begin?.();
  }

  /**
   * Reports a loss to the outputs, before the next packets; returns a promise if the sources have to
   * wait.
   */
  noteLoss(loss: Loss): void | Promise<void> {
    const waits = this.outputs.flatMap((buffered) => buffered.noteLoss(loss) ?? []);
    if (waits.length > 0) return Promise.all(waits).then(() => {});
  }

  /** Begins a chunk, once: records and losses until its end are part of it. */
  beginChunk(inFlight: InFlightSlot): void {
    if (inFlight.isBegun) return;
    inFlight.isBegun = true;
    for (const buffered of this.outputs) buffered.beginChunk();
  }

  /** Ends a chunk, whose number is greater than that of the one before. */
  async endChunk(origin: Origin, number: number): Promise<void> {
    await Promise.all(this.outputs.map((buffered) => buffered.endChunk(origin, number)));
  }

  /**
   * Passes a slot's records to an output; returns a promise if the sources have to wait.
   *
   * @param area Memory with the records.
   * @param words Checked copy of the slot's words.
   * @param output Index of the output.
   */
  write(area: Uint8Array, words: Slot, output: number): void | Promise<void> {
    const buffered = this.outputs[output]!;
    buffered.count({ unfit: words.unfitOf(output), filtered: words.filteredOf(output) });
    const length = words.lengthOf(output);
    if (length === 0) return;
    const batch = { packets: words.packetsOf(output), emitted: words.emittedOf(output) };
    return buffered.take(area.subarray(0, length), batch);
  }

  /**
   * Reads the traced decisions about the packets of a slot.
   *
   * @param slot Slot; its last area holds them.
   * @param words Checked copy of its words.
   */
  traces(slot: Slot, words: Slot): TraceRow[] {
    const { outputs } = this;
    const length = words.lengthOf(outputs.length);
    const bytes = slot.areas[outputs.length]!;
    if (length < 0 || length > bytes.length) return [];
    return readTraces(bytes.subarray(0, length)).flatMap((trace) => {
      const { mask, error, attached, lines, omitted } = trace;
      const record = tracedRecord(trace.form);
      // A sandbox that writes something else than a record is not believed.
      if (record === undefined) return [];
      const emitted = lines.flatMap(({ output, fields }) => {
        const name = outputs[output]?.name;
        return name === undefined ? [] : { output: name, fields };
      });
      return {
        ...record,
        outputs: outputs.filter((_, output) => (mask & 1 << output) !== 0).map(({ name }) => name),
        ...attached !== "" && { attached },
        ...emitted.length > 0 && { emitted },
        ...omitted > 0 && { emittedMore: omitted },
        ...error !== "" && { error },
      };
    });
  }
}
