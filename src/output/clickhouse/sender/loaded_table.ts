/**
 * The table of ClickHouse as batches are loaded into it, each row once, although there are no
 * transactions: an insert has rows of one day only, which the server takes whole or not at all, and
 * each row says up to which position of the spool its insert went.
 */

import type { Batch } from "../../../buffer/segment_batch.ts";
import { copyByHalves, type Refused, refusedUnread } from "../../delivery/bisect.ts";
import type { Problem } from "../../delivery/problem.ts";
import type { ReceiverContext } from "../../delivery/receiver.ts";
import { cutRows } from "../../table/parse_row.ts";
import { StrangeRowError } from "../../table/row_cursor.ts";
import { BLOCK_SETTINGS } from "../block.ts";
import type { Client } from "../client.ts";
import type { FoundTable } from "../migrate.ts";
import { dayOfName } from "../partitions.ts";
import { type Block, RowBinary } from "../row_binary.ts";
import { ServerError } from "../server_error.ts";
import { insertStatement, literal, quoted, timeOf } from "../schema.ts";

/** Interval of looks for an insert that still runs, in milliseconds. */
const LOOK_MS = 100;
/** Longest wait for it, in milliseconds. */
const RUNNING_MOST_MS = 30_000;
/** Wait for it where this user may not look, in milliseconds. */
const BLIND_MS = 2000;
/** `ACCESS_DENIED` */
const DENIED = "497";
/** Rows of an insert at most: the server makes one part of them. */
const ROWS_MOST = 1_048_576;

/** Positions up to which the table has the rows of a day, by day. */
type Arrived = ReadonlyMap<number, number>;
const NOTHING_ARRIVED: Arrived = new Map();

/** Loads batches through one client. */
export class ClickhouseTable {
  readonly #client: Client;
  readonly #form: FoundTable;
  readonly #compression: "none" | "gzip";
  readonly #context: ReceiverContext;
  readonly #explain: (error: unknown) => Problem;
  readonly #rows: RowBinary;
  readonly #statement: string;
  /** Whether a batch may have arrived: after a start, a failure, or a batch that had, and of earlier runs. */
  #isUnsure = true;
  /** Whether an insert may still run whose answer did not arrive. */
  #mayRun = true;
  #spool: string | undefined;

  /** Prepares it. */
  constructor(
    client: Client,
    form: FoundTable,
    compression: "none" | "gzip",
    context: ReceiverContext,
    explain: (error: unknown) => Problem,
  ) {
    this.#client = client;
    this.#form = form;
    this.#compression = compression;
    this.#context = context;
    this.#explain = explain;
    this.#rows = new RowBinary(form.isModern);
    this.#statement = insertStatement(form);
  }

