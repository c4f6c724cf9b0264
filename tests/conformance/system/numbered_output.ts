/**
 * An open output as the daemon has it, which numbered packets are written to.
 *
 * @module
 */

import { checkOutputs } from "../../../src/config/outputs.ts";
import type { Part } from "../../../src/config/config.ts";
import { complete, openOutput } from "../../../src/daemon/open.ts";
import type { BufferedOutput } from "../../../src/daemon/outputs/buffered_output.ts";
import type { ConfigProblem } from "../../../src/errors.ts";
import { Log } from "../../../src/log/log.ts";
import { encoders } from "../../../src/output/encoders.ts";
import { outputs } from "../../../src/output/outputs.ts";
import { numberedFlow } from "../flows.ts";
import { numbered } from "../packets.ts";

const LOG = { file: "-", level: "debug", format: "text" } as const;

/** An output's table in a configuration. */
export type Table = Readonly<Record<string, unknown>>;

/** Returns a checked output, with all that only the privileged side can know. */
export function partOf(type: string, table: Table): Part {
  const problems: ConfigProblem[] = [];
  const [part] = checkOutputs({ [type]: table }, problems);
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  return complete(part!);
}

/** Encodes a record that has a number; returns its length in bytes. */
type EncodeNumbered = (number: number, out: Uint8Array, at: number) => number;

/** Returns the encoder of numbered packets, or of flows for an output that accepts no packets. */
function encoderOf({ type, options }: Part): EncodeNumbered {
  const { packet, flow } = encoders[type]!;
  const disclosed = outputs[type]!.sandboxOptions(options);
  if (packet !== undefined) {
    const encoder = packet(disclosed);
    return (number, out, at) => encoder.encode(numbered(number), out, at);
  }
  const encoder = flow!(disclosed);
  return (number, out, at) => encoder.encode(numberedFlow(number), out, at);
}

/** Writes packets that have numbers, or flows where the output accepts no packets. */
export class NumberedOutput {
  /** The output. */
  readonly buffered: BufferedOutput;
  /** Messages of its log. */
  readonly said: string[];
  /** Packets that were handed over. */
  taken = 0;
  readonly #encode: EncodeNumbered;
  #next: number;
  #losses = 0;

  private constructor(buffered: BufferedOutput, part: Part, first: number, said: string[]) {
    this.buffered = buffered;
    this.said = said;
    this.#next = first;
    this.#encode = encoderOf(part);
  }

  /** Opens it; `first` is the number of the first packet. */
  static async open(type: string, table: Table, first = 0): Promise<NumberedOutput> {
    const part = partOf(type, table);
    const said: string[] = [];
    const log = new Log(LOG, (line) => void said.push(line));
    return new NumberedOutput(await openOutput(part, log), part, first, said);
  }

  /** Hands over one batch. */
  async write(packets: number): Promise<void> {
    const area = new Uint8Array(512 * 1024);
    let at = 0;
    for (let n = 0; n < packets; n++) {
      const length = this.#encode(this.#next++, area, at);
      if (length < 0) throw new Error("no room");
      at += length;
    }
    this.taken += packets;
    await this.buffered.take(area.slice(0, at), { packets, emitted: 0 });
  }

  /** Notes a loss: each of another source, and of one packet more. It is on its way at the end. */
  async noteLoss(): Promise<void> {
    const packets = ++this.#losses;
    this.buffered.noteLoss({ source: `nflog:${packets}`, packets, seconds: 1, nanoseconds: 0 });
    await new Promise((resolve) => setTimeout(resolve, 0));
  }

  /** Encodes one packet alone. */
  encode(number: number): Uint8Array {
    const area = new Uint8Array(64 * 1024);
    return area.subarray(0, this.#encode(number, area, 0));
  }

  /** By how much more was taken than is accounted for: always 0. */
  get imbalance(): number {
    const { written, spooled, failed, dropped, filtered } = this.buffered.stats;
    return this.taken - written - spooled - failed - dropped - filtered;
  }
}
