/** Finds the rows that the server refuses. */

import { describeRow, fieldsOf, rowOf } from "../row_reader.ts";
import { COLUMNS } from "../columns.ts";
import { escapeByte } from "../../../text/utf8.ts";
import type { Problem } from "../connect_error.ts";

/** `untranslatable_character`, `character_not_in_repertoire` */
const NOT_IN_ENCODING = ["22P05", "22021"];

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

/** Tries a row again in ASCII if the database's encoding lacks a character of its text. */
async function copyAlone(row: Uint8Array, problem: Problem, trial: Trial): Promise<Refused[]> {
  if (NOT_IN_ENCODING.includes(problem.code ?? "")) {
    const plain = inAscii(row);
    if (plain.length !== row.length) return await copyByHalves([plain], trial);
  }
  return [{ row, columns: describeRow(row), problem }];
}

/** Returns the row with each byte of its texts that is not ASCII escaped as `\xe9`. */
function inAscii(row: Uint8Array): Uint8Array {
  return rowOf(
    fieldsOf(row).map((field, index) => {
      if (field === undefined || COLUMNS[index]![1] !== "text") return field;
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
