/** Downloads of the records that an expression chooses. */

import { Buffer } from "node:buffer";
import type { ServerResponse } from "node:http";
import type { Row, StoreReader } from "../../../output/table/reading.ts";
import { DOWNLOAD_LIMITS } from "../limits.ts";
import { type Parameters, wrong } from "../question.ts";
import { begin, finish, writePiece } from "../respond.ts";
import { csvDownload } from "./csv.ts";
import type { DownloadFormat } from "./format.ts";
import { jsonDownload } from "./json.ts";
import { RequestError } from "../request_error.ts";
import { pcapDownload, pcapngDownload } from "./captures.ts";

/** Parameters of a download. */
export const DOWNLOAD_PARAMETERS: readonly string[] = [
  "format",
  "kind",
  "where",
  "from",
  "to",
  "id",
];

const NO_BYTES = "The store has no bytes of these packets: with payload = true in the output, " +
  "packets to come have them";

/** Size of a piece from which it is written, in bytes. */
const PIECE = 65_536;

const FORMATS = {
  json: jsonDownload,
  csv: csvDownload,
  pcap: pcapDownload,
  pcapng: pcapngDownload,
};
const NAMES = ["json", "csv", "pcap", "pcapng"] as const;

/**
 * Sends records, the oldest first, as fast as the browser takes them.
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
  const name = parameters.word("format", NAMES);
  if (choice.kind === "flow" && name.startsWith("pcap")) {
    throw wrong("format", "flows have no bytes: json or csv");
  }
  const format: DownloadFormat = FORMATS[name](choice.kind);
  let pieces: Uint8Array[] = [format.head()];
  let length = 0;
  let taken = 0;
  let encoded = 0;
  const flush = async () => {
    if (!response.headersSent) begin(response, 200, fieldsOf(format, choice.kind));
    const piece = Buffer.concat(pieces);
    [pieces, length] = [[], 0];
    return await writePiece(response, piece, stuckMs);
  };
  const budget = { ms: DOWNLOAD_LIMITS.ms, signal };
  const id = parameters.text("id");
  const records = id === undefined ? reader : oneRecord(reader, id);
  await records.each(choice, async (row, payload) => {
    const bytes = format.record(row, payload);
    pieces.push(bytes);
    length += bytes.length;
    if (bytes.length > 0) encoded++;
    if (length >= PIECE && !await flush()) return false;
    return ++taken < DOWNLOAD_LIMITS.records;
  }, budget);
  if (format.takesBytes && taken > 0 && encoded === 0) throw new RequestError(409, NO_BYTES);
  if (format.end !== undefined) pieces.push(format.end());
  if (await flush()) await finish(response, undefined, stuckMs);
}

/** Returns a reader of one record. */
function oneRecord(reader: StoreReader, id: string): Pick<StoreReader, "each"> {
  return {
    async each({ kind }, take, budget) {
      const found = await reader.record(kind, id, budget);
      if (found === undefined) throw new RequestError(404, "This record is no longer in the store");
      await take({ ...found.record, rowId: id } as Row, found.payload);
    },
  };
}

function fieldsOf({ type, extension }: DownloadFormat, kind: string): Record<string, string> {
  const time = new Date().toISOString().slice(0, 19).replaceAll(/[:T-]/g, "");
  return {
    "content-type": type,
    "content-disposition": `attachment; filename="nfscribe-${kind}s-${time}.${extension}"`,
    "cache-control": "no-store",
  };
}
