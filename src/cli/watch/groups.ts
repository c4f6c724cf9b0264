/**
 * Watching groups without a filter: in this process, which keeps no right once the
 * groups are open.
 */

import { grouped } from "../../text/figures.ts";
import type { Config } from "../../config/config.ts";
import { type Capture, capture, type CaptureOptions } from "../../capture.ts";
import { accounting, COUNTED } from "../../accounting.ts";
import { conntrack, TRACKED } from "../../conntrack.ts";
import type { LiveRecords } from "../../live_records.ts";
import { NetlinkError } from "../../errors.ts";
import type { SourceStats } from "../../source/source.ts";
import { giveUpAll } from "../rights.ts";
import type { Stop } from "../stop.ts";
import type { Origin, RecordViewer, Watchable } from "./origin.ts";
import { sumOf } from "./totals.ts";

/** Interval of reporting losses, in milliseconds. */
const LOOK_MS = 1000;

/** A group, or the flows or counters of a network namespace, that is watched. */
interface Watched {
  /** Group; undefined for flows and counters. */
  group: number | undefined;
  records: LiveRecords<Watchable>;
  /** Losses that were logged. */
  toldLost: number;
}

/** Several groups that are watched. */
export class Groups implements Origin {
  readonly #watched: readonly Watched[];

  private constructor(watched: readonly Watched[]) {
    this.#watched = watched;
  }

  /**
   * Opens groups, and gives up every right.
   *
   * @param config A configuration of sources that the library reads.
   * @param onWarning Told about what works, but not as asked for.
   * @throws {NetlinkError} If the kernel refuses one; none is open then.
   */
  static async open(
    { sources, actions }: Pick<Config, "sources" | "actions">,
    onWarning: (message: string) => void,
  ): Promise<Groups> {
    await using opened = new AsyncDisposableStack();
    const watched: Watched[] = [];
    for (const { type, options } of sources) {
      if (type === TRACKED) {
        const records = opened.use(await conntrack({ ...options, onWarning }));
        watched.push({ group: undefined, records, toldLost: 0 });
        continue;
      }
      if (type === COUNTED) {
        const records = opened.use(await accounting({ ...options, onWarning }));
        watched.push({ group: undefined, records, toldLost: 0 });
        continue;
      }
      const { group } = options as { group: number };
      const records = opened.use(await openGroup({ ...options, group, actions, onWarning }));
      watched.push({ group, records, toldLost: 0 });
    }
    opened.move();
    giveUpAll();
    return new Groups(watched);
  }

  /** Whether there is one group. */
  get isOne(): boolean {
    return this.#watched.length === 1;
  }

  /** The counters of all groups together. */
  get stats(): SourceStats {
    return sumOf(this.#watched.map(({ records }) => records.stats));
  }

  /** Hands packets to a viewer until it is stopped. */
  async watch(viewer: RecordViewer, stop: Stop): Promise<void> {
    const { signal } = stop;
    const look = setInterval(() => this.#tellLost(viewer), LOOK_MS);
    const close = () => void this.#close();
    signal.addEventListener("abort", close);
    const loop = async ({ group, records }: Watched) => {
      for await (const record of records) {
        if (signal.aborted) break;
        viewer.take(record, group);
      }
    };
    try {
      await Promise.all(this.#watched.map(loop));
    } finally {
      clearInterval(look);
      signal.removeEventListener("abort", close);
    }
  }

  /** Gives the groups back. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
  }

  async #close(): Promise<void> {
    await Promise.all(this.#watched.map(({ records }) => records.close()));
  }

  #tellLost(viewer: RecordViewer): void {
    for (const watched of this.#watched) {
      const { group, records: { stats: { lost } } } = watched;
      const more = lost - watched.toldLost;
      if (more === 0) continue;
      watched.toldLost = lost;
      viewer.note(
        group === undefined
          ? `… ${grouped(more)} events lost: they came faster than they are taken`
          : `… ${grouped(more)} packets lost in group ${group}: ` +
            "they came faster than they are taken; a smaller --copy-range helps",
      );
    }
  }
}

async function openGroup(options: CaptureOptions): Promise<Capture> {
  try {
    return await capture(options);
  } catch (error) {
    if (!(error instanceof NetlinkError) || !/holds it|is held/.test(error.message)) throw error;
    const { message, operation, errno, code, origin } = error;
    throw new NetlinkError(
      `${message}.\nnfscribe watch --running shows what an nfscribe that runs receives. Beside\n` +
        "another program, let the rule log to a second group, too, and watch that",
      { operation, errno, code, origin, cause: error },
    );
  }
}
