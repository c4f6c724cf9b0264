/** HTTP requests of Elasticsearch's bulk API and of Loki's push API. */

import type { HttpFormat, Refusals } from "../remote/http_writer.ts";
import { type Flavor, FORMS } from "./flavor.ts";

/** Part of an answer of the bulk API. */
interface BulkAnswer {
  errors?: boolean;
  items?: { create?: { status?: number; error?: { type?: string; reason?: string } } }[];
}

/** `409 Conflict`: there is a document with this identifier, of the same request. */
const CONFLICT = 409;
const TOO_MANY_REQUESTS = 429;

/**
 * Returns the form of requests to a receiver.
 *
 * @param flavor The kind of receiver.
 * @param hostname Name of this host, for Loki's labels.
 */
export function requestsOf(flavor: Flavor, hostname: string): HttpFormat {
  const form = FORMS[flavor];
  switch (flavor) {
    case "elasticsearch":
      return { ...form, contentType: "application/x-ndjson", refused: bulkRefusals };
    case "loki": {
      // Few labels: each combination of values is a stream of its own.
      const stream = JSON.stringify({ job: "nfscribe", host: hostname });
      return {
        ...form,
        contentType: "application/json",
        head: new TextEncoder().encode(`{"streams":[{"stream":${stream},"values":[`),
        tail: new TextEncoder().encode("]}]}"),
      };
    }
    default:
      return { ...form, contentType: "application/x-ndjson" };
  }
}

/** Adds parameters to an URL of the bulk API, so that answers are short. */
export function bulkUrl(text: string): string {
  const url = new URL(text);
  if (!url.searchParams.has("filter_path")) {
    url.searchParams.set("filter_path", "errors,items.*.status,items.*.error");
  }
  return url.href;
}

/** Finds documents that were refused. */
function bulkRefusals(answer: string): Refusals | "again" {
  let parsed: BulkAnswer;
  try {
    parsed = JSON.parse(answer);
  } catch {
    return "again";
  }
  if (parsed?.errors !== true) return { records: [], reason: "" };
  const items = Array.isArray(parsed.items) ? parsed.items : [];
  const records: number[] = [];
  let reason = "";
  for (const [index, item] of items.entries()) {
    const { status = 0, error } = item?.create ?? {};
    if (status >= 200 && status < 300 || status === CONFLICT) continue;
    if (status === TOO_MANY_REQUESTS || status >= 500 || status === 0) return "again";
    records.push(index);
    if (reason === "") reason = `${error?.type ?? status}: ${error?.reason ?? ""}`;
  }
  return { records, reason };
}
