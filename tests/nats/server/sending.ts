/**
 * Sends numbered packets through the NATS output, without a capture.
 *
 * @module
 */

import { targetOf } from "../../../src/nats/target.ts";
import type { OutputLog } from "../../../src/output/output.ts";
import { natsEncoders } from "../../../src/output/nats/encoder.ts";
import { natsOutputEntries, type NatsOutputOptions } from "../../../src/output/nats/options.ts";
import type { CompleteNatsOptions } from "../../../src/output/nats/prepare.ts";
import { openNats } from "../../../src/output/nats/writer.ts";
import { optionsOf } from "../../../src/schema.ts";
import { numbered } from "../../conformance/packets.ts";
import { readBlocks } from "../../output/pcap/blocks.ts";
import type { ReadMessage } from "./stream_reader.ts";

/** A log that keeps its warnings. */
export class TestLog implements OutputLog {
  readonly warnings: string[] = [];
  info(): void {}
  warn(message: string): void {
    this.warnings.push(message);
  }
}

/** Returns complete options of an output. */
export function completeOptions(
  options: Partial<NatsOutputOptions> & Pick<NatsOutputOptions, "url" | "spool">,
): CompleteNatsOptions {
  const checked = optionsOf(natsOutputEntries, {
    ...{ create: true, hostname: "gate", spoolSync: "off", flushMs: 1, compression: "none" },
    ...options,
  }, "options");
  const { stream } = checked;
  return {
    ...checked,
    ...{ hostname: "gate", session: crypto.randomUUID() },
    ...{ table: stream, flowsTable: stream, countersTable: stream },
    connection: targetOf(checked),
  };
}

/** Opens the output. */
export function openOutput(
  options: Parameters<typeof completeOptions>[0],
  log: OutputLog = new TestLog(),
): ReturnType<typeof openNats> {
  return openNats(completeOptions(options), log);
}

/** Encodes packets with these numbers as a frame. */
export function numberedFrame(from: number, count: number, messageBytes = 512 * 1024): Uint8Array {
  const encoder = natsEncoders.packet!({
    ...{ payload: "pcapng", messageBytes, hostname: "gate", session: "" },
  });
  const out = new Uint8Array(1024 + 300 * count);
  let at = 0;
  for (let number = from; number < from + count; number++) {
    at += encoder.encode(numbered(number), out, at);
  }
  return out.subarray(0, at);
}

/** Returns the numbers of packets in messages. */
export function numbersIn(messages: readonly ReadMessage[]): number[] {
  return messages.flatMap(({ body }) =>
    readBlocks(body).packets.map(({ data }) => {
      // The last attribute is the payload; a number is the source port of 32 bytes of UDP over IPv4.
      const view = new DataView(data.buffer, data.byteOffset, data.length);
      return view.getUint16(data.length - 32 + 20);
    })
  );
}

/** Returns numbers in ascending order. */
export function upTo(count: number, from = 0): number[] {
  return Array.from({ length: count }, (_, index) => from + index);
}
