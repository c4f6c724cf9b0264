/** The privileged half of the NATS source: hands out messages chunk by chunk, and acknowledges them. */

import type { Msg, MsgHdrs } from "@nats-io/nats-core";
import type { NatsConnection } from "@nats-io/transport-node";
import { InputError, messageOf } from "../../errors.ts";
import { Header } from "../../nats/format/headers.ts";
import { headersOf, MessageError, parseHeaders } from "../../nats/format/message.ts";
import { parseSubject, statusStream, tokenOf } from "../../nats/format/subject.ts";
import { type NatsTarget, targetOf } from "../../nats/target.ts";
import { InterfaceTable } from "../../packet/interface.ts";
import type { Origin } from "../../record/origin.ts";
import type { HostStats } from "../../record/counters.ts";
import { HostLedger } from "../hosts/ledger.ts";
import { type Moment, NOTHING_QUEUED, type Reader, type SenderLoss } from "../source.ts";
import { type Arrival, Arrivals } from "./arrivals.ts";
import { type Body, openBody } from "./body.ts";
import { followStatus } from "./follow_status.ts";
import { Intake } from "./intake.ts";
import { laneKey, laneName } from "./lane.ts";
import type { NatsSourceOptions } from "./options.ts";
import { type RefusedMessage, RefusedMessages } from "./refused.ts";
import { parseReply } from "./reply.ts";
import { unpackBody } from "./unpack.ts";

/** Bytes of messages that wait for the pipeline, above which no more are asked for. */
const READY_MOST = 2 * 1024 * 1024;
/** Bytes that the head of a message takes in memory, and each byte of its names of interfaces. */
const HEAD_BYTES = 1024;
const BYTES_OF_NAMES = 16;
/** Most bytes of headers (nats-server, filestore.go). */
const HEADERS_MOST = 64 * 1024;

const NO_INTERFACES = new InterfaceTable();
const NO_NAMES: ReadonlyMap<number, string> = new Map();

/** A message that is being handed out. */
interface Current {
  message: Arrival;
  /** Records that are missing in front of it. */
  missing: number;
  body: Body;
  /** Number of its next chunk. */
  chunk: number;
}

/** Reads messages of a stream. */
export class NatsReader implements Reader {
  /** Always 0: the stream keeps what is not taken. */
  readonly droppedDatagrams = 0;
  readonly interfaces: InterfaceTable = NO_INTERFACES;
  origin: Origin | undefined;
  senderLoss: SenderLoss | undefined;
  readonly #options: NatsSourceOptions;
  readonly #warn: (message: string) => void;
  readonly #arrivals = new Arrivals();
  readonly #refused: RefusedMessages;
  readonly #hosts = new HostLedger();
  readonly #intake: Intake;
  #current: Current | undefined;
  /** Number of the last message that was in the stream before this process began to read it. */
  #oldSequence = 0;
  #stopped = false;
  #wake = Promise.withResolvers<void>();
  #room: PromiseWithResolvers<void> | undefined;

