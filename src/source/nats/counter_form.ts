/** Fills in a raw counter from its structured form: the way back from JSON. Pure. */

import { ABSENT } from "../../packet/absent.ts";
import { STRUCTURED_VERSION } from "../../packet/structured.ts";
import { FormFields } from "./form_fields.ts";
import { familyNumber } from "../../counter/families.ts";
import type { RawCounter } from "../../counter/raw_counter.ts";

/** Memory of a counter: two names of three bytes a character. */
const MEMORY = 32 * 1024;
const COUNT = Number.MAX_SAFE_INTEGER;
const HIGH = 0x1_0000_0000;
/** Bits of `enum nfnl_acct_flags` (linux/netfilter/nfnetlink_acct.h). */
const [QUOTA_PKTS, QUOTA_BYTES, OVERQUOTA] = [1, 2, 4];

/** Fills in counters. */
export class CounterFiller {
  readonly #fields = new FormFields();
  readonly #memory = new Uint8Array(MEMORY);

  /**
   * Fills in a counter; it is valid until the next call.
   *
   * @param form Structured form as JSON has it, from another process or host.
   * @returns Whether it is one of a counter.
   */
  fill(counter: RawCounter, form: unknown): boolean {
    const fields = this.#fields;
    counter.reset(this.#memory, 0, 0);
    fields.begin(form);
    if (fields.get("type") !== "counter" || fields.get("version") !== STRUCTURED_VERSION) {
      return false;
    }
    if (!this.#names(counter)) return false;
    const time = fields.time("time");
    counter.receivedSeconds = Math.floor(time / 1e6);
    counter.receivedNanoseconds = time % 1e6 * 1000;
    counter.reading = fields.whole("seq", COUNT);
    counter.packetCount = fields.whole("packets", COUNT);
    counter.byteCount = fields.whole("bytes", COUNT);
    counter.interval = fields.microseconds("interval");
    counter.isRestarted = fields.isTrue("restarted");
    counter.totalPackets = fields.whole("totalPackets", COUNT);
    counter.totalBytes = fields.whole("totalBytes", COUNT);
    if (counter.totalPackets === ABSENT) {
      // As where each reading sets the object to 0.
      counter.isReset = true;
      counter.totalPackets = counter.packetCount;
      counter.totalBytes = counter.byteCount;
    }
    [counter.packetsHigh, counter.packetsLow] = wordsOf(counter.totalPackets);
    [counter.bytesHigh, counter.bytesLow] = wordsOf(counter.totalBytes);
    counter.extra = fields.extra();
    const quota = fields.get("quota");
    if (quota !== undefined) this.#quota(counter, quota);
    return !fields.isWrong && time !== ABSENT;
  }

  /** Fills in what names the object; returns false if something is missing. */
  #names(counter: RawCounter): boolean {
    const fields = this.#fields;
    const [object, name] = [fields.get("object"), fields.text("name")];
    if (name === undefined) return false;
    let used = 0;
    if (object === "nft") {
      const table = fields.text("table");
      const family = familyNumber(fields.text("family") ?? "");
      if (table === undefined || family === undefined) return false;
      counter.family = family;
      used = counter.tableLength = this.#text(table, 0);
    } else if (object !== "nfacct") return false;
    counter.nameOffset = used;
    counter.nameLength = this.#text(name, used);
    counter.end = used + counter.nameLength;
    return true;
  }

  #quota(counter: RawCounter, form: unknown): void {
    const fields = this.#fields;
    fields.use(form);
    const [packets, bytes] = [fields.whole("packets", COUNT), fields.whole("bytes", COUNT)];
    counter.quota = packets === ABSENT ? bytes : packets;
    counter.flags = packets === ABSENT ? QUOTA_BYTES : QUOTA_PKTS;
    if (fields.isTrue("exceeded")) counter.flags |= OVERQUOTA;
  }

  #text(text: string, at: number): number {
    return new TextEncoder().encodeInto(text, this.#memory.subarray(at)).written;
  }
}

/** Returns the words of a count. */
function wordsOf(count: number): [high: number, low: number] {
  return count === ABSENT ? [ABSENT, 0] : [Math.floor(count / HIGH), count % HIGH];
}
