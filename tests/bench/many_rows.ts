/**
 * Rows of many packets, as a firewall's: a few prefixes, many senders, spread over days.
 *
 * @module
 */

import type { Batch } from "../../src/buffer/segment_batch.ts";
import { COLUMNS } from "../../src/output/table/columns.ts";
import { fieldsOf, rowOf } from "../../src/output/table/parse_row.ts";
import { ROW_EPOCH } from "../../src/output/table/row.ts";
import { RowEncoder } from "../../src/output/table/row_encoder.ts";
import { uint } from "../databases/rows.ts";
import { onePacket } from "./sample.ts";

/** Bytes of a frame, and frames of a batch. */
const [FRAME, FRAMES] = [480_000, 8];
const PREFIXES = ["DROP in: ", "DROP scan: ", "ACCEPT ssh: ", "ACCEPT web: ", "REJECT out: "];
const PROTOCOLS = [6, 6, 6, 17, 1];
/** Senders; a few send most of the packets. */
const SENDERS = 20_000;

/** A row, and where it changes. */
interface Template {
  row: Uint8Array;
  at: Readonly<Record<string, number>>;
}

function templates(session: string): Template[] {
  const encoder = new RowEncoder({ hostname: "gate", session, payload: false });
  const out = new Uint8Array(4096);
  const packet = Object.assign(onePacket(), { capture: "nflog:1" });
  const fields = fieldsOf(out.slice(0, encoder.encode(packet, out, 0)));
  return PREFIXES.flatMap((prefix) =>
    PROTOCOLS.map((protocol) => {
      const row = rowOf(fields.map((field, index) => {
        const [name] = COLUMNS[index]!;
        if (name === "prefix") return new TextEncoder().encode(prefix);
        return name === "protocol" ? uint(protocol, 2) : field;
      }));
      const at: Record<string, number> = {};
      for (const [index, field] of fieldsOf(row).entries()) {
        if (field !== undefined) at[COLUMNS[index]![0]] = field.byteOffset - row.byteOffset;
      }
      return { row, at };
    })
  );
}

/**
 * Makes batches of rows, evenly spread over a time.
 *
 * @param from Time of the first row, in milliseconds since the Unix epoch.
 */
export function* manyRows(rows: number, fromMs: number, toMs: number): Generator<Batch> {
  const session = crypto.randomUUID();
  const all = templates(session);
  const start = BigInt(fromMs - ROW_EPOCH * 1000) * 1000n;
  const length = BigInt(toMs - fromMs) * 1000n;
  let [random, made, end] = [1, 0, 0];
  const next = (most: number) => {
    random = Math.imul(random, 1_664_525) + 1_013_904_223 >>> 0;
    return Math.floor(random / 2 ** 32 * most);
  };
  while (made < rows) {
    const batch: Batch = { session, from: end, to: end, records: 0, frames: [], heads: [] };
    for (let frame = 0; frame < FRAMES && made < rows; frame++) {
      const out = new Uint8Array(16 + FRAME);
      const view = new DataView(out.buffer);
      let [at, records] = [16, 0];
      for (; made < rows && at + 1000 < out.length; made++, records++) {
        const { row, at: offsets } = all[next(all.length)]!;
        out.set(row, at);
        view.setBigInt64(at + offsets.time!, start + length * BigInt(made) / BigInt(rows));
        const sender = next(4) === 0 ? next(SENDERS) : next(50);
        view.setUint32(at + offsets.source_address! + 4, 0x0a000000 + sender);
        view.setInt32(at + offsets.source_port!, 1024 + next(60_000));
        view.setInt32(at + offsets.destination_port!, next(3) === 0 ? next(65_536) : 443);
        view.setUint32(at + offsets.seq! + 4, made);
        at += row.length;
      }
      batch.frames.push(out.subarray(16, at));
      end += at;
      const head = { length: at - 16, records, crc: 0, timeMs: Date.now(), tag: 0, end };
      batch.heads.push(head);
      batch.records += records;
      batch.to = end;
    }
    yield batch;
  }
}