  private constructor(
    options: NatsSourceOptions,
    target: NatsTarget,
    warn: (message: string) => void,
  ) {
    this.#options = options;
    this.#warn = warn;
    this.#refused = new RefusedMessages(options.quarantine, warn);
    this.#intake = new Intake(target, options, holderName(), {
      message: (message) => this.#arrive(message),
      began: (last) => {
        this.#arrivals.reset();
        this.#oldSequence = last;
      },
      room: () => this.#untilRoom(),
      working: () => this.#arrivals.replies,
      connected: (connection) => this.#follow(connection),
      warn,
    });
  }

  /**
   * Connects to the server.
   *
   * @param options Checked options.
   * @param warn Logs a warning.
   * @throws {InputError} If a secret cannot be read; a server that is away or refuses is tried again.
   */
  static async open(
    options: NatsSourceOptions,
    warn: (message: string) => void,
  ): Promise<NatsReader> {
    const reader = new NatsReader(options, knownTarget(options), warn);
    await reader.#intake.start();
    return reader;
  }

  /** Messages that are none of nfscribe's. */
  get foreign(): number {
    return this.#refused.count;
  }

  /** Name of the process that reads in place of this one; undefined for none. */
  get standsBy(): string | undefined {
    return this.#intake.standsBy;
  }

  /** Problem that an administrator must solve; undefined for none. */
  get problem(): string | undefined {
    return this.#intake.problem ?? this.#refused.problem;
  }

  /** Whether no message can arrive just now. */
  get isAway(): boolean {
    return this.#intake.isAway;
  }

  /** Time at which the last chunk was handed out. */
  get clock(): Moment {
    const ms = Date.now();
    return { seconds: Math.floor(ms / 1000), nanoseconds: ms % 1000 * 1e6 };
  }

  /** Whether it was stopped, and the message that was begun is handed out. */
  get ended(): boolean {
    return this.#stopped && this.#current === undefined;
  }

  /** Whether messages arrive: through this thread's event loop. */
  get needsEventLoop(): boolean {
    return !this.ended;
  }

  /** Hosts whose messages have arrived. */
  hosts(): ReadonlyMap<string, HostStats> {
    return this.#hosts.hosts;
  }

  /**
   * Hands out the next chunk.
   *
   * @param buffer Destination; it begins at a multiple of 4.
   */
  receive(buffer: Uint8Array): number {
    this.origin = undefined;
    this.senderLoss = undefined;
    this.#arrivals.tick(performance.now());
    const current = this.#current ??= this.#next();
    if (current === undefined) return NOTHING_QUEUED;
    const { message, body } = current;
    const length = body.next(buffer);
    this.origin = this.#arrivals.originOf(message, current.chunk++, body);
    if (current.chunk === 1) this.senderLoss = this.#lossOf(current);
    if (body.isLast) this.#current = undefined;
    return length;
  }

  /** Acknowledges a message whose chunks are all safe. */
  acknowledge(origin: Origin): void {
    if (!origin.isLast) return;
    const message = this.#arrivals.take(origin);
    if (message !== undefined) this.#intake.acknowledge(message.reply);
  }

  /** Waits until a message is ready, or is due. */
  async wait(): Promise<void> {
    if (this.ended || this.#current !== undefined || this.#isReady) return;
    const ms = this.#arrivals.nextMs - performance.now();
    const timer = ms === Infinity ? undefined : setTimeout(this.#wake.resolve, Math.max(0, ms));
    await this.#wake.promise;
    clearTimeout(timer);
    this.#wake = Promise.withResolvers();
  }

  /** Ends a {@linkcode wait}. */
  wake(): void {
    this.#wake.resolve();
  }

  /** Stops; messages that were not begun stay in the stream. */
  stop(): void {
    this.#stopped = true;
    this.#intake.stop();
    this.#room?.resolve();
    this.wake();
  }

  /** Closes the connection, after the last acknowledgement. */
  async close(): Promise<void> {
    this.stop();
    await this.#intake.close();
  }

  /** Closes the connection. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  get #isReady(): boolean {
    return !this.#stopped && this.#arrivals.hasReady && this.#intake.isActive;
  }

  /** Follows what senders say of themselves, as long as a connection lasts. */
  #follow(connection: NatsConnection): void {
    const { stream, subject: prefix } = this.#options;
    followStatus(connection, { stream, prefix }, (status, timeMs) => {
      this.#hosts.status(status, timeMs);
    }).catch((error) => {
      if (connection.isClosed() || this.#stopped || this.#intake.isAway) return;
      this.#warn(`The senders' status is not known: ${messageOf(error)} (${statusStream(stream)})`);
    });
  }

  /** Takes a message that the server delivers. */
  #arrive(delivered: Msg): void {
    const { reply = "" } = delivered;
    const delivery = parseReply(reply);
    // Only a stream delivers; anything else was sent to this inbox by a program that guessed it.
    if (delivery === undefined) return;
    const { subject, data } = delivered;
    const { sequence } = delivery;
    let headers: MsgHdrs | undefined;
    let message: Arrival;
    try {
      // The client decodes headers when they are asked for, and may not be able to.
      headers = delivered.headers;
      const known = { subject, reply, ...delivery, isOld: sequence <= this.#oldSequence };
      message = arrivalOf(known, headers, data, this.#options);
    } catch (error) {
      const refused = { sequence, subject, body: data, headers: Object.fromEntries(headers ?? []) };
      return this.#refuse(refused, reply, data.length + HEADERS_MOST, error);
    }
    const offered = this.#arrivals.offer(message, performance.now());
    if (offered === "acknowledge") this.#intake.acknowledge(reply);
    if (offered !== "taken") {
      this.#hosts.repeated(message.head.host, message.records, message.sentMs);
    } else this.wake();
  }

  /** Opens the next message; those that cannot be read are refused. */
  #next(): Current | undefined {
    while (this.#isReady) {
      const { message, missing, epoch } = this.#arrivals.next()!;
      if (this.#hasRoom) this.#room?.resolve();
      const { head, reply, sequence, subject, size } = message;
      const data = message.data!;
      message.data = undefined;
      try {
        const body = openBody(head, unpackBody(data, head.encoding), this.#options.kind);
        // The body has the names from now on.
        head.interfaces = NO_NAMES;
        this.#arrivals.handOut(message);
        this.#count(message, epoch);
        return { message, missing, body, chunk: 0 };
      } catch (error) {
        this.#arrivals.drop(message);
        const headers = Object.fromEntries(headersOf(head).map(([name, value]) => [name, [value]]));
        this.#refuse({ sequence, subject, headers, body: data }, reply, size, error);
      }
    }
    return undefined;
  }

  #count({ head, records, sentMs }: Arrival, epoch: number): void {
    const { host, session, capture: source, from, part, first } = head;
    const { kind } = this.#options;
    // Where it is not known whether something is missing in front of it, another count begins.
    const place = first === undefined
      ? { session: `${session}:${from}:${part}`, first: 0 }
      : { session: `${session}:${epoch}`, first };
    this.#hosts.message({ host, source, kind, records, ...place }, sentMs);
  }

  /** Returns what was lost at the sender and on the way; undefined for nothing. */
  #lossOf({ message: { head }, missing }: Current): SenderLoss | undefined {
    const packets = head.lost + missing;
    if (packets === 0) return undefined;
    const { host, session, capture: source } = head;
    return { host, session, source, packets };
  }

  /** Keeps a message that cannot be read, and has the server remove it. */
  #refuse(
    message: Omit<RefusedMessage, "stream" | "reason">,
    reply: string,
    size: number,
    error: unknown,
  ): void {
    const refused = { stream: this.#options.stream, ...message, reason: messageOf(error) };
    this.#refused.add(refused, size).then((isDone) => {
      // Otherwise it stays in the stream, and is delivered again.
      if (isDone) this.#intake.terminate(reply);
      if (this.#hasRoom) this.#room?.resolve();
    });
  }

  get #hasRoom(): boolean {
    return this.#arrivals.readyBytes + this.#refused.pendingBytes < READY_MOST;
  }

  /** Waits until the queues have room. */
  async #untilRoom(): Promise<void> {
    while (!this.#stopped && !this.#hasRoom) {
      this.#room = Promise.withResolvers();
      await this.#room.promise;
    }
    this.#room = undefined;
  }
}

