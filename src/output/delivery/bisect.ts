/** Finds the rows that a server refuses. */

import { escapeByte } from "../../text/utf8.ts";
import { describeRow, fieldsOf, rowOf } from "../table/parse_row.ts";
import { tableOfRow } from "../table/record_tables.ts";
import type { Problem } from "./problem.ts";

/** A row that the server refused. */
export interface Refused {
  /** The row as sent. */
  row: Uint8Array;
  /** Its columns as text. */
  columns: Record<string, string>;
  /** The server's error. */
  problem: Problem;
}

/** Returns a refusal for bytes that are not a row: they are not even sent. */
export function refusedUnread(row: Uint8Array): Refused {
  const message =
    "these bytes are not a row of nfscribe; which other program can write to the spool?";
  return { row, columns: {}, problem: { kind: "row", message, code: undefined } };
}

/** Functions for trying rows. */
export interface Trial {
  /** Copies rows so that a failure undoes only these. */
  copy(rows: readonly Uint8Array[]): Promise<void>;
  /** Explains an error; an error of another kind than `row` ends the search. */
  explain(error: unknown): Problem;
  /** Takes each refused row as soon as it is found, before further rows are copied. */
  refuse?(refused: Refused): Promise<void>;
  /** Returns whether the database's encoding lacks a character of a row's text. */
  isNotInEncoding?(problem: Problem): boolean;
}

/**
 * Copies rows by repeated halving until only refused ones are left.
 *
 * @param rows All rows.
 * @returns The refused rows.
 * @throws Any error of another kind than `row`.
 */
export async function copyByHalves(rows: readonly Uint8Array[], trial: Trial): Promise<Refused[]> {
  if (rows.length === 0) return [];
  try {
    await trial.copy(rows);
    return [];
  } catch (error) {
    const problem = trial.explain(error);
    if (problem.kind !== "row") throw error;
    if (rows.length === 1) return await copyAlone(rows[0]!, problem, trial);
    const middle = rows.length >> 1;
    const first = await copyByHalves(rows.slice(0, middle), trial);
    return [...first, ...await copyByHalves(rows.slice(middle), trial)];
  }
}

/** Tries a row again in ASCII if it has a character that the database's encoding lacks. */
async function copyAlone(row: Uint8Array, problem: Problem, trial: Trial): Promise<Refused[]> {
  if (trial.isNotInEncoding?.(problem)) {
    const plain = inAscii(row);
    if (plain.length !== row.length) return await copyByHalves([plain], trial);
  }
  const refused = { row, columns: describeRow(row), problem };
  await trial.refuse?.(refused);
  return [refused];
}

/** Returns the row with each byte of its texts that is not ASCII escaped as `\xe9`. */
function inAscii(row: Uint8Array): Uint8Array {
  const { columns } = tableOfRow(row)!;
  return rowOf(
    fieldsOf(row).map((field, index) => {
      if (field === undefined || columns[index]![1] !== "text") return field;
      const out = new Uint8Array(4 * field.length);
      let at = 0;
      for (const byte of field) {
        if (byte < 0x80) out[at++] = byte;
        else at = escapeByte(out, at, byte);
      }
      return out.subarray(0, at);
    }),
  );
}
