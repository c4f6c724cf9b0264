/** Watching what a running nfscribe receives, without a group of its own. */

import { Memory } from "../../bytes/memory.ts";
import { InputError } from "../../errors.ts";
import { parseExpression } from "../../filter/expression/parser.ts";
import { WatchClient } from "../../handover/watch_client.ts";
import {
  COUNTS,
  DATAGRAM,
  END,
  HEADER_SIZE,
  messageText,
  NAMES,
  SOURCES,
} from "../../handover/watch_message.ts";
import { type ActionPatterns, ActionTable } from "../../packet/actions.ts";
import { InterfaceTable } from "../../packet/interface.ts";
import type { RawRecord } from "../../record/kind.ts";
import { type SourceWork, sourceWork } from "../../sandbox/source_work.ts";
import { isTable } from "../../schema.ts";
import { decoders } from "../../source/decoders.ts";
import { DATAGRAM_MAX, type SourceStats } from "../../source/source.ts";
import { grouped } from "../../text/figures.ts";
import type { Stop } from "../stop.ts";
import { giveUpAll } from "../rights.ts";
import type { Origin, RecordViewer, Watchable } from "./origin.ts";

/** Longest time without timers, keys and signals, in milliseconds. */
const TURN_MS = 10;
/** Delay after a wake-up, in milliseconds: one then serves many messages. */
const GATHER_MS = 5;

/** Source that is watched. */
interface Watched {
  group: number | undefined;
  /** Decoder; undefined if this version has none, or none makes records of a part of the datagrams. */
  work: SourceWork | undefined;
  interfaces: InterfaceTable;
}

/** A running nfscribe that is watched. */
export class Running implements Origin {
  readonly #client: WatchClient;
  /** Path of the socket. */
  readonly path: string;
  readonly #memory = new Memory(new ArrayBuffer(HEADER_SIZE + DATAGRAM_MAX));
  #sources: Watched[] = [];
  #counts = { omitted: 0, lost: 0, malformed: 0, foreign: 0 };
  #received = 0;
  #toldLost = 0;

  private constructor(path: string, client: WatchClient) {
    this.path = path;
    this.#client = client;
  }

  /**
   * Connects to the process that listens on a socket for counters, and gives up rights.
   *
   * @param path The socket.
   * @param giveUp Gives up rights before a record is looked at; by default all.
   * @throws {InputError} If it cannot be watched; the message tells why.
   */
  static async open(path: string, giveUp = giveUpAll): Promise<Running> {
    const running = await Running.find(path, giveUp);
    if (running !== undefined) return running;
    throw new InputError(
      path,
      `Cannot watch at ${path}: no process listens there; is nfscribe running, with this socket ` +
        "under [stats]?",
    );
  }

  /** Does the same; returns undefined if no process listens there. */
  static async find(path: string, giveUp = giveUpAll): Promise<Running | undefined> {
    const client = await WatchClient.open(path);
    if (client === undefined) return undefined;
    giveUp();
    return new Running(path, client);
  }

  /** Process that is watched. */
  get pid(): number {
    return this.#client.pid;
  }

  /** Whether there is one source. */
  get isOne(): boolean {
    return this.#sources.length === 1;
  }

  /** Records that were received and are not shown: there are more than a client gets. */
  get omitted(): number {
    return this.#counts.omitted;
  }

