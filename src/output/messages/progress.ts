/**
 * Notes how far a spool was sent, and how it was cut into runs, in a file of its folder: the receiver
 * keeps no position. The file is written before runs are sent, and after they have arrived.
 */

import { messageOf } from "../../errors.ts";
import { readText } from "../../files/regular_file.ts";
import { KINDS } from "./frame_format.ts";
import { LaneCounts, type StoredCount } from "./lane_counts.ts";
import { newSecret } from "./mark.ts";

/** The file's name in the spool's folder. */
const FILE = "sent.json";
const VERSION = 1;

/** State of the session that is being sent. */
interface State {
  session: string;
  /** Position behind the last run that has arrived. */
  position: number;
  /** Ends of runs behind it that may have been sent, in ascending order. */
  ends: number[];
  /** Records of runs up to the position. */
  counts: LaneCounts;
}

/** The file's contents. */
interface Stored {
  state: State;
  secret: string;
}

/** Keeps the file. */
export class Progress {
  /** Secret of the spool, of which marks of messages are made. */
  readonly secret: string;
  readonly #folder: string;
  readonly #warn: (message: string) => void;
  #state: State | undefined;
  #warned = false;

  /** Reads the file of an earlier process, if there is one. */
  constructor(folder: string, warn: (message: string) => void) {
    this.#folder = folder;
    this.#warn = warn;
    const stored = this.#read();
    this.#state = stored?.state;
    this.secret = stored?.secret ?? newSecret();
  }

  /** Returns the position behind the last run of a session that has arrived; undefined if none is noted. */
  position(session: string): number | undefined {
    return this.#state?.session === session ? this.#state.position : undefined;
  }

  /**
   * Begins with a session, or goes on with it.
   *
   * @param from Position of the next frame.
   * @param isFirst Whether no frame of the session was before it.
   */
  begin(session: string, from: number, isFirst: boolean): void {
    const state = this.#state;
    // Position and frames differ by the head of a segment at the most.
    if (state?.session === session && state.position <= from) return;
    this.#state = { session, position: from, ends: [], counts: new LaneCounts([], isFirst) };
  }

  /** Ends of runs that may have been sent. */
  get ends(): readonly number[] {
    return this.#state?.ends ?? [];
  }

  /** Counts of the records that have arrived. */
  get counts(): LaneCounts {
    return this.#state!.counts;
  }

  /** Notes the ends of runs that are about to be sent. */
  plan(ends: readonly number[]): void {
    const state = this.#state!;
    const last = state.ends.at(-1) ?? 0;
    const fresh = ends.filter((end) => end > last);
    if (fresh.length === 0) return;
    state.ends.push(...fresh);
    this.#write();
  }

  /**
   * Notes that a run has arrived, in memory: {@linkcode flush} writes it.
   *
   * @param counts Records up to its end.
   */
  arrived(to: number, counts: LaneCounts): void {
    const state = this.#state!;
    state.position = to;
    state.counts = counts;
    state.ends = state.ends.filter((end) => end > to);
  }

  /** Writes what has arrived. */
  flush(): void {
    if (this.#state !== undefined) this.#write();
  }

  #write(): void {
    const { session, position, ends, counts } = this.#state!;
    const text = JSON.stringify({
      ...{ version: VERSION, secret: this.secret, session, position, ends },
      isComplete: counts.isComplete,
      counts: counts.stored(),
    });
    const path = `${this.#folder}/${FILE}`;
    try {
      Deno.writeTextFileSync(`${path}.new`, text, { mode: 0o640 });
      Deno.renameSync(`${path}.new`, path);
      this.#warned = false;
    } catch (error) {
      // Messages may be sent again after a crash, cut otherwise.
      if (!this.#warned) this.#warn(`Cannot write ${path}: ${messageOf(error)}`);
      this.#warned = true;
    }
  }

  #read(): Stored | undefined {
    const path = `${this.#folder}/${FILE}`;
    let text;
    try {
      text = readText(path).text;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      this.#warn(`Cannot read ${path}: ${messageOf(error)}; records may be sent again`);
      return undefined;
    }
    const stored = parseStored(text);
    if (stored === undefined) {
      this.#warn(`${path} is not what nfscribe writes; records may be sent again`);
    }
    return stored;
  }
}

function parseStored(text: string): Stored | undefined {
  try {
    const { version, secret, session, position, ends, counts, isComplete } = JSON.parse(text);
    const isRight = version === VERSION && isSecret(secret) && typeof session === "string" &&
      isCount(position) &&
      Array.isArray(ends) && ends.every(isCount) && Array.isArray(counts) && counts.every(isStored);
    if (!isRight) return undefined;
    const laneCounts = new LaneCounts(counts, isComplete === true);
    return { secret, state: { session, position, ends, counts: laneCounts } };
  } catch {
    return undefined;
  }
}

function isSecret(value: unknown): value is string {
  return typeof value === "string" && /^[\w-]{43}$/.test(value);
}

function isStored(value: unknown): value is StoredCount {
  if (!Array.isArray(value) || value.length !== 4) return false;
  const [kind, host, capture, records] = value;
  return KINDS.includes(kind) && typeof host === "string" && typeof capture === "string" &&
    isCount(records);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