  /**
   * Loads what the table does not have of a batch. Refused rows are found by halving, and quarantined.
   *
   * @returns The number of refused rows.
   */
  async load(batch: Batch): Promise<number> {
    if (batch.session !== this.#spool) {
      [this.#spool, this.#isUnsure, this.#mayRun] = [batch.session, true, true];
    }
    const place = placeOf(batch);
    try {
      await this.#insert(batch.frames, batch.to, place);
      return 0;
    } catch (error) {
      if (!(error instanceof StrangeRowError) && this.#explain(error).kind !== "row") throw error;
    }
    const { rows, strange } = cutRows(batch.frames);
    const unread = strange.map(refusedUnread);
    const { quarantine } = this.#context;
    if (unread.length > 0) await quarantine(batch, unread);
    const refused: Refused[] = await copyByHalves(rows, {
      copy: (rows) => {
        const last = rows.at(-1)!;
        return this.#insert(rows, place(last, last.length), place);
      },
      explain: (error) =>
        error instanceof StrangeRowError
          ? { kind: "row", message: error.message, code: undefined }
          : this.#explain(error),
      // Rows behind it say that it is done with.
      refuse: (refused) => quarantine(batch, [refused]),
    });
    // A frame may say that it holds fewer rows than it does.
    return batch.records - Math.min(batch.records, rows.length - refused.length);
  }

  /** Inserts the rows that have not arrived, day by day. */
  async #insert(pieces: readonly Uint8Array[], to: number, positionOf: Place): Promise<void> {
    const spool = this.#spool!;
    const make = (arrived: Arrived) => this.#rows.of({ pieces, spool, to, positionOf, arrived });
    let blocks = make(NOTHING_ARRIVED);
    if (this.#isUnsure) {
      const arrived = await this.#arrived(blocks);
      if (arrived.size > 0) blocks = make(arrived);
      // Of an earlier run's spool any batch may have arrived, and others have been dropped since.
      else this.#isUnsure = spool !== this.#context.setup.session;
    }
    const wasUnsure = this.#isUnsure;
    this.#isUnsure = true;
    for (const block of blocks) {
      this.#context.onProgress();
      await this.#send(block, to);
    }
    this.#isUnsure = wasUnsure;
  }

  async #send(block: Block, to: number): Promise<void> {
    try {
      await this.#client.insert({
        statement: this.#statement,
        bytes: block.bytes,
        compression: this.#compression,
        settings: this.#settings(block, to),
      });
    } catch (error) {
      this.#mayRun ||= !(error instanceof ServerError);
      throw error;
    }
  }

  #settings({ day, first, rows }: Block, to: number): Record<string, string | number> {
    const spool = this.#spool!;
    return {
      ...BLOCK_SETTINGS,
      query_id: `${queryPrefix(spool)}${crypto.randomUUID()}`,
      max_insert_block_size: ROWS_MOST,
      ...this.#client.server.isModern && {
        async_insert: 0,
        insert_deduplication_token: `${spool}:${day}:${first}:${to}:${rows}`,
      },
    };
  }

  /** Asks up to where the table has rows of the spool, once no earlier insert of it still runs. */
  async #arrived(blocks: readonly Block[]): Promise<Arrived> {
    if (blocks.length === 0) return NOTHING_ARRIVED;
    if (this.#mayRun) await this.#untilNoneRuns();
    this.#mayRun = false;
    const { table, engine, isModern } = this.#form;
    if (engine.startsWith("Replicated")) {
      await this.#client.run(`SYSTEM SYNC REPLICA ${quoted(table)}`);
    }
    const first = Math.min(...blocks.map(({ firstSecond }) => firstSecond));
    const last = Math.max(...blocks.map(({ lastSecond }) => lastSecond));
    const time = (second: number) => timeOf(second, isModern);
    const rows = await this.#client.rows(
      `SELECT toYYYYMMDD(time) AS day, toString(max(position)) AS last FROM ${quoted(table)} ` +
        `WHERE spool = toUUID(${literal(this.#spool!)}) ` +
        `AND time >= ${time(first)} AND time <= ${time(last + 1)} GROUP BY day`,
    );
    return new Map(
      rows.map(({ day, last }) => [dayOfName(String(day)), Number(last)]),
    );
  }

  /** Waits until the server has ended inserts whose connection was lost. */
  async #untilNoneRuns(): Promise<void> {
    const begin = performance.now();
    for (let quiet = 0; quiet < 2; quiet++) {
      const running = await this.#running();
      if (running === undefined) return await pause(BLIND_MS);
      if (running > 0) quiet = -1;
      if (performance.now() - begin > RUNNING_MOST_MS) {
        throw Object.assign(new Error("an earlier insert still runs"), {
          code: "CONNECTION_ENDED",
        });
      }
      // A request that the server has not begun to read is not among them yet.
      if (quiet < 1) await pause(LOOK_MS);
    }
  }

  /** Returns how many inserts of the spool run; undefined if this user may not look. */
  async #running(): Promise<number | undefined> {
    try {
      const [row] = await this.#client.rows(
        "SELECT toString(count()) AS n FROM system.processes " +
          `WHERE query_id LIKE '${queryPrefix(this.#spool!)}%'`,
      );
      return Number(row?.n);
    } catch (error) {
      if (!(error instanceof ServerError) || error.code !== DENIED) throw error;
      this.#context.log.info(
        "The user may not read system.processes: after each connection nfscribe waits " +
          `${BLIND_MS / 1000} s for inserts that may still run; grant SELECT on it`,
      );
      return undefined;
    }
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Beginning of the identifiers of a spool's inserts. */
function queryPrefix(spool: string): string {
  return `nfscribe.${spool}.`;
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
