/** Streams of JetStream: the one of records, and that of the senders' status beside it. */

import {
  DiscardPolicy,
  JetStreamApiCodes,
  JetStreamApiError,
  type JetStreamManager,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
  type StreamInfo,
} from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import { MESSAGE_KINDS, statusStream, subjectsOfKind } from "./format/subject.ts";

/** Timeout of a request to JetStream, in milliseconds. */
const REQUEST_MS = 10_000;
/** Time that the last status of a host is kept, in milliseconds. */
const STATUS_AGE_MS = 7 * 86_400_000;
const NANOSECONDS = 1e6;

/** A stream that is made where it is missing. */
export interface StreamPlan {
  name: string;
  /** First tokens of the subjects. */
  prefix: string;
  /** Servers of a cluster that have it. */
  replicas: number;
  /** Most bytes; undefined for no limit but the server's. */
  maxBytes: number | undefined;
  /** Time that messages are kept, in milliseconds; undefined for ever. */
  maxAgeMs: number | undefined;
  /** Time that identifiers of messages are known, in milliseconds. */
  duplicateWindowMs: number;
}

/** Error of a stream that cannot be used as it is. */
export class StreamError extends Error {
  override readonly name = "StreamError";
}

/** Returns the subjects of the stream of records. */
export function subjectsOfRecords(prefix: string): string[] {
  return MESSAGE_KINDS.filter((kind) => kind !== "status").map((kind) =>
    subjectsOfKind(prefix, kind)
  );
}

/** Returns the command of NATS's own program that makes the stream of records. */
export function streamCommand(
  { name, prefix, replicas }: Pick<StreamPlan, "name" | "prefix" | "replicas">,
): string {
  return `nats stream add ${name} --subjects '${subjectsOfRecords(prefix).join(",")}' ` +
    `--retention work --discard new --storage file --replicas ${replicas} --dupe-window 2m --defaults`;
}

/** Returns access to the streams of a connection's account. */
export function streamsOf(connection: NatsConnection): Promise<JetStreamManager> {
  return jetstreamManager(connection, { checkAPI: false, timeout: REQUEST_MS });
}

/**
 * Returns a stream; undefined if there is none of this name.
 *
 * @throws The error of the server or the network.
 */
export async function findStream(
  manager: JetStreamManager,
  name: string,
): Promise<StreamInfo | undefined> {
  try {
    return await manager.streams.info(name);
  } catch (error) {
    const isMissing = error instanceof JetStreamApiError &&
      error.code === JetStreamApiCodes.StreamNotFound;
    if (isMissing) return undefined;
    throw error;
  }
}

/**
 * Makes the stream of records and that of the status, as far as they are missing.
 *
 * @returns The names of those that were made.
 * @throws The error of the server or the network.
 */
export async function makeStreams(
  manager: JetStreamManager,
  plan: StreamPlan,
): Promise<string[]> {
  const made: string[] = [];
  for (const config of [recordsConfig(plan), statusConfig(plan)]) {
    if (await findStream(manager, config.name!) !== undefined) continue;
    await manager.streams.add(config as StreamConfig);
    made.push(config.name!);
  }
  return made;
}

/**
 * Changes the limits of a stream to those of the configuration, as far as it names some.
 *
 * @returns What was changed, in words; undefined for nothing.
 * @throws The error of the server or the network.
 */
export async function changeLimits(
  manager: JetStreamManager,
  { config }: StreamInfo,
  { name, maxBytes, maxAgeMs, replicas }: StreamPlan,
): Promise<string | undefined> {
  const wanted = {
    ...maxBytes !== undefined && { max_bytes: maxBytes },
    ...maxAgeMs !== undefined && { max_age: maxAgeMs * NANOSECONDS },
    // 1 is what is taken where nothing is written.
    ...replicas > 1 && { num_replicas: replicas },
  };
  const changes = Object.entries(wanted).filter(([key, value]) =>
    config[key as keyof typeof wanted] !== value
  );
  if (changes.length === 0) return undefined;
  await manager.streams.update(name, Object.fromEntries(changes));
  return changes.map(([key, value]) => `${key} ${value}`).join(", ");
}

/**
 * Checks that a stream takes the messages.
 *
 * @throws {StreamError} If it does not.
 */
export function requireSubjects({ config }: StreamInfo, prefix: string): void {
  const missing = subjectsOfRecords(prefix).filter((subject) =>
    !config.subjects?.some((taken) => covers(taken, subject))
  );
  if (missing.length === 0) return;
  throw new StreamError(
    `the stream ${config.name} does not take ${missing.join(", ")}; ` +
      `give it these subjects: nats stream edit ${config.name} --subjects '` +
      `${[...config.subjects ?? [], ...missing].join(",")}'`,
  );
}

/** Returns whether all subjects of one pattern are among those of another. */
export function covers(taken: string, pattern: string): boolean {
  const [outer, inner] = [taken.split("."), pattern.split(".")];
  for (const [index, token] of outer.entries()) {
    if (token === ">") return inner.length > index;
    if (index >= inner.length || inner[index] === ">") return false;
    if (token !== "*" && token !== inner[index]) return false;
  }
  return outer.length === inner.length;
}

function recordsConfig(plan: StreamPlan): Partial<StreamConfig> {
  const { name, prefix, replicas, maxBytes, maxAgeMs, duplicateWindowMs } = plan;
  return {
    name,
    subjects: subjectsOfRecords(prefix),
    retention: RetentionPolicy.Workqueue,
    discard: DiscardPolicy.New,
    storage: StorageType.File,
    num_replicas: replicas,
    duplicate_window: duplicateWindowMs * NANOSECONDS,
    ...maxBytes !== undefined && { max_bytes: maxBytes },
    ...maxAgeMs !== undefined && { max_age: maxAgeMs * NANOSECONDS },
  };
}

function statusConfig({ name, prefix, replicas }: StreamPlan): Partial<StreamConfig> {
  return {
    name: statusStream(name),
    subjects: [subjectsOfKind(prefix, "status")],
    retention: RetentionPolicy.Limits,
    discard: DiscardPolicy.Old,
    storage: StorageType.File,
    num_replicas: replicas,
    max_msgs_per_subject: 1,
    max_age: STATUS_AGE_MS * NANOSECONDS,
  };
}
