/**
 * Hosts that send records to a stream, and readers of it, without a sandbox.
 *
 * @module
 */

import { headers } from "@nats-io/nats-core";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { assertEquals } from "@std/assert";
import { Memory } from "../../../src/bytes/memory.ts";
import { NDJSON } from "../../../src/nats/format/headers.ts";
import { headersOf, type MessageHead } from "../../../src/nats/format/message.ts";
import { statusText } from "../../../src/nats/format/status.ts";
import { statusSubject, subjectOf } from "../../../src/nats/format/subject.ts";
import { noStats } from "../../../src/output/output.ts";
import type { Decoder } from "../../../src/record/decoder.ts";
import type { RawRecord, RecordKind } from "../../../src/record/kind.ts";
import type { Origin } from "../../../src/record/origin.ts";
import { checkTable } from "../../../src/schema.ts";
import { decoderOf } from "../../../src/source/decoders.ts";
import { natsSourceEntries, type NatsSourceOptions } from "../../../src/source/nats/options.ts";
import { NatsReader } from "../../../src/source/nats/reader.ts";
import { DATAGRAM_MAX, NOTHING_QUEUED } from "../../../src/source/source.ts";
import { numberedFlow } from "../../conformance/flows.ts";
import { recordKinds } from "../../conformance/kinds.ts";
import { numbered } from "../../conformance/packets.ts";
import { bodyOf, headOf } from "../../source/nats/sample.ts";
import { until } from "../../system/process.ts";
import { connectForTest } from "./stream_reader.ts";

/** Limit of waiting, in milliseconds: continuous integration is busy. */
const LIMIT_MS = 60_000;

/** Returns checked options of a source. */
export function optionsFor(url: string, table: Record<string, unknown> = {}): NatsSourceOptions {
  const { options, problems } = checkTable(
    natsSourceEntries,
    { url, create: true, ...table },
    "source",
  );
  assertEquals(problems, []);
  return options as unknown as NatsSourceOptions;
}

/** Sends messages as hosts do. */
export class Hosts implements AsyncDisposable {
  #frame = 0;

  private constructor(
    private readonly connection: Awaited<ReturnType<typeof connectForTest>>,
    readonly session: string,
    private readonly port: number,
  ) {}

  /** Connects to a server. */
  static async connect(url: string): Promise<Hosts> {
    return new Hosts(await connectForTest(url), crypto.randomUUID(), Number(new URL(url).port));
  }

  /** Sends packets with these numbers, the first of which tells where in the session they are. */
  async send(host: string, numbers: readonly number[], fields: Partial<MessageHead> = {}) {
    const packets = numbers.map((number) => numbered(number));
    const from = 100 + 100 * this.#frame++;
    const head = headOf({
      ...{ host, session: this.session, from, to: from + 99 },
      ...{ records: numbers.length, first: numbers[0] ?? 0, ...fields },
    });
    await this.put(head, bodyOf("packet", packets));
  }

  /** Sends flows with these numbers. */
  async sendFlows(host: string, numbers: readonly number[]): Promise<void> {
    const from = 100 + 100 * this.#frame++;
    const head = headOf({
      ...{ host, session: this.session, from, to: from + 99, contentType: NDJSON },
      ...{ capture: "conntrack", records: numbers.length, first: numbers[0]! },
    });
    const flows = numbers.map((number) => numberedFlow(number));
    await this.put(head, bodyOf("flow", flows), {}, "flow");
  }

  /** Sends a message. */
  async put(
    head: MessageHead,
    body: Uint8Array,
    change: Record<string, string> = {},
    kind: RecordKind = "packet",
  ): Promise<void> {
    const all = headers();
    for (const [name, value] of headersOf(head)) all.set(name, value);
    for (const [name, value] of Object.entries(change)) all.set(name, value);
    const subject = subjectOf("nfscribe", head.host, head.capture, kind);
    await jetstream(this.connection).publish(subject, body, { headers: all });
  }

  /** Sends bytes. */
  async putBytes(subject: string, bytes: Uint8Array): Promise<void> {
    await jetstream(this.connection).publish(subject, bytes);
  }

  /** Sends a status that tells of seven packets. */
  async sendStatus(host: string): Promise<void> {
    const counters = {
      sources: { "nflog:1": { received: 7, lost: 0, malformed: 0, foreign: 0 } },
      filter: { passed: 7, dropped: 0, failed: 0, timedOut: 0 },
      outputs: { nats: noStats() },
    };
    const sender = { host, session: this.session, output: "nats", startedMs: 0, isStopping: false };
    this.connection.publish(statusSubject("nfscribe", host), statusText(counters, sender, 0));
    await this.connection.flush();
  }

