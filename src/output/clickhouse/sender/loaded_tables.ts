/**
 * Tables of ClickHouse as batches are loaded into them, each row once, although there are no
 * transactions: an insert has rows of one day only, which the server takes whole or not at all, and
 * each row says up to which position of the spool its batch went.
 */

import type { Batch } from "../../../buffer/segment_batch.ts";
import { copyByHalves, type Refused, refusedUnread } from "../../delivery/bisect.ts";
import type { Following } from "../../delivery/following.ts";
import type { Problem } from "../../delivery/problem.ts";
import type { ReceiverContext } from "../../delivery/receiver.ts";
import { cutRows } from "../../table/parse_row.ts";
import type { RecordTable, TableKind } from "../../table/record_table.ts";
import { framesByTable, tableOfRow } from "../../table/record_tables.ts";
import { StrangeRowError } from "../../table/row_cursor.ts";
import { BodyFrames, FRAME_SETTINGS } from "../body_frames.ts";
import type { Client } from "../client.ts";
import type { DayBlock } from "../day_block.ts";
import { DayBlocks } from "../day_blocks.ts";
import type { FoundTable } from "../migrate.ts";
import { ServerError } from "../server_error.ts";
import { insertStatement } from "../schema.ts";
import { Arrivals, type Arrived, NOTHING_ARRIVED, queryPrefix } from "./arrivals.ts";

/** Rows and bytes from which on a server makes a part: more than an insert has, which is of one segment. */
const [ROWS_MOST, BYTES_MOST] = [2_000_000, 1_000_000_000];

/** A table, and what makes blocks of its rows. */
interface Loaded {
  form: FoundTable;
  statement: string;
  blocks: DayBlocks;
}

/** Loads batches through one client. */
export class ClickhouseTables {
  readonly #client: Client;
  readonly #compression: "none" | "gzip";
  readonly #context: ReceiverContext;
  readonly #explain: (error: unknown) => Problem;
  readonly #loaded = new Map<TableKind, Loaded>();
  /** Whether a batch may have arrived: after a start, a failure, or a batch that had, and of earlier runs. */
  #isUnsure = true;
  #spool: string | undefined;
  #arrivals: Arrivals | undefined;
  /** Position before which each batch is loaded alone: an insert of several was refused. */
  #aloneTo = 0;
  /** Whether a batch was loaded over this connection: the first one goes alone, for errors to show. */
  #hasLoaded = false;

  /** Prepares it. */
  constructor(
    client: Client,
    compression: "none" | "gzip",
    context: ReceiverContext,
    explain: (error: unknown) => Problem,
  ) {
    this.#client = client;
    this.#compression = compression;
    this.#context = context;
    this.#explain = explain;
  }

  /** Adds a table, which is up to date. */
  add(form: FoundTable): void {
    const loaded = { form, statement: insertStatement(form), blocks: new DayBlocks(form) };
    this.#loaded.set(form.record.kind, loaded);
  }

