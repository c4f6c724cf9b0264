/** Origin of the records of `nfscribe watch`. */

import type { Counter } from "../../counter/counter.ts";
import type { Flow } from "../../flow/flow.ts";
import type { Packet } from "../../packet/packet.ts";
import type { SourceStats } from "../../source/source.ts";
import type { Stop } from "../stop.ts";

/** A record of any kind. */
export type Watchable = Packet | Flow | Counter;

/** Takes records and notes. */
export interface RecordViewer {
  /** A record came. */
  take(record: Watchable, group: number | undefined): void;
  /** Something that a person wants to know. */
  note(text: string): void;
}

/** Groups of this process, or a running nfscribe. */
export interface Origin extends AsyncDisposable {
  /** Counters of all together. */
  readonly stats: SourceStats;
  /** Records that were received and are not shown, as there are too many; absent for none. */
  readonly omitted?: number;
  /** Whether lines need not say which group a record is of. */
  readonly isOne: boolean;
  /** Hands records to a viewer until it is stopped. */
  watch(viewer: RecordViewer, stop: Stop): Promise<void>;
}
