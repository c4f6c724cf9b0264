/** Parts of flows that the Elastic Common Schema and OCSF have alike. */

import { IPV4_SIZE, type RawFlow, type RawTuple } from "../../../flow/raw_flow.ts";
import { ABSENT } from "../../../packet/absent.ts";
import { writeJsonValue } from "../../../text/json.ts";
import { type LineWriter, Word } from "../../../text/line.ts";
import { writeNumber } from "../printer.ts";

const IP = new Word(',"ip":"');
const QUOTE = new Word('"');
const PORT = new Word(',"port":');
const ID = new Word(',"id":');
const MARK = new Word(',"mark":');
const ZONE = new Word(',"zone":');
const EXTRA = new Word(',"extra":');

/** Writes an address, and the quote behind it. */
export function writeAddress(
  line: LineWriter,
  key: Word,
  bytes: Uint8Array,
  at: number,
  size: number,
): void {
  line.word(key);
  if (size === IPV4_SIZE) line.ipv4(bytes, at);
  else line.ipv6Canonical(bytes, at);
  line.word(QUOTE);
}

/** Writes the address and the port of one end of a direction. */
export function writeEnd(
  line: LineWriter,
  { bytes }: RawFlow,
  tuple: RawTuple,
  isSource: boolean,
): void {
  writeAddress(line, IP, bytes, isSource ? tuple.source : tuple.destination, tuple.addressSize);
  writeNumber(line, PORT, isSource ? tuple.sourcePort : tuple.destinationPort);
}

/** Writes what neither schema has a field for. */
export function writeRest(line: LineWriter, flow: RawFlow): void {
  writeNumber(line, ID, flow.id);
  writeNumber(line, MARK, flow.mark);
  writeNumber(line, ZONE, flow.zone);
  if (flow.extra === undefined) return;
  line.word(EXTRA);
  writeJsonValue(line, flow.extra);
}

/** Returns the sum of the counters of both directions; ABSENT if there are none. */
export function sumOf(one: number, other: number): number {
  if (one === ABSENT || other === ABSENT) return Math.max(one, other);
  return Math.min(one + other, Number.MAX_SAFE_INTEGER);
}

/** Returns the nanoseconds from the start to the end of a flow; ABSENT if one is unknown. */
export function durationOf(flow: RawFlow): number {
  const { startSeconds, startNanoseconds, endSeconds, endNanoseconds } = flow;
  if (startSeconds === ABSENT || endSeconds === ABSENT) return ABSENT;
  const duration = (endSeconds - startSeconds) * 1e9 + endNanoseconds - startNanoseconds;
  return Math.min(Math.max(0, duration), Number.MAX_SAFE_INTEGER);
}
