/**
 * Messages of one connection at a time: takes the lease, makes the consumer, pulls, acknowledges. It
 * connects again whenever a connection ends, and explains what goes wrong.
 */

import { jetstream, type JetStreamManager, type StreamInfo } from "@nats-io/jetstream";
import type { Msg } from "@nats-io/nats-core";
import type { NatsConnection } from "@nats-io/transport-node";
import { messageOf } from "../../errors.ts";
import { connectTo } from "../../nats/connect.ts";
import { natsProblem } from "../../nats/problem.ts";
import { describeServers } from "../../nats/servers.ts";
import { changeLimits, StreamError, streamsOf } from "../../nats/stream.ts";
import { streamPlan } from "../../nats/stream_options.ts";
import type { NatsTarget } from "../../nats/target.ts";
import {
  ACKNOWLEDGE_MS,
  findConsumer,
  makeConsumer,
  requireRecords,
  requireServer,
} from "./consumer.ts";
import { Lease, RENEW_MS, RETRY_MS } from "./lease.ts";
import type { NatsSourceOptions } from "./options.ts";
import { pull } from "./pull.ts";

/** First and longest pause before connecting again, in milliseconds. */
const PAUSE_MS = 250;
const PAUSE_MOST_MS = 5000;
/** Time after which an outage is a problem, in milliseconds. */
const LASTING_MS = 10_000;
/** Messages of one outage that are logged. */
const MESSAGES_MOST = 10;
/** Time that the end of a connection may take, in milliseconds. */
const CLOSE_MS = 3000;
/** Interval at which the server learns that messages are still worked on, in milliseconds. */
const WORKING_MS = ACKNOWLEDGE_MS / 3;

const ACKNOWLEDGE = "+ACK";
const WORKING = "+WPI";
const TERMINATE = "+TERM";

/** Receiver of what an intake takes. */
export interface IntakeEvents {
  /** Receives each message. */
  message(message: Msg): void;
  /**
   * Called when this process takes the consumer: what is not handed out comes again.
   *
   * @param last Sequence number of the last message in the stream.
   */
  began(last: number): void;
  /** Returns once there is room for further messages. */
  room(): Promise<void>;
  /** Subjects of acknowledgement of messages that are worked on. */
  working(): Iterable<string>;
  /** Called with each connection over which the stream was found. */
  connected(connection: NatsConnection): void;
  /** Logs a warning. */
  warn(message: string): void;
}

/** Intake of one source. */
export class Intake {
  readonly #target: NatsTarget;
  readonly #options: NatsSourceOptions;
  readonly #holder: string;
  readonly #events: IntakeEvents;
  readonly #stop = new AbortController();
  #connection: NatsConnection | undefined;
  #lease: Lease | undefined;
  /** An outage: its messages that were logged, and its beginning; undefined while all is well. */
  #outage: { messages: Set<string>; last: string; sinceMs: number } | undefined;
  /** Process that reads in place of this one. */
  #reads: string | undefined;
  #failures = 0;
  #running: Promise<void> | undefined;
  #isRenewing = false;
  #isClosed = false;

  /**
   * Creates an intake that does nothing yet.
   *
   * @param holder Name of this process for others.
   */
  constructor(
    target: NatsTarget,
    options: NatsSourceOptions,
    holder: string,
    events: IntakeEvents,
  ) {
    this.#target = target;
    this.#options = options;
    this.#holder = holder;
    this.#events = events;
  }

  /** Whether this process may hand out messages. */
  get isActive(): boolean {
    return this.#lease?.isValid === true;
  }

  /** Whether no message can arrive just now. */
  get isAway(): boolean {
    return this.#outage !== undefined;
  }

