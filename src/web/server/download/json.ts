/** Downloads as JSON: a record in the structured form a line, as of the JSON output. Pure. */

import { jsonLine } from "../../../text/escape.ts";
import type { DownloadFormat } from "./format.ts";

/** Returns the format. */
export function jsonDownload(): DownloadFormat {
  const encoder = new TextEncoder();
  return {
    type: "application/x-ndjson",
    extension: "json",
    head: () => new Uint8Array(0),
    record: ({ rowId: _, ...record }) => encoder.encode(`${jsonLine(record)}\n`),
  };
}
