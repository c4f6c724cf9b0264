/** Explains failures of SQLite. */

import { messageOf, OutputError } from "../../errors.ts";
import type { Kind, Problem } from "../delivery/problem.ts";

/** Primary result codes (sqlite3.h), with their texts, which stand in for codes that are missing. */
const TEXTS: Readonly<Record<string, number>> = {
  "database is locked": 5,
  "database table is locked": 6,
  "attempt to write a readonly database": 8,
  "disk I/O error": 10,
  "database disk image is malformed": 11,
  "database or disk is full": 13,
  "unable to open database file": 14,
  "locking protocol": 15,
  "file is not a database": 26,
};

/** A reason with what to do. */
type Reason = readonly [kind: Kind, text: string];

const DAMAGED = "it is damaged; move it away, and rows go on into a new file; " +
  "`sqlite3 FILE .recover` saves what can be read of it";
const LOCAL = "is it on a network file system? SQLite needs a local one";

const REASONS: Readonly<Record<number, Reason>> = {
  // SQLITE_BUSY, SQLITE_LOCKED
  5: ["away", "another process holds its lock; which one has left a transaction open?"],
  6: ["away", "another process holds its lock; which one has left a transaction open?"],
  // SQLITE_READONLY
  8: ["denied", "it cannot be written; check the owner and the mode of the file and its folder"],
  // SQLITE_IOERR
  10: ["away", `the system cannot read or write it; see the kernel's log; ${LOCAL}`],
  // SQLITE_CORRUPT
  11: ["denied", DAMAGED],
  // SQLITE_FULL
  13: ["away", "the disk is full; make room"],
  // SQLITE_CANTOPEN
  14: ["denied", "it cannot be opened; is its folder there, and may this user write to it?"],
  // SQLITE_PROTOCOL
  15: ["away", LOCAL],
  // SQLITE_TOOBIG, SQLITE_CONSTRAINT, SQLITE_MISMATCH
  18: ["row", "the row is too long"],
  19: ["row", ""],
  20: ["row", ""],
  // SQLITE_NOTADB
  26: ["denied", `it is no SQLite database, or ${DAMAGED}`],
};

/**
 * Explains an error.
 *
 * @param path The database's file.
 * @param doing The operation, such as `write rows`.
 */
export function problemOf(error: unknown, path: string, doing: string): Problem {
  const message = messageOf(error);
  // Its message is complete.
  if (error instanceof OutputError) return { kind: "denied", message, code: undefined };
  const code = codeOf(error, message);
  const [kind, text] = REASONS[code ?? -1] ?? reasonWithoutCode(error);
  const why = text === "" ? message : `${text} (${message})`;
  return {
    kind,
    message: `Cannot ${doing === "read" ? doing : `${doing} to`} ${path}: ${why}`,
    code: code === undefined ? undefined : String(code),
  };
}

function reasonWithoutCode(error: unknown): Reason {
  return error instanceof MovedError ? ["away", ""] : ["denied", ""];
}

/** Error of a file that is not where it was opened. */
export class MovedError extends Error {
  override readonly name = "MovedError";

  constructor() {
    super("another program has moved or removed it; rows go on into a new file");
  }
}

/** Returns the primary result code; undefined if it is none of SQLite's. */
function codeOf(error: unknown, message: string): number | undefined {
  if (error instanceof Error && "errcode" in error && typeof error.errcode === "number") {
    return error.errcode & 0xff;
  }
  const text = Object.keys(TEXTS).find((text) => message.startsWith(text));
  return text === undefined ? undefined : TEXTS[text];
}
