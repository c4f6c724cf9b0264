/** Encodes a flow as an entry of the journal: its line, and its structured form as fields. */

import type { RawFlow } from "../../flow/raw_flow.ts";
import { type Encoder, NO_ROOM } from "../../record/encoder.ts";
import { LineWriter } from "../../text/line.ts";
import { FLOW_LINE_MAX, writeFlowLine } from "../lines/flow_line.ts";
import { NOTICE } from "../lines/severity.ts";
import { FlowPairs } from "../pairs/flow_pairs.ts";
import type { EntryOptions } from "./entry_options.ts";
import { fieldName } from "./field_name.ts";
import { entryHeads } from "./head.ts";

const NEWLINE = 0x0a;

/** Options of the entries; a flow's message has one form. */
type FlowEntryOptions = Omit<EntryOptions, "dialect" | "logOptions">;

/** Encodes entries of flows. */
export class FlowJournalEncoder implements Encoder<RawFlow> {
  readonly #line = new LineWriter();
  readonly #pairs: FlowPairs;
  readonly #head;

  /** Creates an encoder. */
  constructor(options: FlowEntryOptions) {
    const { priority = NOTICE, session, fields } = options;
    this.#head = entryHeads(options)[priority]!;
    this.#pairs = new FlowPairs({ before: fieldName, behind: "\n" }, session, fields);
  }

  /** Encodes a flow as one entry. */
  encode(flow: RawFlow, out: Uint8Array, at: number): number {
    if (at + this.#head.length + FLOW_LINE_MAX > out.length) return NO_ROOM;
    const line = this.#line;
    line.out = out;
    line.at = at;
    line.word(this.#head);
    writeFlowLine(line, flow);
    // A message ends without the blank that ends a line.
    line.at--;
    out[line.at++] = NEWLINE;
    this.#pairs.write(line, flow);
    out[line.at++] = NEWLINE;
    return line.at > out.length ? NO_ROOM : line.at - at;
  }
}