/**
 * Parses a message.
 *
 * @throws {MessageError} If it is none of nfscribe's, or of another kind.
 */
function arrivalOf(
  known: Pick<Arrival, "subject" | "reply" | "sequence" | "sentMs" | "isOld">,
  headers: MsgHdrs | undefined,
  data: Uint8Array,
  { subject: prefix, kind }: NatsSourceOptions,
): Arrival {
  const get = (name: string) => headers?.get(name);
  const head = parseHeaders(get);
  const parts = parseSubject(prefix, known.subject);
  if (parts?.kind !== kind) throw new MessageError(`its subject is not one of a ${kind}`);
  // Rights to publish are given by subject.
  if (parts.host !== tokenOf(head.host) || parts.source !== tokenOf(head.capture)) {
    throw new MessageError("its headers name another host or source than its subject");
  }
  // V8 keeps all headers as long as a part of them is used.
  const session = head.session = JSON.parse(JSON.stringify(head.session)) as string;
  const { first, records } = head;
  const names = get(Header.INTERFACES)?.length ?? 0;
  return {
    ...known,
    ...{ head, first, records, isHandedOut: false },
    lane: laneKey(session, laneName(parts, head.capture)),
    // Headers are in the same memory.
    data: new Uint8Array(data),
    size: data.length + HEAD_BYTES + BYTES_OF_NAMES * names,
  };
}

function knownTarget(options: NatsSourceOptions): NatsTarget {
  try {
    return targetOf(options);
  } catch (error) {
    throw new InputError(options.stream, messageOf(error), { cause: error });
  }
}

/** Returns the name of this process for others. */
function holderName(): string {
  return `nfscribe on ${Deno.hostname()} (process ${Deno.pid}, ${crypto.randomUUID().slice(0, 8)})`;
}
