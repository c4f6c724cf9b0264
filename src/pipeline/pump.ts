/**
 * The loop that moves packets from a source to the outputs.
 *
 * @module
 */

import { NO_ROOM, type Output } from "../output/output.ts";
import { Memory } from "../packet/memory.ts";
import { RawPacket } from "../packet/raw_packet.ts";
import { DATAGRAM_MAX, type Decoder, NOTHING_QUEUED, type Reader } from "../source/source.ts";

/** How long to go on without letting timers and signals in, in milliseconds. */
const TURN_MS = 10;

/**
 * Moves packets until the signal is aborted; then what the kernel still holds
 * is taken in. An output that collects (`sync` is false) writes its rest when it
 * is closed.
 *
 * @param reader Where datagrams come from.
 * @param decoder What makes packets of them.
 * @param outputs Where each packet goes.
 * @param signal Ends it.
 * @throws {NetlinkError} If the socket fails.
 * @throws {OutputError} If an output fails.
 */
export async function pump(
  reader: Reader,
  decoder: Decoder,
  outputs: readonly Output[],
  signal: AbortSignal,
): Promise<void> {
  const memory = new Memory(new ArrayBuffer(DATAGRAM_MAX));
  const packet = new RawPacket(reader.interfaces);
  let turnStartMs = performance.now();
  let stopped = false;
  for (;;) {
    const length = reader.receive(memory.bytes);
    const drained = length === NOTHING_QUEUED;
    if (drained) {
      for (const output of outputs) if (output.sync) await output.flush();
      if (stopped) return;
    } else {
      packet.interfaces = reader.interfaces;
      decoder.begin(memory, 0, length, reader.clock.seconds, reader.clock.nanoseconds);
      while (decoder.next(packet)) {
        for (const output of outputs) {
          while (output.take(packet) === NO_ROOM) await output.flush();
        }
      }
      if (performance.now() - turnStartMs < TURN_MS) continue;
    }
    if (stopped) continue;
    if (signal.aborted) {
      reader.stop();
      stopped = true;
    } else if (drained) {
      await reader.wait();
    } else {
      // A resolved promise would not let signals in.
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    turnStartMs = performance.now();
  }
}
