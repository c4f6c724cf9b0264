/** The durable consumer of a NATS source, and the streams that it takes. */

import {
  AckPolicy,
  type ConsumerConfig,
  type ConsumerInfo,
  DeliverPolicy,
  JetStreamApiCodes,
  JetStreamApiError,
  type JetStreamManager,
  ReplayPolicy,
  RetentionPolicy,
  type StreamInfo,
} from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/nats-core";
import { statusStream, subjectsOfKind } from "../../nats/format/subject.ts";
import {
  findStream,
  makeStreams,
  requireSubjects,
  streamCommand,
  StreamError,
  type StreamPlan,
} from "../../nats/stream.ts";
import type { RecordKind } from "../../record/kind.ts";

/** Time in which the server wants an acknowledgement before it delivers a message again, in milliseconds. */
export const ACKNOWLEDGE_MS = 60_000;
/** Messages that may wait for their acknowledgement. */
const WAITING_MOST = 10_000;
const NANOSECONDS = 1e6;
/** The oldest server with consumers as nfscribe makes them. */
const OLDEST = [2, 9] as const;

/**
 * Requires a server that is new enough.
 *
 * @throws {StreamError} If it is not.
 */
export function requireServer({ info }: NatsConnection): void {
  const [major = 0, minor = 0] = (info?.version ?? "").split(".").map(Number);
  if (major > OLDEST[0] || major === OLDEST[0] && minor >= OLDEST[1]) return;
  throw new StreamError(
    `the server has version ${info?.version}; install ${OLDEST.join(".")} or newer`,
  );
}

/**
 * Finds the stream of records, and makes it and that of the status where that is wanted.
 *
 * @throws {StreamError} If there is none, or it cannot be read as it is; errors of the server and the
 *   network.
 */
export async function requireRecords(
  manager: JetStreamManager,
  plan: StreamPlan,
  { create, log }: { create: boolean; log(message: string): void },
): Promise<StreamInfo> {
  const hasAll = async () =>
    await findStream(manager, plan.name) !== undefined &&
    await findStream(manager, statusStream(plan.name)) !== undefined;
  if (create && !await hasAll()) {
    for (const name of await makeStreams(manager, plan)) log(`Made the stream ${name}`);
  }
  const info = await findStream(manager, plan.name);
  if (info === undefined) {
    throw new StreamError(
      `there is no stream ${plan.name}; set create = true, or make it: ${streamCommand(plan)}`,
    );
  }
  requireSubjects(info, plan.prefix);
  if (info.config.retention === RetentionPolicy.Interest) {
    throw new StreamError(
      `the stream ${plan.name} removes messages while no consumer is there (retention = interest); ` +
        `make one that keeps them: nats stream rm ${plan.name}; ${streamCommand(plan)}`,
    );
  }
  return info;
}

/** Consumer that is made anew. */
export interface ConsumerPlan {
  name: string;
  prefix: string;
  kind: RecordKind;
}

/**
 * Makes the consumer anew, so that it delivers what is not acknowledged in the order of the stream:
 * from a work queue all that is left, from another stream what comes behind the last message before
 * which all were acknowledged.
 *
 * @throws The error of the server or the network.
 */
export async function makeConsumer(
  manager: JetStreamManager,
  { config }: StreamInfo,
  { name, prefix, kind }: ConsumerPlan,
): Promise<void> {
  const found = await findConsumer(manager, config.name, name);
  if (found !== undefined) await manager.consumers.delete(config.name, name);
  const isQueue = config.retention === RetentionPolicy.Workqueue;
  const acknowledged = found?.ack_floor.stream_seq ?? 0;
  const wanted: Partial<ConsumerConfig> = {
    durable_name: name,
    name,
    description: "central nfscribe: made anew by the one that reads",
    filter_subject: subjectsOfKind(prefix, kind),
    ack_policy: AckPolicy.Explicit,
    ack_wait: ACKNOWLEDGE_MS * NANOSECONDS,
    max_ack_pending: WAITING_MOST,
    replay_policy: ReplayPolicy.Instant,
    ...isQueue || acknowledged === 0
      ? { deliver_policy: DeliverPolicy.All }
      : { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: acknowledged + 1 },
  };
  await manager.consumers.add(config.name, wanted as ConsumerConfig);
}

/** Returns a consumer; undefined if there is none of this name. */
export async function findConsumer(
  manager: JetStreamManager,
  stream: string,
  name: string,
): Promise<ConsumerInfo | undefined> {
  try {
    return await manager.consumers.info(stream, name);
  } catch (error) {
    const isMissing = error instanceof JetStreamApiError &&
      error.code === JetStreamApiCodes.ConsumerNotFound;
    if (isMissing) return undefined;
    throw error;
  }
}
