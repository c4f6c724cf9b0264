/** Records of traced decisions, as a sandbox writes them. */

import { parseCounter } from "../../counter/structured_schema.ts";
import { parseFlow } from "../../flow/structured_schema.ts";
import { parseStructured } from "../../packet/structured_schema.ts";
import type { TraceRow } from "../../sandbox/setup.ts";

/** Beginnings of structured forms as JSON. */
const FLOW = '{"type":"flow",';
const COUNTER = '{"type":"counter",';

/**
 * Returns the record of a row.
 *
 * @param form Its structured form as JSON, from a sandbox; empty between two records.
 * @returns Undefined if the text holds none.
 */
export function tracedRecord(
  form: string,
): Pick<TraceRow, "packet" | "flow" | "counter"> | undefined {
  if (form === "") return {};
  if (form.startsWith(FLOW)) {
    const flow = parseFlow(form);
    return flow && { flow };
  }
  if (form.startsWith(COUNTER)) {
    const counter = parseCounter(form);
    return counter && { counter };
  }
  const packet = parseStructured(form);
  return packet && { packet };
}
