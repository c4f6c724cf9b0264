/** Interface of the formats of JSON lines of flows. */

import type { RawFlow } from "../../../flow/raw_flow.ts";
import type { LineWriter } from "../../../text/line.ts";

/** A format of lines. */
export interface FlowLinePrinter {
  /** Prepares what is the same for all flows of a source. */
  begin(capture: string): void;
  /** Writes the members of a flow's object, each behind a comma. */
  print(line: LineWriter, flow: RawFlow): void;
}