  /** Problem that lasts; undefined for none, and while another server takes over. */
  get problem(): string | undefined {
    if (this.#outage === undefined) return undefined;
    const { last, sinceMs } = this.#outage;
    const ms = performance.now() - sinceMs;
    return ms < LASTING_MS ? undefined : `reads nothing for ${Math.floor(ms / 1000)} s: ${last}`;
  }

  /** Process that reads in place of this one, which stands by; undefined for none. */
  get standsBy(): string | undefined {
    return this.#reads;
  }

  /**
   * Connects once, and goes on by itself: what fails is tried again, as an expired certificate is
   * renewed at some time.
   */
  async start(): Promise<void> {
    let first: NatsConnection | undefined;
    try {
      first = await this.#connect();
    } catch (error) {
      this.#warn(natsProblem(error, this.#target, "connect").message);
    }
    this.#running = this.#run(first);
  }

  /** Tells the server that a message is safe. */
  acknowledge(reply: string): void {
    this.#answer(reply, ACKNOWLEDGE);
  }

  /** Tells the server to remove a message that cannot be read. */
  terminate(reply: string): void {
    this.#answer(reply, TERMINATE);
  }

  /** Pulls no more. */
  stop(): void {
    this.#stop.abort();
  }

  /** Gives the lease back and closes the connection, after the last acknowledgement. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.stop();
    // A server that stands still is not waited for: what was not acknowledged is delivered again.
    const { promise, resolve } = Promise.withResolvers<void>();
    const limit = setTimeout(resolve, CLOSE_MS);
    await Promise.race([this.#finish().catch(() => {}), promise]);
    clearTimeout(limit);
    await this.#connection?.close().catch(() => {});
    await this.#running;
  }

  async #finish(): Promise<void> {
    await this.#connection?.flush();
    await this.#lease?.release();
    await this.#connection?.flush();
  }

  async #connect(): Promise<NatsConnection> {
    const connection = await connectTo(this.#target, "nfscribe");
    try {
      requireServer(connection);
    } catch (error) {
      await connection.close();
      throw error;
    }
    return connection;
  }

  async #run(first: NatsConnection | undefined): Promise<void> {
    const { signal } = this.#stop;
    for (let open = first; !signal.aborted; open = undefined) {
      try {
        const connection = open ?? await this.#connect();
        this.#connection = connection;
        await this.#use(connection);
        // Until the last acknowledgement it stays open.
        if (signal.aborted) return;
      } catch (error) {
        this.#fail(error);
      }
      const connection = this.#connection;
      this.#connection = undefined;
      await connection?.close().catch(() => {});
      await this.#pause(Math.min(PAUSE_MOST_MS, PAUSE_MS * 2 ** this.#failures));
    }
  }

  /** Works with a connection until it ends. */
  async #use(connection: NatsConnection): Promise<void> {
    const ended = new AbortController();
    const closed = connection.closed().then((error) => {
      ended.abort();
      return error;
    });
    const signal = AbortSignal.any([ended.signal, this.#stop.signal]);
    const { stream, subject: prefix, consumer, create } = this.#options;
    const manager = await streamsOf(connection);
    const info = await requireRecords(manager, streamPlan(this.#options), {
      create,
      log: (message) => this.#events.warn(message),
    });
    this.#events.connected(connection);
    const replicas = info.config.num_replicas;
    this.#lease = await Lease.prepare(
      jetstream(connection),
      manager,
      { stream, prefix, consumer, replicas },
      this.#holder,
    );
    let stoodBy: string | undefined;
    while (!signal.aborted) {
      if (await this.#lease.take()) {
        if (stoodBy !== undefined) {
          this.#events.warn(
            `${stoodBy} reads no longer; this nfscribe takes over ${consumer} of ${stream}`,
          );
        }
        stoodBy = this.#reads = undefined;
        await this.#hold(connection, manager, signal);
        continue;
      }
      const { other } = this.#lease;
      this.#reads = other;
      this.#well();
      if (other !== undefined && other !== stoodBy) {
        this.#events.warn(`${other} reads ${stream} as ${consumer}; this nfscribe stands by`);
        stoodBy = other;
      }
      await this.#pause(RETRY_MS, signal);
    }
    if (!this.#stop.signal.aborted) throw await closed ?? new Error();
  }

  /** Gives a stream the limits of the configuration; records are read without that, too. */
  async #changeLimits(manager: JetStreamManager, info: StreamInfo): Promise<void> {
    const { stream } = this.#options;
    try {
      const changed = await changeLimits(manager, info, streamPlan(this.#options));
      if (changed !== undefined) this.#events.warn(`Changed the stream ${stream}: ${changed}`);
    } catch (error) {
      this.#events.warn(
        `Cannot give ${stream} the limits of the configuration: ${messageOf(error)}`,
      );
    }
  }

  /** Pulls as long as this process holds the lease. */
  async #hold(
    connection: NatsConnection,
    manager: JetStreamManager,
    outer: AbortSignal,
  ): Promise<void> {
    const { stream, subject: prefix, consumer, kind, create } = this.#options;
    const lost = new AbortController();
    const signal = AbortSignal.any([outer, lost.signal]);
    const renewal = setInterval(() => this.#renew(lost), RENEW_MS);
    const working = setInterval(() => {
      for (const reply of this.#events.working()) this.#answer(reply, WORKING);
    }, WORKING_MS);
    try {
      for (let isFirst = true; !signal.aborted; isFirst = false) {
        const info = await requireRecords(manager, streamPlan(this.#options), {
          create,
          log: (message) => this.#events.warn(message),
        });
        // Only the one that reads changes it: others may have another configuration.
        if (create && isFirst) {
          await this.#changeLimits(manager, info);
        }
        this.#events.began(info.state.last_seq);
        await makeConsumer(manager, info, { name: consumer, prefix, kind });
        if (isFirst) this.#well();
        const take = (message: Msg) => this.#events.message(message);
        for (;;) {
          await this.#events.room();
          if (signal.aborted) return;
          const outcome = await pull(connection, { stream, consumer }, take, signal);
          if (outcome === "done") continue;
          if (outcome === "silent") throw new Error("timeout");
          // A cluster has no answer, too, while it chooses another leader.
          if (await findConsumer(manager, stream, consumer) !== undefined) {
            await this.#pause(PAUSE_MS, signal);
            continue;
          }
          this.#events.warn(
            `The consumer ${consumer} of ${stream} is gone: another program has deleted it; ` +
              "it is made anew",
          );
          break;
        }
        await this.#pause(PAUSE_MS, signal);
      }
    } finally {
      clearInterval(renewal);
      clearInterval(working);
    }
  }

  async #renew(lost: AbortController): Promise<void> {
    if (this.#isRenewing) return;
    this.#isRenewing = true;
    try {
      if (await this.#lease!.take()) return;
      const { stream, consumer } = this.#options;
      this.#events.warn(
        `The lease on ${consumer} of ${stream} was lost: this process stood still for too long, or ` +
          "the server did",
      );
      lost.abort();
    } catch (error) {
      // It is tried again until the lease ends.
      if (this.#lease?.isValid !== true) lost.abort(error);
    } finally {
      this.#isRenewing = false;
    }
  }

  #answer(reply: string, text: string): void {
    const connection = this.#connection;
    // Without a connection the message is delivered again, and known.
    if (connection === undefined || connection.isClosed()) return;
    try {
      connection.publish(reply, text);
    } catch {
      // The connection has ended just now.
    }
  }

  #fail(error: unknown): void {
    if (this.#stop.signal.aborted) return;
    this.#failures++;
    const doing = error instanceof StreamError ? "read records" : "connect";
    this.#warn(natsProblem(error, this.#target, doing).message);
  }

  /** Logs what is wrong, each thing once until all is well. */
  #warn(message: string): void {
    this.#outage ??= { messages: new Set(), last: message, sinceMs: performance.now() };
    const { messages } = this.#outage;
    this.#outage.last = message;
    this.#reads = undefined;
    if (messages.has(message) || messages.size >= MESSAGES_MOST) return;
    messages.add(message);
    this.#events.warn(`${message}; this is tried again`);
  }

  #well(): void {
    this.#failures = 0;
    if (this.#outage === undefined) return;
    const seconds = ((performance.now() - this.#outage.sinceMs) / 1000).toFixed(1);
    this.#outage = undefined;
    this.#events.warn(`Connected to ${describeServers(this.#target)} again after ${seconds} s`);
  }

  async #pause(ms: number, signal: AbortSignal = this.#stop.signal): Promise<void> {
    if (signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => resolve(), { once: true });
    await promise;
    clearTimeout(timer);
  }
}
