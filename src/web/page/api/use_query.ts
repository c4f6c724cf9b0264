/// <reference lib="dom" />
/** Questions to the server as part of components. */

import { useEffect, useRef, useState } from "preact/hooks";
import { addressOf, ApiError, ask, type Parameters } from "./client.ts";

/** State of a question. */
export interface Query<T> {
  /** The last answer, of an earlier question too while there is none to this one. */
  data: T | undefined;
  /** Reason why there is no answer. */
  error: ApiError | undefined;
  isLoading: boolean;
  /** Asks once more. */
  retry(): void;
}

/** Options of a question. */
export interface QueryOptions {
  /** Time after an answer at which it is asked for again, in milliseconds; undefined for never. */
  againMs?: number | undefined;
  /** Whether the answer of an earlier question stays until there is one to this one. */
  keeps?: boolean;
}

/**
 * Asks the server whenever the question changes; an earlier question that was not answered is
 * cancelled. Nothing is asked while the page is hidden.
 *
 * @param path Path below the server's root; undefined for no question.
 */
export function useQuery<T>(
  path: string | undefined,
  parameters: Parameters,
  { againMs, keeps = true }: QueryOptions = {},
): Query<T> {
  const [state, setState] = useState<Omit<Query<T>, "retry"> & { of?: string }>({
    data: undefined,
    error: undefined,
    isLoading: path !== undefined,
  });
  const [attempt, setAttempt] = useState(0);
  const question = path === undefined ? undefined : addressOf(path, parameters);
  const asked = useRef(parameters);
  asked.current = parameters;
  useEffect(() => {
    if (path === undefined) return;
    const controller = new AbortController();
    setState((before) => ({
      data: keeps || before.of === question ? before.data : undefined,
      error: undefined,
      isLoading: true,
      of: question!,
    }));
    ask<T>(path, asked.current, controller.signal).then(
      (data) => setState({ data, error: undefined, isLoading: false, of: question! }),
      (error) => {
        if (controller.signal.aborted) return;
        const known = error instanceof ApiError ? error : new ApiError(0, String(error));
        setState((before) => ({ ...before, error: known, isLoading: false }));
      },
    );
    return () => controller.abort();
  }, [question, attempt]);
  useEffect(() => {
    if (againMs === undefined || state.isLoading || path === undefined) return;
    const timer = setTimeout(() => {
      if (!document.hidden) return setAttempt((count) => count + 1);
      const shown = () => setAttempt((count) => count + 1);
      document.addEventListener("visibilitychange", shown, { once: true });
    }, againMs);
    return () => clearTimeout(timer);
  }, [againMs, state.isLoading, question, attempt]);
  return { ...state, retry: () => setAttempt((count) => count + 1) };
}
