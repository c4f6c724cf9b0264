/**
 * A configuration at work: sources and outputs are opened, packets move, all is
 * closed and counted.
 *
 * @module
 */

import type { Config } from "../config/config.ts";
import { encoders } from "../output/encoders.ts";
import { Output, type OutputStats } from "../output/output.ts";
import { writers } from "../output/writers.ts";
import { ABSENT, type RawPacket } from "../packet/raw_packet.ts";
import { decoders } from "../source/decoders.ts";
import { readers } from "../source/readers.ts";
import type { Decoder, Reader, SourceStats } from "../source/source.ts";
import type { Log } from "./log.ts";
import { pump } from "./pump.ts";

/** What became of every packet. */
export interface Counters {
  /** What came in, by source. */
  sources: Record<string, SourceStats>;
  /** What the filter decided. */
  filter: { passed: number; dropped: number; failed: number; timedOut: number };
  /** What went out, by output. */
  outputs: Record<string, OutputStats>;
}

interface Source {
  name: string;
  reader: Reader;
  decoder: Decoder;
}

/**
 * Runs a configuration until the signal is aborted.
 *
 * @param config What to run.
 * @param log Told what happens; the last record is `stopped`, with the counters.
 * @param signal Ends it, orderly.
 * @throws {NetlinkError} If a source fails.
 * @throws {OutputError} If an output fails.
 */
export async function run(config: Config, log: Log, signal: AbortSignal): Promise<void> {
  const outputs: Output[] = [];
  const sources: Source[] = [];
  try {
    // A pipe opens only when somebody reads it: that is no reason not to stop.
    const stop = rejectionOf(signal);
    for (const part of config.outputs) {
      outputs.push(await Promise.race([openOutput(part, log), stop]));
    }
    for (const part of config.sources) sources.push(await openSource(part, log));
    log.info("started", {
      sources: sources.map(({ name }) => name),
      outputs: outputs.map(({ name }) => name),
    });
    await pumpAll(sources, outputs, signal);
  } catch (error) {
    if (error !== signal.reason) throw error;
  } finally {
    for (const source of sources) warnOfDrops(source, log);
    await Promise.allSettled(sources.map(({ reader }) => reader.close()));
    const closed = await Promise.allSettled(outputs.map((output) => output.close()));
    for (const { reason } of closed.filter((result) => result.status === "rejected")) {
      log.error(reason instanceof Error ? reason.message : String(reason));
    }
    if (sources.length === config.sources.length) {
      log.info("stopped", { counters: countersOf(sources, outputs) });
    }
  }
}

/** Rejects with the signal's reason, once it is aborted; nobody need wait for it. */
function rejectionOf(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  promise.catch(() => {});
  return promise;
}

/** Pumps every source; when one fails, the others take in what they have and stop. */
async function pumpAll(
  sources: readonly Source[],
  outputs: readonly Output[],
  signal: AbortSignal,
): Promise<void> {
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  either.addEventListener("abort", () => sources.forEach(({ reader }) => reader.wake()));
  const results = await Promise.allSettled(sources.map(async ({ reader, decoder }) => {
    try {
      await pump(reader, decoder, outputs, either);
    } catch (error) {
      failed.abort();
      throw error;
    }
  }));
  for (const result of results) if (result.status === "rejected") throw result.reason;
}

/** `lost` counts packets up to the last one received: what was dropped after it shows here only. */
function warnOfDrops({ name, reader, decoder }: Source, log: Log): void {
  const datagrams = reader.droppedDatagrams;
  if (datagrams === 0) return;
  log.warn(
    "The receive buffer was full at times and the kernel dropped what did not fit; " +
      "raise buffer_size or queue_threshold, or use a faster output",
    { source: name, datagrams, lost: decoder.lost },
  );
}

async function openOutput(part: Config["outputs"][number], log: Log): Promise<Output> {
  const { name, type } = part;
  const { complete, open } = writers[type]!;
  const options = complete?.(part.options) ?? part.options;
  const warn = (message: string) => log.warn(message, { output: name });
  const writer = await open(options as never, warn);
  return new Output(name, encoders[type]!(options as never), writer, {
    sync: options.sync !== false,
    onUnfit: (packet) =>
      warn(
        `A packet ${
          unfitReason(packet)
        } has no place in a ${type} output; such packets are counted as failed`,
      ),
  });
}

/** What is special about a packet that an output's format cannot hold. */
function unfitReason({ payloadLength, hwProtocol }: RawPacket): string {
  if (payloadLength <= 0) return "without payload";
  if (hwProtocol === ABSENT) return "of unknown kind";
  return `of ethertype 0x${hwProtocol.toString(16).padStart(4, "0")}`;
}

async function openSource(part: Config["sources"][number], log: Log): Promise<Source> {
  const { name, type, options } = part;
  const warn = (message: string) => log.warn(message, { source: name });
  const reader = await readers[type]!.open(options as never, warn);
  return { name, reader, decoder: decoders[type]!() };
}

function countersOf(sources: readonly Source[], outputs: readonly Output[]): Counters {
  let passed = 0;
  const counters: Counters = {
    sources: {},
    filter: { passed, dropped: 0, failed: 0, timedOut: 0 },
    outputs: {},
  };
  for (const { name, reader, decoder } of sources) {
    const { received, lost, malformed } = decoder;
    counters.sources[name] = { received, lost, malformed, foreign: reader.foreign };
    passed += received - malformed;
  }
  counters.filter.passed = passed;
  for (const output of outputs) counters.outputs[output.name] = output.stats;
  return counters;
}