  /** Sends headers that the client would not send, and waits until the server has taken them. */
  async putHeaders(subject: string, lines: string): Promise<void> {
    using connection = await Deno.connect({ hostname: "127.0.0.1", port: this.port });
    const block = `NATS/1.0\r\n${lines}\r\n\r\n`;
    const text = `CONNECT {"headers":true,"verbose":false}\r\n` +
      `HPUB ${subject} ${block.length} ${block.length}\r\n${block}\r\nPING\r\n`;
    await connection.write(new TextEncoder().encode(text));
    const buffer = new Uint8Array(4096);
    for (let answer = ""; !answer.includes("PONG");) {
      const count = await connection.read(buffer);
      if (count === null) throw new Error(`The server has closed the connection: ${answer}`);
      answer += new TextDecoder().decode(buffer.subarray(0, count));
    }
  }

  /** Deletes a consumer, as an administrator would by mistake. */
  async deleteConsumer(name = "nfscribe", stream = "NFSCRIBE"): Promise<void> {
    const manager = await jetstreamManager(this.connection, { checkAPI: false });
    await manager.consumers.delete(stream, name);
  }

  /** Makes the stream by itself, as an administrator would. */
  async makeStream({ retention }: { retention: "limits" | "interest" | "workqueue" }) {
    const manager = await jetstreamManager(this.connection, { checkAPI: false });
    const subjects = ["packet", "flow", "counter"].map((kind) => `nfscribe.*.*.${kind}`);
    await manager.streams.add({ name: "NFSCRIBE", subjects, retention });
  }

  /** Returns the stream's configuration. */
  async streamConfig() {
    const manager = await jetstreamManager(this.connection, { checkAPI: false });
    return (await manager.streams.info("NFSCRIBE")).config;
  }

  /** Deletes the stream. */
  async deleteStream(): Promise<void> {
    const manager = await jetstreamManager(this.connection, { checkAPI: false });
    await manager.streams.delete("NFSCRIBE");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.connection.close();
  }
}

/** A reader with its decoder. */
export class Centre implements AsyncDisposable {
  /** Records that came, as `HOST:NUMBER`. */
  readonly came: string[] = [];
  /** Origins of chunks, in their order. */
  readonly origins: Origin[] = [];
  /** Losses in front of them, as `HOST:PACKETS`. */
  readonly losses: string[] = [];
  readonly #memory = new Memory(new ArrayBuffer(DATAGRAM_MAX));
  readonly #kind: RecordKind;
  readonly #decoder: Decoder<RawRecord>;

  private constructor(readonly reader: NatsReader, readonly said: string[], kind: RecordKind) {
    this.#kind = kind;
    this.#decoder = decoderOf("nats", { kind }).decoder;
  }

  /** Opens a reader. */
  static async open(url: string, table: Record<string, unknown> = {}): Promise<Centre> {
    const said: string[] = [];
    const options = optionsFor(url, table);
    const reader = await NatsReader.open(options, (text) => void said.push(text));
    return new Centre(reader, said, options.kind);
  }

  /** Takes what is ready. */
  take(): void {
    const { reader } = this;
    for (;;) {
      const length = reader.receive(this.#memory.bytes);
      if (length === NOTHING_QUEUED) return;
      this.origins.push(reader.origin!);
      const { senderLoss } = reader;
      if (senderLoss !== undefined) this.losses.push(`${senderLoss.host}:${senderLoss.packets}`);
      this.#decoder.begin(this.#memory, 0, length, 0, 0);
      const { makeRaw, sourcePort } = recordKinds[this.#kind];
      const raw = makeRaw();
      while (this.#decoder.next(raw)) this.came.push(`${raw.host}:${sourcePort(raw)}`);
    }
  }

  /** Takes packets, as the daemon does, until so many came. */
  async takeAll(packets: number): Promise<void> {
    await this.takeUntil(`${packets} packets`, () => this.came.length >= packets);
  }

  /** Takes packets until a condition holds. */
  async takeUntil(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
    await until(what, async () => {
      this.take();
      if (await holds()) return true;
      const timer = setTimeout(() => this.reader.wake(), 100);
      await this.reader.wait();
      clearTimeout(timer);
      return false;
    }, LIMIT_MS);
  }

  /** Says that everything that came is safe. */
  acknowledge(): void {
    for (const origin of this.origins.splice(0)) this.reader.acknowledge(origin);
  }

  /** Whether a warning with these words was logged. */
  hasSaid(words: string): boolean {
    return this.said.some((text) => text.includes(words));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.reader.close();
  }
}
