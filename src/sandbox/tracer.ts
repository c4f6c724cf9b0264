/** Collects the trace of a packet, as for `nfscribe test`. */

import { Packet } from "../packet/packet.ts";
import type { RawPacket } from "../packet/raw_packet.ts";
import { structuredText } from "../packet/structured.ts";
import type { PendingEvent } from "./context.ts";
import { FORM_MAX, type Trace } from "./trace.ts";

const decoder = new TextDecoder();

/** Trace of the current packet. */
export class Tracer {
  /** Failure of the filter; empty if there is none. */
  fault = "";
  #lines: PendingEvent[] = [];

  /**
   * Takes lines that the script emitted.
   *
   * @returns Record of the lines between two packets; undefined for none.
   */
  take(lines: readonly PendingEvent[]): Trace | undefined {
    this.#lines.push(...lines.filter(({ inPacket }) => inPacket));
    const between = lines.filter(({ inPacket }) => !inPacket);
    if (between.length === 0) return undefined;
    return { mask: 0, packet: "", error: "", attached: "", lines: between, omitted: 0 };
  }

  /**
   * Returns the trace of a packet and starts the next one.
   *
   * @param mask Bit for each output that the packet goes to.
   * @param otherwise Text to show if the filter did not fail.
   */
  end(packet: RawPacket, mask: number, otherwise: string): Trace {
    const { extra } = packet;
    const record: Trace = {
      mask,
      packet: structuredText(new Packet(packet), packet.capture, FORM_MAX),
      error: this.fault || otherwise,
      attached: extra === undefined ? "" : decoder.decode(extra),
      lines: this.#lines,
      omitted: 0,
    };
    this.fault = "";
    this.#lines = [];
    return record;
  }
}
