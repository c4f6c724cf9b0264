/**
 * Lease on a consumer: of several central nfscribe with the same one, its holder reads and the others
 * stand by. It is a message in a small stream, which only its holder can replace and which the server
 * removes when it was not replaced in time: no clocks of different hosts are compared.
 */

import {
  DiscardPolicy,
  type JetStreamClient,
  type JetStreamManager,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
} from "@nats-io/jetstream";
import { leaseStream, leaseSubject } from "../../nats/format/subject.ts";
import { findStream, StreamError } from "../../nats/stream.ts";

/** Time that the server keeps a lease, in milliseconds. */
const LEASE_MS = 10_000;
/** Time by which a holder takes its lease to end earlier than the server does, in milliseconds. */
const MARGIN_MS = 1000;
const NANOSECONDS = 1e6;
/** `JSStreamWrongLastSequenceErrF` (errors.json of nats-server). */
const WRONG_LAST_SEQUENCE = 10_071;

/** Interval between renewals, and between attempts of those who stand by, in milliseconds. */
export const RENEW_MS = 3000;
export const RETRY_MS = 1000;

/** Consumer that a lease is for. */
export interface LeaseTarget {
  /** Stream of records. */
  stream: string;
  /** First tokens of its subjects. */
  prefix: string;
  consumer: string;
  /** Servers of a cluster that have each message. */
  replicas: number;
}

/** Text of a lease. */
interface LeaseText {
  /** Process that holds it, as messages name it. */
  holder: string;
  /** Whether its holder has ended. */
  isReleased: boolean;
}

const NO_LEASE: LeaseText = { holder: "", isReleased: true };

/** Lease of one process. */
export class Lease {
  readonly #client: JetStreamClient;
  readonly #manager: JetStreamManager;
  readonly #stream: string;
  readonly #subject: string;
  readonly #holder: string;
  /** Sequence number of the message; 0 for none. */
  #sequence = 0;
  #validUntilMs = -Infinity;
  /** Holder, if that is another process. */
  other: string | undefined;

  private constructor(
    client: JetStreamClient,
    manager: JetStreamManager,
    { stream, prefix, consumer }: LeaseTarget,
    holder: string,
  ) {
    this.#client = client;
    this.#manager = manager;
    this.#stream = leaseStream(stream);
    this.#subject = leaseSubject(prefix, stream, consumer);
    this.#holder = holder;
  }

  /**
   * Prepares a lease, and makes the stream of leases if there is none.
   *
   * @param holder Name of this process for others.
   * @throws The error of the server or the network.
   */
  static async prepare(
    client: JetStreamClient,
    manager: JetStreamManager,
    target: LeaseTarget,
    holder: string,
  ): Promise<Lease> {
    const name = leaseStream(target.stream);
    const subjects = [leaseSubject(target.prefix, target.stream, "*")];
    const found = await findStream(manager, name);
    if (found === undefined) {
      await manager.streams.add(
        {
          name,
          subjects,
          retention: RetentionPolicy.Limits,
          discard: DiscardPolicy.Old,
          storage: StorageType.File,
          num_replicas: target.replicas,
          max_msgs_per_subject: 1,
          max_age: LEASE_MS * NANOSECONDS,
        } as Partial<StreamConfig> as StreamConfig,
      );
    } else if (found.config.max_age !== LEASE_MS * NANOSECONDS) {
      throw new StreamError(
        `the stream ${name} keeps messages for ${found.config.max_age / 1e9} s, not for ` +
          `${LEASE_MS / 1000}; delete it: nats stream rm ${name}`,
      );
    }
    return new Lease(client, manager, target, holder);
  }

  /** Whether this process holds it. */
  get isValid(): boolean {
    return performance.now() < this.#validUntilMs;
  }

  /**
   * Takes the lease if it is free, or renews it.
   *
   * @returns Whether this process holds it now.
   * @throws The error of the server or the network; the lease stays valid until it ends.
   */
  async take(): Promise<boolean> {
    if (!this.isValid && !await this.#isFree()) return false;
    const sentMs = performance.now();
    if (!await this.#publish({ holder: this.#holder, isReleased: false })) {
      this.#validUntilMs = -Infinity;
      this.#sequence = 0;
      return false;
    }
    this.#validUntilMs = sentMs + LEASE_MS - MARGIN_MS;
    this.other = undefined;
    return true;
  }

  /** Gives the lease back, so that another process need not wait for its end. */
  async release(): Promise<void> {
    if (!this.isValid) return;
    this.#validUntilMs = -Infinity;
    await this.#publish({ holder: this.#holder, isReleased: true });
  }

  /** Returns whether no other process holds it. */
  async #isFree(): Promise<boolean> {
    const query = { last_by_subj: this.#subject };
    const found = await this.#manager.streams.getMessage(this.#stream, query) ?? undefined;
    this.#sequence = found?.seq ?? 0;
    const { holder, isReleased } = found === undefined ? NO_LEASE : leaseText(found.data);
    // Its own, where the answer to the last renewal was lost.
    const isFree = isReleased || holder === this.#holder;
    this.other = isFree ? undefined : holder;
    return isFree;
  }

  /** Replaces the message; returns false if it is not the one that this process knows. */
  async #publish(text: LeaseText): Promise<boolean> {
    try {
      const { seq } = await this.#client.publish(this.#subject, JSON.stringify(text), {
        expect: { lastSubjectSequence: this.#sequence },
      });
      this.#sequence = seq;
      return true;
    } catch (error) {
      if (codeOf(error) === WRONG_LAST_SEQUENCE) return false;
      throw error;
    }
  }
}

/** Returns the process that reads a consumer, as it names itself; undefined for none. */
export async function readerOf(
  manager: JetStreamManager,
  { stream, prefix, consumer }: Omit<LeaseTarget, "replicas">,
): Promise<string | undefined> {
  const name = leaseStream(stream);
  if (await findStream(manager, name) === undefined) return undefined;
  const query = { last_by_subj: leaseSubject(prefix, stream, consumer) };
  const found = await manager.streams.getMessage(name, query) ?? undefined;
  const { holder, isReleased } = found === undefined ? NO_LEASE : leaseText(found.data);
  return isReleased ? undefined : holder;
}

function leaseText(bytes: Uint8Array): LeaseText {
  try {
    const { holder, isReleased } = JSON.parse(new TextDecoder().decode(bytes));
    return { holder: String(holder).slice(0, 255), isReleased: isReleased === true };
  } catch {
    return { holder: "another program", isReleased: false };
  }
}

/** Returns the code of an error of JetStream. */
function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
