/** NATS as the sender sees it: runs of frames become messages, which JetStream acknowledges. */

import { jetstream, type JetStreamClient } from "@nats-io/jetstream";
import { headers, type NatsConnection } from "@nats-io/transport-node";
import type { Batch } from "../../../buffer/segment_batch.ts";
import { FRAME_HEAD, SEGMENT_HEAD } from "../../../buffer/segment_format.ts";
import { connectTo } from "../../../nats/connect.ts";
import { headersOf } from "../../../nats/format/message.ts";
import { subjectOf, tokenOf } from "../../../nats/format/subject.ts";
import { natsProblem } from "../../../nats/problem.ts";
import { describeServers } from "../../../nats/servers.ts";
import type { StreamPlan } from "../../../nats/stream.ts";
import type { NatsTarget } from "../../../nats/target.ts";
import { refusedUnread } from "../../delivery/bisect.ts";
import type { Counters } from "../../../record/counters.ts";
import type { Following } from "../../delivery/following.ts";
import type { Problem } from "../../delivery/problem.ts";
import {
  type Loaded,
  NOTHING,
  type Receiver,
  type ReceiverContext,
} from "../../delivery/receiver.ts";
import type { Compression } from "../../messages/compress.ts";
import type { LaneCounts } from "../../messages/lane_counts.ts";
import { markOf } from "../../messages/mark.ts";
import { BodyMemory, type Outgoing, outgoingOf } from "../../messages/outgoing.ts";
import { Progress } from "../../messages/progress.ts";
import { cutRuns, type Run } from "../../messages/runs.ts";
import { Window } from "../../messages/window.ts";
import { requireRoom, requireStream } from "../require_stream.ts";
import { StatusSender } from "./status_sender.ts";

/** Most bytes of several messages on their way: the client has copies of them. */
const IN_FLIGHT_BYTES = 1024 * 1024;
/** Timeout of an acknowledgement, in milliseconds. */
const ACKNOWLEDGE_MS = 10_000;
/** Interval of notes of what has arrived while a batch is sent, in milliseconds. */
const NOTE_MS = 200;
/** The operation, in messages. */
const SENDING = "send records";

/** The stream, as the sender's thread gets it. */
export interface StreamTarget {
  connection: NatsTarget;
  plan: StreamPlan;
  /** Whether the stream may be made. */
  create: boolean;
  /** This host's name. */
  host: string;
  payload: "pcapng" | "json";
  compression: Compression;
  /** Most bytes of a message before it is compressed. */
  messageBytes: number;
  /** Most messages on their way. */
  inFlight: number;
  /** Interval of the status, in milliseconds. */
  statusMs: number;
}

/** A message on its way. */
interface Sent {
  message: Outgoing;
  /** Set for the last message of a run: the run has arrived with it. */
  run?: { to: number; counts: LaneCounts };
}

/** Sends records to a stream of JetStream. */
export class NatsReceiver implements Receiver {
  readonly where: string;
  /** Room for a run that was sent before, of the largest messages. */
  readonly batchBytes: number = 2 * 1024 * 1024 + 64 * 1024;
  /** A host may start at night: what it logs is kept until its way is free. */
  readonly waitsAtStart = true;
  readonly #target: StreamTarget;
  readonly #context: ReceiverContext;
  readonly #progress: Progress;
  readonly #status: StatusSender;
  readonly #memory = new BodyMemory();
  #connection: NatsConnection | undefined;
  #client: JetStreamClient | undefined;
  /** End of the connection; undefined while it works. */
  #ended: { error: unknown } | undefined;
  /** Records that were sent, whether they have arrived or not. */
  #counts: LaneCounts | undefined;
  #notedMs = 0;

  constructor(target: StreamTarget, context: ReceiverContext) {
    this.#target = target;
    this.#context = context;
    this.where = describeServers(target.connection);
    this.#status = new StatusSender(target, context.setup);
    this.#progress = new Progress(context.setup.folder, context.log.warn);
  }

