/** Downloads of the records that an expression chooses. */

import { Buffer } from "node:buffer";
import type { ServerResponse } from "node:http";
import type { StoreReader } from "../../../output/table/reading.ts";
import { DOWNLOAD_LIMITS } from "../limits.ts";
import type { Parameters } from "../question.ts";
import { begin, finish, writePiece } from "../respond.ts";
import { csvDownload } from "./csv.ts";
import type { DownloadFormat } from "./format.ts";
import { jsonDownload } from "./json.ts";

/** Parameters of a download. */
export const DOWNLOAD_PARAMETERS: readonly string[] = ["format", "kind", "where", "from", "to"];

/** Size of a piece from which it is written, in bytes. */
const PIECE = 65_536;

const FORMATS = { json: jsonDownload, csv: csvDownload };

/**
 * Sends records, the newest first, as fast as the browser takes them.
 *
 * @param signal Aborted when the browser has left.
 */
export async function download(
  reader: StoreReader,
  parameters: Parameters,
  response: ServerResponse,
  signal: AbortSignal,
  stuckMs: number,
): Promise<void> {
  const choice = parameters.choice();
  const name = parameters.word("format", ["json", "csv"]);
  const format: DownloadFormat = FORMATS[name](choice.kind);
  let pieces: Uint8Array[] = [format.head()];
  let length = 0;
  let records = 0;
  const flush = async () => {
    if (!response.headersSent) begin(response, 200, fieldsOf(format, choice.kind));
    const piece = Buffer.concat(pieces);
    [pieces, length] = [[], 0];
    return await writePiece(response, piece, stuckMs);
  };
  const budget = { ms: DOWNLOAD_LIMITS.ms, signal };
  await reader.each(choice, async (row, payload) => {
    const bytes = format.record(row, payload);
    pieces.push(bytes);
    length += bytes.length;
    if (length >= PIECE && !await flush()) return false;
    return ++records < DOWNLOAD_LIMITS.records;
  }, budget);
  if (await flush()) await finish(response, undefined, stuckMs);
}

function fieldsOf({ type, extension }: DownloadFormat, kind: string): Record<string, string> {
  const time = new Date().toISOString().slice(0, 19).replaceAll(/[:T-]/g, "");
  return {
    "content-type": type,
    "content-disposition": `attachment; filename="nfscribe-${kind}s-${time}.${extension}"`,
    "cache-control": "no-store",
  };
}
