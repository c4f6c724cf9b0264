/** Questions of the NAT tab. Pure. */

import { parseAddress } from "../../../filter/parse_address.ts";

/** A question as it is written. */
export interface Written {
  readonly address: string;
  readonly port: string;
  readonly at: string;
}

/** Parameters of a question to the server. */
export interface Asked {
  readonly address: string;
  readonly port: number | undefined;
  /** First and last millisecond of the time. */
  readonly at: number;
  readonly until: number;
}

/** Mistakes in a question, by field. */
export type Mistakes = { readonly [Name in keyof Written]?: string };

/**
 * Checks a question.
 *
 * @param nowMs The time that is asked about where none is written.
 * @returns The question, or its mistakes.
 */
export function questionOf(
  { address, port, at }: Written,
  nowMs: number,
): { asked: Asked } | { mistakes: Mistakes } {
  const isAddress = parseAddress(address.trim()) !== undefined;
  const number = /^\d{1,5}$/.test(port.trim()) ? Number(port) : NaN;
  const time = at.trim() === "" ? { at: nowMs, until: nowMs } : timeOf(at.trim());
  const mistakes: Mistakes = {
    ...!isAddress && { address: "must be an address, as in 198.51.100.7" },
    ...port.trim() !== "" && !(number <= 65_535) && { port: "must be a number up to 65535" },
    ...time === undefined && { at: "must be a time, as in 2026-11-29 08:15:02" },
  };
  if (Object.keys(mistakes).length > 0) return { mistakes };
  return {
    asked: {
      address: address.trim(),
      port: port.trim() === "" ? undefined : number,
      ...time!,
    },
  };
}

/** A time as it is written, by its clock, seconds and their fraction. */
const TIME = /^\d{4}-\d\d-\d\d([ T]\d\d:\d\d(:\d\d(\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?)?$/;

/**
 * Returns a time in milliseconds, which lasts as long as it is exact: a second, a minute, a day. One
 * without a zone is the browser's own.
 */
function timeOf(text: string): Pick<Asked, "at" | "until"> | undefined {
  const [, clock, seconds, fraction] = TIME.exec(text) ?? [];
  // A day alone would be one in UTC.
  const at = Date.parse(clock === undefined ? `${text}T00:00` : text.replace(" ", "T"));
  if (!TIME.test(text) || Number.isNaN(at)) return undefined;
  if (fraction !== undefined) return { at, until: at };
  const lastsMs = seconds !== undefined ? 1000 : clock !== undefined ? 60_000 : 86_400_000;
  return { at, until: at + lastsMs - 1 };
}
