/** Checks of the stream that an output sends to. */

import type { StreamInfo } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import {
  findStream,
  makeStreams,
  requireSubjects,
  streamCommand,
  StreamError,
  type StreamPlan,
  streamsOf,
} from "../../nats/stream.ts";
import { HEADERS_MOST, MESSAGE_LEAST } from "./options.ts";

/**
 * Requires a server that takes messages of this size.
 *
 * @param messageBytes Most bytes of a message before it is compressed.
 * @throws {StreamError} If its limit is lower.
 */
export function requireRoom({ info }: NatsConnection, messageBytes: number): void {
  const most = info?.max_payload ?? 0;
  if (info?.headers !== true) {
    throw new StreamError(
      `the server has version ${info?.version}, without headers; JetStream takes 2.2 or newer`,
    );
  }
  if (most >= messageBytes + HEADERS_MOST) return;
  const fits = most - HEADERS_MOST;
  throw new StreamError(
    `the server's max_payload is ${most} bytes; set it to ${messageBytes + HEADERS_MOST} there` +
      (fits >= MESSAGE_LEAST ? `, or set message_bytes = ${fits}` : ""),
  );
}

/**
 * Requires a stream that takes the messages, and makes it where that is wanted.
 *
 * @returns The stream; undefined where the user has no right to look.
 * @throws {StreamError} If there is none, or it does not take them; errors of the server and the network.
 */
export async function requireStream(
  connection: NatsConnection,
  { plan, create }: { plan: StreamPlan; create: boolean },
  log: { info(message: string): void },
): Promise<StreamInfo | undefined> {
  const manager = await streamsOf(connection);
  try {
    let info = await findStream(manager, plan.name);
    if (info === undefined && create) {
      for (const name of await makeStreams(manager, plan)) log.info(`Made the stream ${name}`);
      info = await findStream(manager, plan.name);
    }
    if (info === undefined) {
      // A cluster has three servers at least: one copy would be lost with its server.
      const replicas = connection.info?.cluster === undefined ? 1 : 3;
      throw new StreamError(
        `there is no stream ${plan.name}; start the central nfscribe, which makes it (create = true ` +
          `there), or make it: ${streamCommand({ ...plan, replicas })}`,
      );
    }
    requireSubjects(info, plan.prefix);
    return info;
  } catch (error) {
    // A user who may only send cannot look; the first message shows whether the stream is there.
    if (isForbidden(error)) return undefined;
    throw error;
  }
}

/** Returns whether the user may not ask; one who gets no answers cannot send either. */
function isForbidden(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (at.name === "PermissionViolationError") return !/subscription/i.test(at.message);
  }
  return false;
}
