/**
 * Sends batches of records by HTTP, a POST request for each.
 *
 * A batch is done once the server answered 2xx. Answers that another attempt may change (408, 425,
 * 429, 5xx; RFC 9110 section 15) keep it in the queue; all others refuse it for good. A batch that
 * is too large (413) is sent in halves.
 */

import { concat } from "../../bytes/write.ts";
import { escaped } from "../../text/escape.ts";
import type { Writer } from "../output.ts";
import { BusyError, RefusedError, remoteFailure } from "./failure.ts";
import type { CompleteRemoteOptions } from "./options.ts";
import { middleOf, splitRecords } from "./split.ts";
import { describeReceiver, type HttpReceiver } from "./url.ts";

/** Form of request bodies. */
export interface HttpFormat {
  /** Value of `Content-Type`. */
  contentType: string;
  /** Bytes before the records. */
  head?: Uint8Array;
  /** Bytes behind the records. */
  tail?: Uint8Array;
  /** Number of lines of a record; 1 by default. */
  lines?: number;
  /** Number of bytes to leave out at the end of the last record, such as a comma and a newline. */
  trim?: number;
  /**
   * Finds records that the server refuses in a successful answer.
   *
   * @param answer Text of the answer, cut after {@linkcode ANSWER_MAX} bytes.
   * @param isCut Whether it was cut.
   * @returns Indexes of refused records with the reason; `"again"` if some must be sent again.
   */
  refused?(answer: string, isCut: boolean): Refusals | "again";
}

/** Refused records of a batch. */
export interface Refusals {
  /** Their indexes in the batch. */
  records: readonly number[];
  /** Reason of the first one. */
  reason: string;
}

/** Bytes of an answer that are read. */
export const ANSWER_MAX: number = 4 * 1024 * 1024;
/** Bytes of an answer that messages quote. */
const QUOTED_MAX = 200;
/** Longest delay that a server may ask for, in milliseconds. */
const RETRY_AFTER_MOST_MS = 600_000;
/** Statuses below 500 after which the same request may succeed. */
const LATER: readonly number[] = [408, 425, 429];
const CONTENT_TOO_LARGE = 413;

/** Sends batches to an HTTP server. */
export class HttpWriter implements Writer {
  /** Always true: a server must accept the bytes. */
  readonly isStream = true;
  /** Always true: records wait in the queue while the server is away. */
  readonly isRemote = true;
  /** Duration of collecting records for a request, in milliseconds. */
  readonly gatherMs: number;
  readonly #receiver: HttpReceiver;
  readonly #format: HttpFormat;
  readonly #timeoutMs: number;
  readonly #headers: Headers;
  readonly #client: Deno.HttpClient;
  readonly #closed = new AbortController();

