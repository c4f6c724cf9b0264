/** Collects the trace of a record, as for `nfscribe test`. */

import type { PendingEvent } from "./context.ts";
import type { Trace } from "./trace.ts";

const decoder = new TextDecoder();

/** Trace of the current record. */
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
    return { mask: 0, form: "", error: "", attached: "", lines: between, omitted: 0 };
  }

  /**
   * Returns the trace of a record and starts the next one.
   *
   * @param form Structured form, as JSON.
   * @param extra Fields that the filter attached, as JSON in UTF-8.
   * @param mask Bit for each output that the record goes to.
   * @param otherwise Text to show if the filter did not fail.
   */
  end(form: string, extra: Uint8Array | undefined, mask: number, otherwise: string): Trace {
    const record: Trace = {
      mask,
      form,
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