  /**
   * Loads what the tables do not have of a batch, and of those that follow it. Refused rows are found
   * by halving, and quarantined.
   *
   * @returns The number of refused rows.
   */
  async load(batch: Batch, following: Following): Promise<number> {
    if (batch.session !== this.#spool) {
      [this.#spool, this.#isUnsure, this.#aloneTo] = [batch.session, true, 0];
      this.#arrivals = new Arrivals(this.#client, this.#context.log, batch.session);
    }
    const place = placeOf(batch);
    const tables = framesByTable(batch.frames);
    const gathers = tables.size === 1 && this.#hasLoaded && batch.from >= this.#aloneTo;
    try {
      for (const [record, frames] of tables) {
        if (record === undefined) throw new StrangeRowError();
        await this.#insert(record, frames, batch.to, place, gathers ? following : undefined);
      }
      this.#hasLoaded = true;
      return 0;
    } catch (error) {
      if (!(error instanceof StrangeRowError) && this.#explain(error).kind !== "row") throw error;
    }
    if (following.readTo !== undefined) {
      // The memory of the first batch is that of the last one now.
      this.#aloneTo = following.readTo;
      following.takeNone();
      return 0;
    }
    const { rows, strange } = cutRows(batch.frames);
    const unread = strange.map(refusedUnread);
    const { quarantine } = this.#context;
    if (unread.length > 0) await quarantine(batch, unread);
    const refused: Refused[] = [];
    for (const [record, some] of Map.groupBy(rows, tableOfRow)) {
      refused.push(
        ...await copyByHalves(some, {
          copy: (rows) => {
            const last = rows.at(-1)!;
            return this.#insert(record!, rows, place(last, last.length), place);
          },
          explain: (error) =>
            error instanceof StrangeRowError
              ? { kind: "row", message: error.message, code: undefined }
              : this.#explain(error),
          // Rows behind it say that it is done with.
          refuse: (refused) => quarantine(batch, [refused]),
        }),
      );
    }
    // A frame may say that it holds fewer rows than it does.
    return batch.records - Math.min(batch.records, rows.length - refused.length);
  }

  /** Inserts the rows that have not arrived, day by day; those of one day with what follows them. */
  async #insert(
    record: RecordTable,
    pieces: readonly Uint8Array[],
    to: number,
    place: Place,
    following?: Following,
  ): Promise<void> {
    const loaded = this.#loaded.get(record.kind);
    // Behind a first row of another table, who can write the spool can have put anything.
    if (loaded === undefined) throw new StrangeRowError();
    const blocks = await this.#missing(loaded, pieces, to, place);
    const wasUnsure = this.#isUnsure;
    this.#isUnsure = true;
    const isKnown = !wasUnsure || this.#isOld;
    const more = isKnown && blocks.size === 1 && following?.isReady ? following : undefined;
    // Making those that follow changes the map.
    for (const [day, block] of [...blocks]) await this.#send(loaded, day, block, to, more);
    this.#isUnsure = wasUnsure;
  }

  /** Makes blocks of the rows that have not arrived. */
  async #missing(
    { form, blocks }: Loaded,
    pieces: readonly Uint8Array[],
    to: number,
    positionOf: Place,
  ): Promise<ReadonlyMap<number, DayBlock>> {
    const spool = this.#spool!;
    const make = (arrived: Arrived) => blocks.of({ pieces, spool, to, positionOf, arrived });
    const made = make(NOTHING_ARRIVED);
    if (!this.#isUnsure) return made;
    const arrived = await this.#arrivals!.of(form, made);
    if (arrived.size > 0) return make(arrived);
    // Of an earlier run's spool any batch may have arrived, and others have been dropped since.
    this.#isUnsure = this.#isOld;
    return made;
  }

  async #send(
    loaded: Loaded,
    day: number,
    block: DayBlock,
    to: number,
    following: Following | undefined,
  ): Promise<void> {
    const { first, rows } = block;
    const token = `${this.#spool}:${day}:${first}:${to}:${rows}`;
    const sending = { isOver: false };
    try {
      await this.#client.insert({
        statement: loaded.statement,
        pieces: this.#body(loaded, day, block, following, sending),
        compression: this.#compression,
        settings: this.#settings(following === undefined ? token : undefined),
      });
    } catch (error) {
      this.#arrivals!.mayRun ||= !(error instanceof ServerError);
      throw error;
    } finally {
      sending.isOver = true;
    }
  }

  /**
   * Makes a body of a block, and of batches that follow it as long as they have rows of its day. Once
   * the server has answered, with an error before the end, it touches neither blocks nor spool.
   */
  async *#body(
    loaded: Loaded,
    day: number,
    first: DayBlock,
    following: Following | undefined,
    sending: { isOver: boolean },
  ): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    const frames = new BodyFrames();
    for (let block: DayBlock | undefined = first; block !== undefined;) {
      for (const piece of frames.block([...block.parts()])) {
        yield piece;
        if (sending.isOver) return;
        this.#context.onProgress();
      }
      block = following && await this.#next(loaded, day, following, sending);
    }
    yield frames.end();
  }

  /** Takes the next batch if all of its rows are missing, of this table and of this day. */
  async #next(
    { form, blocks }: Loaded,
    day: number,
    following: Following,
    sending: { isOver: boolean },
  ): Promise<DayBlock | undefined> {
    const batch = following.read();
    const tables = batch === undefined ? [] : [...framesByTable(batch.frames).keys()];
    if (batch === undefined || tables.some((record) => record !== form.record)) return undefined;
    const made = blocks.of({
      pieces: batch.frames,
      spool: batch.session,
      to: batch.to,
      positionOf: placeOf(batch),
      arrived: NOTHING_ARRIVED,
    });
    const block = made.get(day);
    if (block === undefined || made.size > 1) return undefined;
    if (this.#isOld && (await this.#arrivals!.of(form, made)).size > 0) return undefined;
    if (sending.isOver) return undefined;
    following.take();
    return block;
  }

  #settings(token: string | undefined): Record<string, string | number> {
    return {
      ...FRAME_SETTINGS,
      query_id: `${queryPrefix(this.#spool!)}${crypto.randomUUID()}`,
      // The server makes one block of all, which it takes or not.
      min_insert_block_size_rows: ROWS_MOST,
      min_insert_block_size_bytes: BYTES_MOST,
      ...this.#client.server.isModern && {
        async_insert: 0,
        ...token !== undefined && { insert_deduplication_token: token },
      },
    };
  }

  /** Whether the spool is that of an earlier run. */
  get #isOld(): boolean {
    return this.#spool !== this.#context.setup.session;
  }
}

/** Function that returns the position of an offset in a piece of a batch. */
type Place = (piece: Uint8Array, offset: number) => number;

/** Returns positions in a batch: its frames, and the rows in them, are parts of one buffer. */
function placeOf({ frames, heads }: Batch): Place {
  const [frame, head] = [frames[0], heads[0]];
  if (frame === undefined || head === undefined) return () => 0;
  const start = head.end - (frame.byteOffset + frame.length);
  return (piece, offset) => start + piece.byteOffset + offset;
}