  /**
   * Creates a writer without connecting.
   *
   * @param receiver The server.
   * @param options Complete options.
   * @param format Form of request bodies.
   */
  constructor(receiver: HttpReceiver, options: CompleteRemoteOptions, format: HttpFormat) {
    const { authorization, caCertificate, certificate, timeoutMs = 30_000 } = options;
    this.gatherMs = options.flushMs ?? 1000;
    this.#receiver = receiver;
    this.#format = format;
    this.#timeoutMs = timeoutMs;
    this.#headers = new Headers({
      "content-type": format.contentType,
      "user-agent": "nfscribe",
      ...authorization !== undefined && { authorization },
    });
    this.#client = Deno.createHttpClient({
      ...caCertificate !== undefined && { caCerts: [caCertificate] },
      ...certificate,
    });
  }

  /**
   * Sends whole records.
   *
   * @throws {BusyError} If the server does not take them now.
   * @throws {RefusedError} If it refuses some for good; it has the others.
   * @throws {OutputError} If it cannot be reached.
   */
  async write(bytes: Uint8Array): Promise<void> {
    const { status, text, isCut, retryAfterMs } = await this.#post(bytes);
    const where = describeReceiver(this.#receiver);
    if (status >= 200 && status < 300) return this.#check(bytes, text, isCut);
    const middle = status === CONTENT_TOO_LARGE ? middleOf(bytes, this.#lines) : 0;
    if (middle > 0) return await this.#halve(bytes, middle);
    const message = `${where} answers ${status}${quoted(text)}`;
    if (status >= 500 || LATER.includes(status)) throw new BusyError(where, message, retryAfterMs);
    throw new RefusedError(where, `${message}${adviceFor(status)}`, this.#records(bytes));
  }

  /** Ends the request that is under way. */
  close(): Promise<void> {
    this.#closed.abort();
    this.#client.close();
    return Promise.resolve();
  }

  /** Ends the request that is under way. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #post(bytes: Uint8Array) {
    const { head = NOTHING, tail = NOTHING, trim = 0 } = this.#format;
    const body = concat([head, bytes.subarray(0, bytes.length - trim), tail]);
    try {
      const response = await fetch(this.#receiver.url, {
        method: "POST",
        headers: this.#headers,
        body,
        client: this.#client,
        // The right to connect is for this server only.
        redirect: "manual",
        signal: AbortSignal.any([AbortSignal.timeout(this.#timeoutMs), this.#closed.signal]),
      });
      const { text, isCut } = await readText(response);
      const retryAfterMs = delayOf(response.headers.get("retry-after"));
      return { status: response.status, text, isCut, retryAfterMs };
    } catch (error) {
      throw remoteFailure(this.#receiver, "send", causeOf(error, this.#timeoutMs));
    }
  }

  /** Throws if the answer names records that were not taken. */
  #check(bytes: Uint8Array, answer: string, isCut: boolean): void {
    const refused = this.#format.refused?.(answer, isCut);
    if (refused === undefined) return;
    const where = describeReceiver(this.#receiver);
    if (refused === "again") {
      throw new BusyError(where, `${where} does not take all records now`, 0);
    }
    if (refused.records.length === 0) return;
    const message = `${where} refuses ${refused.records.length} records${quoted(refused.reason)}`;
    const records = this.#records(bytes);
    throw new RefusedError(where, message, refused.records.flatMap((at) => records[at] ?? []));
  }

  /** Sends two halves; what the server refuses of the first one does not keep back the second. */
  async #halve(bytes: Uint8Array, middle: number): Promise<void> {
    const refused: RefusedError[] = [];
    for (const half of [bytes.subarray(0, middle), bytes.subarray(middle)]) {
      try {
        await this.write(half);
      } catch (error) {
        if (!(error instanceof RefusedError)) throw error;
        refused.push(error);
      }
    }
    const [first] = refused;
    if (first === undefined) return;
    const records = refused.flatMap((error) => error.records);
    throw new RefusedError(describeReceiver(this.#receiver), first.message, records);
  }

  get #lines(): number {
    return this.#format.lines ?? 1;
  }

  #records(bytes: Uint8Array): string[] {
    return splitRecords(bytes, this.#lines);
  }
}

const NOTHING = new Uint8Array(0);

/** Reads an answer, whatever its length. */
async function readText(response: Response): Promise<{ text: string; isCut: boolean }> {
  const decoder = new TextDecoder();
  let text = "";
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    text += decoder.decode(chunk, { stream: true });
    // Ending the loop cancels the rest.
    if (length > ANSWER_MAX) return { text, isCut: true };
  }
  return { text, isCut: false };
}

/** Returns the beginning of an answer as messages quote it; empty for an empty one. */
function quoted(answer: string): string {
  const text = answer.trim().slice(0, QUOTED_MAX);
  return text === "" ? "" : `: ${escaped(text)}`;
}

/** Returns the delay that `Retry-After` asks for (RFC 9110 section 10.2.3), in milliseconds. */
function delayOf(value: string | null): number {
  if (value === null) return 0;
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return ms > 0 ? Math.min(ms, RETRY_AFTER_MOST_MS) : 0;
}

function adviceFor(status: number): string {
  if (status >= 300 && status < 400) return "; name the address that it leads to in url";
  if (status === 401 || status === 403) return "; see auth and secret_file";
  if (status === 404) return "; see the path in url";
  return "";
}

/** Finds the error behind fetch's own. */
function causeOf(error: unknown, timeoutMs: number): unknown {
  if (!(error instanceof Error)) return error;
  if (error.name === "TimeoutError") {
    return new Error(`it does not answer, for ${timeoutMs / 1000} s`);
  }
  if (error.name === "AbortError") return new Error("nfscribe is stopping");
  // hyper's message holds the URL; the reason stands behind the last colon group.
  const text = /: (client error[^]*|error sending[^]*|connection [^]*)$/.exec(error.message)?.[1];
  return new Error(text ?? error.message);
}