  async connect(): Promise<void> {
    const { connection: servers, messageBytes, host } = this.#target;
    const connection = this.#connection = await connectTo(
      servers,
      `nfscribe ${host}`,
      `_INBOX.${tokenOf(host)}`,
    );
    this.#ended = undefined;
    connection.closed().then((error) => {
      if (this.#connection === connection) this.#ended = { error };
    });
    requireRoom(connection, messageBytes);
    await requireStream(connection, this.#target, this.#context.log);
    this.#client = jetstream(connection, { timeout: ACKNOWLEDGE_MS });
  }

  maintain(): Promise<void> {
    return this.#ended === undefined ? Promise.resolve() : Promise.reject(this.#ended.error);
  }

  position(session: string): Promise<number> {
    return Promise.resolve(this.#progress.position(session) ?? NOTHING);
  }

  async load(batch: Batch, _since: number, following: Following): Promise<Loaded> {
    const { length, end } = batch.heads[0]!;
    const from = end - FRAME_HEAD - length;
    this.#progress.begin(batch.session, from, from === SEGMENT_HEAD);
    this.#counts = this.#progress.counts.copy();
    let refused = 0;
    const window = new Window<Sent>(
      { messages: this.#target.inFlight, bytes: IN_FLIGHT_BYTES },
      (sent) => this.#arrived(sent),
      async (sent, error) => {
        const isRefused = await this.#refuse(batch, sent, error);
        if (isRefused) refused += sent.message.head.records;
        return isRefused;
      },
    );
    const send = async (batch: Batch) => {
      const { to, records, strange } = await this.#sendBatch(batch, window);
      refused += strange;
      // A run that was sent before, and is not whole in this batch.
      if (to === batch.heads.at(-1)!.end) return;
      following.to = to;
      following.records += records - batch.records;
    };
    try {
      await send(batch);
      while (following.isReady) {
        const next = following.read();
        if (next === undefined || next.frames.length === 0) break;
        following.take();
        await send(next);
      }
      await window.drain();
      return { refused };
    } finally {
      this.#progress.flush();
    }
  }

  /** Sends the runs of a batch; returns what was sent of it, and the records that cannot be. */
  async #sendBatch(
    batch: Batch,
    window: Window<Sent>,
  ): Promise<{ to: number; records: number; strange: number }> {
    const { messageBytes } = this.#target;
    const { runs, to } = cutRuns(batch, this.#progress.ends, messageBytes);
    this.#progress.plan(runs.map(({ to }) => to));
    let [records, strange] = [0, 0];
    for (const run of runs) {
      records += run.records;
      strange += await this.#sendRun(batch, run, window);
    }
    return { to, records, strange };
  }

  async #sendRun(batch: Batch, run: Run, window: Window<Sent>): Promise<number> {
    const { host, payload, compression, plan } = this.#target;
    const { session } = batch;
    const options = { host, session, payload, compression, memory: this.#memory };
    const { messages, strange } = outgoingOf(run, this.#counts!, options);
    if (strange.length > 0) {
      await this.#context.quarantine(batch, strange.map(({ bytes }) => refusedUnread(bytes)));
    }
    const counts = this.#counts!.copy();
    for (const [index, message] of messages.entries()) {
      const isLast = index === messages.length - 1;
      const sent: Sent = { message, ...isLast && { run: { to: run.to, counts } } };
      await window.send(sent, message.body.length, () => this.#publish(message, plan));
    }
    return strange.reduce((sum, { records }) => sum + records, 0);
  }

  /** Publishes a message; resolves when the stream has it. */
  async #publish({ kind, head, body }: Outgoing, { name, prefix }: StreamPlan): Promise<void> {
    const found = headers();
    const mark = markOf(this.#progress.secret, head);
    for (const [name, value] of headersOf(head, mark)) found.append(name, value);
    await this.#client!.publish(subjectOf(prefix, head.host, head.capture, kind), body, {
      headers: found,
      expect: { streamName: name },
      timeout: ACKNOWLEDGE_MS,
    });
  }

  /** Notes that a message has arrived, and all before it. */
  #arrived({ run }: Sent): void {
    this.#context.onProgress();
    if (run === undefined) return;
    this.#progress.arrived(run.to, run.counts);
    if (performance.now() < this.#notedMs + NOTE_MS) return;
    this.#notedMs = performance.now();
    this.#progress.flush();
  }

  /** Quarantines a record that is too large for any message; returns whether it is one. */
  async #refuse(batch: Batch, { message }: Sent, error: unknown): Promise<boolean> {
    const { kind, head, body } = message;
    const problem = this.explain(error, SENDING);
    // Several records fit as soon as an administrator allows messages of the size that was agreed.
    if (problem.kind !== "row" || head.records !== 1) return false;
    const columns = { kind, host: head.host, capture: head.capture };
    await this.#context.quarantine(batch, [{ row: body, columns, problem }]);
    return true;
  }

  report(counters: Counters, output: string): void {
    this.#status.report(counters, output, this.#connection);
  }

  async finish(): Promise<void> {
    await this.#status.finish(this.#connection);
  }

  abort(): void {
    this.#connection?.close().catch(() => {});
  }

  async close(): Promise<void> {
    await this.#connection?.close();
    this.#connection = undefined;
    this.#client = undefined;
  }

  explain(error: unknown, doing: string): Problem {
    const operation = doing === "connect" ? doing : SENDING;
    return natsProblem(error, this.#target.connection, operation);
  }
}
