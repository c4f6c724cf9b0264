/** Pulls messages of a durable consumer: one request at a time, bounded in messages and bytes. */

import { createInbox, type Msg, nanos } from "@nats-io/nats-core";
import type { NatsConnection } from "@nats-io/transport-node";

/** Most messages of a request. */
const BATCH_MOST = 256;
/** Least bytes of a request; twice the server's max_payload, if that is more. */
const BYTES_LEAST = 2 * 1024 * 1024;
/** Time that the server keeps a request that is not fulfilled, in milliseconds. */
const EXPIRES_MS = 30_000;
/** Interval at which the server says that it still has a request, in milliseconds. */
const HEARTBEAT_MS = 5000;
/** Pause after the server has ended a request early, in milliseconds. */
const PAUSE_MS = 500;

/** Statuses of answers (nats-server, consumer.go). */
const HEARTBEAT = 100;
const NO_RESPONDERS = 503;
const CONFLICT = 409;

/** Outcome of a request. */
export type Pulled = "done" | "gone" | "silent";

/** Consumer that messages are pulled from. */
export interface PulledConsumer {
  stream: string;
  consumer: string;
}

/**
 * Asks for messages once, and takes those that come until the request has ended.
 *
 * @param connection Open connection.
 * @param onMessage Receives each message.
 * @param signal Ends it early; messages that the server has sent by then are delivered again.
 * @returns `gone` if there is no such consumer any more, `silent` if the server answers no longer.
 */
export async function pull(
  connection: NatsConnection,
  { stream, consumer }: PulledConsumer,
  onMessage: (message: Msg) => void,
  signal: AbortSignal,
): Promise<Pulled> {
  const { promise, resolve } = Promise.withResolvers<Pulled>();
  const inbox = createInbox();
  const bytes = Math.max(BYTES_LEAST, 2 * (connection.info?.max_payload ?? 0));
  let left = BATCH_MOST;
  let seenMs = performance.now();
  const subscription = connection.subscribe(inbox, {
    callback(error, message) {
      seenMs = performance.now();
      if (error !== null) return resolve("silent");
      // Answers of the server itself have the subject of the request.
      if (message.subject !== inbox) {
        onMessage(message);
        if (--left === 0) resolve("done");
        return;
      }
      const outcome = outcomeOf(message);
      if (outcome === undefined) return;
      if (outcome === "pause") setTimeout(() => resolve("done"), PAUSE_MS);
      else resolve(outcome);
    },
  });
  const check = setInterval(() => {
    if (performance.now() - seenMs > 3 * HEARTBEAT_MS) resolve("silent");
  }, HEARTBEAT_MS);
  const onAbort = () => resolve("done");
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    if (signal.aborted) return "done";
    connection.publish(
      `$JS.API.CONSUMER.MSG.NEXT.${stream}.${consumer}`,
      JSON.stringify({
        batch: BATCH_MOST,
        max_bytes: bytes,
        expires: nanos(EXPIRES_MS),
        idle_heartbeat: nanos(HEARTBEAT_MS),
      }),
      { reply: inbox },
    );
    return await promise;
  } finally {
    clearInterval(check);
    signal.removeEventListener("abort", onAbort);
    subscription.unsubscribe();
  }
}

/** Returns the outcome that an answer of the server tells; undefined for a heartbeat. */
function outcomeOf({ headers }: Msg): Pulled | "pause" | undefined {
  const { code, description = "" } = headers ?? {};
  if (code === HEARTBEAT) return undefined;
  if (code === NO_RESPONDERS || /consumer deleted/i.test(description)) return "gone";
  // Its bytes are used up, or the request has expired.
  if (code !== CONFLICT || /exceeds maxbytes/i.test(description)) return "done";
  return "pause";
}