  /** Counters since the connection. */
  get stats(): SourceStats {
    const { omitted, lost, malformed, foreign } = this.#counts;
    return { received: this.#received + omitted, lost, malformed, foreign };
  }

  /**
   * Hands records to a viewer until it is stopped.
   *
   * @throws {InputError} If the other process ends.
   */
  async watch(viewer: RecordViewer, { signal }: Pick<Stop, "signal">): Promise<void> {
    let turnStartMs = performance.now();
    while (!signal.aborted) {
      const message = this.#client.receive(this.#memory.bytes as Uint8Array<ArrayBuffer>);
      if (message === undefined) {
        await this.#client.wait();
        await new Promise((resolve) => setTimeout(resolve, GATHER_MS));
        turnStartMs = performance.now();
        continue;
      }
      this.#take(message, viewer, signal);
      if (performance.now() - turnStartMs < TURN_MS) continue;
      await new Promise((resolve) => setImmediate(resolve));
      turnStartMs = performance.now();
    }
  }

  /** Closes the connection. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#client[Symbol.asyncDispose]();
  }

  #take(message: Uint8Array, viewer: RecordViewer, signal: AbortSignal): void {
    if (message.length < HEADER_SIZE) throw this.#ended("The nfscribe that was watched has ended");
    const [kind, source, seconds, nanoseconds] = this.#memory.words;
    if (kind === DATAGRAM) {
      const watched = this.#sources[source!];
      const length = message.length - HEADER_SIZE;
      this.#decode(
        watched,
        { length, seconds: seconds!, nanoseconds: nanoseconds! },
        viewer,
        signal,
      );
      return;
    }
    const text = messageText(message) ?? {};
    if (kind === SOURCES) this.#setSources(text, viewer);
    else if (kind === NAMES) this.#setNames(this.#sources[source!], text);
    else if (kind === COUNTS) this.#count(text, viewer);
    else if (kind === END) throw this.#ended(String(text.why));
  }

  #decode(
    watched: Watched | undefined,
    { length, seconds, nanoseconds }: { length: number; seconds: number; nanoseconds: number },
    viewer: RecordViewer,
    signal: AbortSignal,
  ): void {
    const work = watched?.work;
    if (work === undefined) return;
    const { decoder, raw, chooses } = work;
    const before = decoder.received;
    decoder.begin(this.#memory, HEADER_SIZE, length, seconds, nanoseconds);
    while (!signal.aborted && decoder.next(raw)) {
      if (chooses?.(raw as RawRecord) === false) continue;
      viewer.take(work.work.face(raw as never) as unknown as Watchable, watched!.group);
    }
    this.#received += decoder.received - before;
  }

  #setSources({ sources, actions }: Record<string, unknown>, viewer: RecordViewer): void {
    if (!Array.isArray(sources)) return;
    const table = new ActionTable(isTable(actions) ? actions as ActionPatterns : {});
    this.#sources = sources.filter(isTable).map(({ name, type, options }) => {
      const interfaces = new InterfaceTable();
      const isKnown = Object.hasOwn(decoders, String(type));
      if (!isKnown || !isTable(options)) {
        viewer.note(
          isKnown
            ? `… source ${name} is not shown: it makes records of all that it receives only`
            : `… source ${name} is not shown: this nfscribe knows no type "${type}"`,
        );
        return { group: undefined, work: undefined, interfaces };
      }
      const { where, group } = options;
      const part = { name: String(name), type: String(type), options, mask: 0 };
      const chosen = typeof where === "string" ? { where: parseExpression(where) } : {};
      const work = sourceWork({ ...part, ...chosen }, undefined, {
        where: undefined,
        actions: table,
      });
      return { group: typeof group === "number" ? group : undefined, work, interfaces };
    });
  }

  #setNames(watched: Watched | undefined, { isFirst, names }: Record<string, unknown>): void {
    if (watched === undefined || !Array.isArray(names)) return;
    const before = isFirst === true ? new InterfaceTable() : watched.interfaces;
    watched.interfaces = before.with(names as [number, string][]);
    const { work } = watched;
    work?.work.setInterfaces(work.raw as never, watched.interfaces);
  }

  #count(text: Record<string, unknown>, viewer: RecordViewer): void {
    const of = (key: string) => typeof text[key] === "number" ? text[key] : 0;
    this.#counts = {
      omitted: of("omitted"),
      lost: of("lost"),
      malformed: of("malformed"),
      foreign: of("foreign"),
    };
    const more = this.#counts.lost - this.#toldLost;
    if (more === 0) return;
    this.#toldLost = this.#counts.lost;
    viewer.note(`… ${grouped(more)} packets lost in the running nfscribe`);
  }

  #ended(why: string): InputError {
    return new InputError(this.path, `${why} (${this.path})`);
  }
}
