/** Errors of the server and of requests to it. Pure. */

import { ConnectError } from "../server/connect_failure.ts";

/** Error that the server answered. */
export class ServerError extends Error {
  /** The class of the error, as `error.name`. */
  override readonly name = "ServerError";
  /** ClickHouse's number of the error (ErrorCodes.cpp). */
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** Code of an answer that is no error of ClickHouse. */
export const NOT_CLICKHOUSE = "NOT_CLICKHOUSE";
/** Code of an answer of a proxy whose server is away. */
export const PROXY = "PROXY";
/** Code of HTTPS that is spoken to a server of HTTP. */
export const NO_HTTPS = "NO_HTTPS";

/**
 * Finds an exception in the text of an answer: `Code: 516. DB::Exception: … (version …)`, or as older
 * servers write it, `Code: 516, e.displayText() = DB::Exception: …, e.what() = DB::Exception`.
 */
export function exceptionIn(text: string): ServerError | undefined {
  const [, code, said] =
    /Code: (\d+)[.,] (?:e\.displayText\(\) = )?(?:DB::(?:\w+)?Exception: )?(.*)/s.exec(text) ?? [];
  if (code === undefined) return undefined;
  const message = said!
    .replace(/(, )?Stack trace.*$/s, "")
    .replace(/(, e\.what\(\) = |\. \(version |\(version ).*$/s, "")
    .replace(/[\s.]*(\(([A-Z_]+)\))?[\s.]*$/, "");
  return new ServerError(code, message);
}

/** Returns the error of an answer other than 2xx. */
export function answerError(status: number, text: string): Error {
  const exception = exceptionIn(text);
  if (exception !== undefined) return exception;
  const isAway = status === 502 || status === 503 || status === 504;
  return coded(isAway ? PROXY : NOT_CLICKHOUSE, `it answers ${status}`);
}

/** Parts of the messages of Deno's fetch, and codes for them. */
const MEANINGS: readonly (readonly [part: RegExp, code: string])[] = [
  [/[Cc]onnection refused/, "ECONNREFUSED"],
  [/[Tt]emporary failure in name resolution/, "EAI_AGAIN"],
  [/dns error|failed to lookup/, "ENOTFOUND"],
  [/[Nn]o route to host/, "EHOSTUNREACH"],
  [/[Nn]etwork is unreachable/, "ENETUNREACH"],
  [/timed out/, "ETIMEDOUT"],
  [/InvalidContentType|corrupt message/, NO_HTTPS],
];
/** The same of TLS; codes are those of node:tls. */
const TLS_MEANINGS: readonly (readonly [part: RegExp, code: string])[] = [
  [/UnknownIssuer|CaUsedAsEndEntity/, "UNABLE_TO_VERIFY_LEAF_SIGNATURE"],
  [/not valid for|NotValidForName/, "ERR_TLS_CERT_ALTNAME_INVALID"],
];

/** Returns the error of a request that failed before its answer, with a code that tells the reason. */
export function requestError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  if (error.name === "TimeoutError") {
    return new ConnectError("CONNECT_TIMEOUT", "no answer in time");
  }
  if (error.name === "AbortError") {
    return coded("CONNECTION_ENDED", "the request was given up");
  }
  if (!(error instanceof TypeError) || !(error.cause instanceof Error)) return error;
  const { message } = error.cause;
  // In front stand the library's words, and the URL.
  const said = /client error \(\w+\): (?:tcp connect error: )?(.*)/s.exec(message)?.[1] ?? message;
  const certificate = /invalid peer certificate: (.*)/s.exec(said)?.[1];
  if (certificate !== undefined || /received fatal alert/.test(said)) {
    const code = codeIn(TLS_MEANINGS, said);
    const cause = Object.assign(new Error(certificate ?? said), code && { code });
    return new ConnectError("TLS_FAILED", "TLS failed", { cause });
  }
  return coded(codeIn(MEANINGS, said) ?? "ECONNRESET", said);
}

function codeIn(meanings: typeof MEANINGS, text: string): string | undefined {
  return meanings.find(([part]) => part.test(text))?.[1];
}

function coded(code: string, message: string): Error & { code: string } {
  return Object.assign(new Error(message), { code });
}
