/// <reference lib="dom" />
/** Questions to the server. */

import { withoutActions } from "../text/actions.ts";
import { setClock } from "../time/clock.ts";

/** Place of a mistake in an expression, in UTF-16 units. */
export interface Place {
  readonly start: number;
  readonly end: number;
}

/** The server's refusal of a question, or the lack of an answer. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  /** HTTP status; 0 where no answer came. */
  readonly status: number;
  /** Place of the mistake in the expression; undefined where it is not about one. */
  readonly place: Place | undefined;

  /** Creates an error. */
  constructor(status: number, message: string, place?: Place) {
    super(message);
    this.status = status;
    this.place = place;
  }
}

/** Parameters of a question; those that are undefined or empty are left out. */
export type Parameters = Readonly<Record<string, string | number | undefined>>;

/** Writes the address of a question. */
export function addressOf(path: string, parameters: Parameters = {}): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value === undefined || value === "") continue;
    query.set(name, name === "where" ? withoutActions(String(value)) : String(value));
  }
  const text = query.toString();
  return text === "" ? path : `${path}?${text}`;
}

/**
 * Asks the server.
 *
 * @param signal Cancels the question, for the server, too.
 * @throws {ApiError} If it refuses or does not answer.
 * @throws {DOMException} `AbortError` if the signal is given.
 */
export async function ask<T>(
  path: string,
  parameters: Parameters,
  signal: AbortSignal,
): Promise<T> {
  let response: Response;
  try {
    response = await fetch(addressOf(path, parameters), { signal, credentials: "same-origin" });
  } catch (error) {
    if (signal.aborted) throw error;
    throw new ApiError(0, "nfscribe web does not answer; is it running?");
  }
  setClock(response.headers.get("date"));
  const answer = await response.json().catch((error) => {
    if (signal.aborted) throw error;
    return undefined;
  });
  if (response.ok && answer !== undefined) return answer as T;
  const isGiven = parameters.where === undefined ||
    withoutActions(String(parameters.where)) === parameters.where;
  throw refusal(response.status, isGiven ? answer : { ...answer, place: undefined });
}

function refusal(
  status: number,
  answer: { error?: string; place?: Place | undefined } = {},
): ApiError {
  if (status === 401 || status === 403) {
    return new ApiError(
      status,
      "This browser has no token; open the address that nfscribe web has printed",
    );
  }
  return new ApiError(status, answer.error ?? `The server answered ${status}`, answer.place);
}
