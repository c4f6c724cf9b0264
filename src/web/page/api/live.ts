/// <reference lib="dom" />
/** Events that the server sends as they happen. */

import { addressOf } from "./client.ts";
import type { LiveEvents, StoredKind } from "./types.ts";

/** State of the connection. */
export type LiveState = "connecting" | "open" | "lost";

/** Receivers of events. */
export type LiveReceivers =
  & { [Name in keyof LiveEvents]?: (event: LiveEvents[Name]) => void }
  & { state?: (state: LiveState) => void };

/** Pause before a connection that was lost is tried again, in milliseconds. */
const AGAIN_MS = 2000;

/**
 * Receives events until it is closed, but not while the page is hidden. A connection that breaks is
 * made again; what arrived in between is sent then.
 *
 * @param kind Kind of the rows; undefined for the daemon's counters alone.
 * @param where Expression that chooses the rows; empty for all.
 * @returns A function that closes it.
 */
export function listen(
  kind: StoredKind | undefined,
  where: string,
  receivers: LiveReceivers,
): () => void {
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let after: string | undefined;
  const connect = () => {
    receivers.state?.("connecting");
    source = new EventSource(addressOf("/api/live", { kind, where, after }));
    source.onopen = () => receivers.state?.("open");
    source.onerror = () => {
      source?.close();
      receivers.state?.("lost");
      timer = setTimeout(connect, AGAIN_MS);
    };
    const receive = <Name extends keyof LiveEvents>(name: Name) =>
      source!.addEventListener(name, ({ data }) => {
        const event: LiveEvents[Name] = JSON.parse(data);
        if ("after" in event) after = event.after;
        const receiver = receivers[name] as ((event: LiveEvents[Name]) => void) | undefined;
        receiver?.(event);
      });
    receive("rows");
    receive("losses");
    receive("stats");
    receive("problem");
  };
  // A browser has six connections to a server, and each of these takes one.
  const turn = () => {
    clearTimeout(timer);
    source?.close();
    if (!document.hidden) connect();
  };
  document.addEventListener("visibilitychange", turn);
  turn();
  return () => {
    document.removeEventListener("visibilitychange", turn);
    clearTimeout(timer);
    source?.close();
  };
}
