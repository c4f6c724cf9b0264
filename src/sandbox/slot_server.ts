/**
 * Work on slots: datagrams become packets, the filter decides, outputs encode.
 * Every packet passes here; nothing but the packet's face is allocated.
 *
 * @module
 */

import type { MessagePort } from "node:worker_threads";
import type { Filter, FilterContext, FilterModule, Verdict } from "../filter/filter.ts";
import { encoders } from "../output/encoders.ts";
import type { Encoder } from "../output/output.ts";
import { InterfaceTable } from "../packet/interface.ts";
import { Packet } from "../packet/packet.ts";
import { ABSENT, RawPacket } from "../packet/raw_packet.ts";
import { decoders } from "../source/decoders.ts";
import type { Decoder } from "../source/source.ts";
import { Areas } from "./areas.ts";
import { ScriptContext } from "./context.ts";
import { faultText } from "./fault.ts";
import type { FromSandbox, InterfaceNames, SandboxData, ToSandbox, TraceRow } from "./messages.ts";
import { Mailbox } from "./mailbox.ts";
import { Ring } from "./ring.ts";
import { Kind, Mode, type Slot, State } from "./slot.ts";
import { NONSENSE, Verdicts } from "./verdict.ts";

/** How long to block for the next slot before timers and promises of the script get a turn, in milliseconds. */
const BLOCK_MS = 12;
/** How long to go on without giving them a turn, in milliseconds. */
const TURN_MS = 20;
/** Failures of the script that are told; later ones are counted. */
const FAULTS_TOLD = 5;
/** Names of outputs that are not there and were told of, at the most. */
const UNKNOWN_NAMES_MAX = 20;

/** Works on the slots that are dealt to one sandbox. */
export class SlotServer {
  /** What the script is given. */
  readonly context: FilterContext;
  readonly #script: ScriptContext;
  readonly #filter: FilterModule | undefined;
  readonly #post: (message: FromSandbox) => void;
  readonly #port: MessagePort;
  readonly #ring: Ring;
  readonly #mailbox: Mailbox;
  readonly #scriptAddress: string;
  /** Names of the sources. */
  readonly #captures: string[];
  readonly #masks: number[];
  readonly #decoders: Decoder[];
  readonly #tables: InterfaceTable[];
  readonly #outputs: { name: string; type: string; encoder: Encoder; unfitSeen: boolean }[];
  readonly #areas: Areas;
  readonly #verdicts: Verdicts;
  /** What becomes of packets that the filter fails on. */
  readonly #onErrorMask: number;
  readonly #raw = new RawPacket(new InterfaceTable());
  /** The datagram at hand, and where in the memory its packet at hand lies. */
  #datagram = 0;
  #position = 0;
  /** Packets of the slot at hand by what the filter decided. */
  #passed = 0;
  #dropped = 0;
  #failures = 0;
  /** Whether the filter failed on the packet at hand. */
  #failed = false;
  #faults = 0;
  /** What was decided, where somebody wants to know. */
  readonly #trace: TraceRow[] | undefined;
  #lastFault: string | undefined;
  readonly #unknown = new Set<string>();
  readonly #messages: InterfaceNames[] = [];
  #taken = 0;
  #onMessage = () => {};

  /** Makes the server; the script is loaded already. */
  constructor(
    data: SandboxData,
    filter: FilterModule | undefined,
    post: (message: FromSandbox) => void,
  ) {
    this.#filter = filter;
    this.#post = post;
    this.#port = data.port;
    this.#ring = new Ring(data.ring);
    this.#mailbox = new Mailbox(data.mailbox);
    this.#trace = data.trace ? [] : undefined;
    this.#scriptAddress = data.script ?? "";
    this.#captures = data.sources.map(({ name }) => name);
    this.#masks = data.sources.map(({ mask }) => mask);
    this.#decoders = data.sources.map(({ type, options }) => decoders[type]!(options as never));
    this.#tables = data.sources.map(() => new InterfaceTable());
    this.#outputs = data.outputs.map(({ name, type, options }) => ({
      name,
      type,
      encoder: encoders[type]!(options as never),
      unfitSeen: false,
    }));
    this.#areas = new Areas(
      this.#outputs.map(({ encoder }) => encoder),
      (output) => this.#tellUnfit(output),
    );
    const names = data.outputs.map(({ name }) => name);
    this.#verdicts = new Verdicts(names, (name) => this.#tellUnknown(name, names));
    this.#onErrorMask = data.onError === "pass" ? this.#verdicts.all : 0;
    this.#script = new ScriptContext(
      this.#raw,
      this.#outputs.map(({ name, encoder }) => ({
        name,
        text: encoder.encodeEvent !== undefined,
      })),
      { worker: data.worker, workers: data.workers },
      {
        log: (message, fields) => post({ kind: "log", message, fields }),
        wantSlot: () => post({ kind: "events" }),
      },
    );
    this.context = this.#script.face;
    this.#port.on("message", (message: ToSandbox) => {
      if (message.kind === "ping") return post({ kind: "pong" });
      this.#messages.push(message);
      this.#onMessage();
    });
  }

  /** Works on slots until the thread is ended from outside. */
  async serve(): Promise<never> {
    let turnStartMs = performance.now();
    for (let index = 0;; index = (index + 1) | 0) {
      while (this.#mailbox.count === index) {
        if (this.#mailbox.waitMore(index, BLOCK_MS)) continue;
        await this.#mailbox.moreThan(index);
        turnStartMs = performance.now();
      }
      const slot = this.#ring.slots[this.#mailbox.at(index)]!;
      await this.#work(slot);
      this.#ring.giveBack(slot, State.DONE);
      if (performance.now() - turnStartMs > TURN_MS) {
        await new Promise((resolve) => setImmediate(resolve));
        turnStartMs = performance.now();
      }
    }
  }

  async #work(slot: Slot): Promise<void> {
    const script = this.#script;
    script.busy = true;
    this.#areas.begin(slot);
    if (slot.kind === Kind.PACKETS) await this.#packets(slot);
    else if (slot.kind === Kind.TICK) await this.#hook("tick");
    else if (slot.kind === Kind.STOP) await this.#hook("stop");
    if (script.pending.length > 0) {
      this.#datagram = slot.datagrams;
      this.#position = 0;
      this.#putEvents(slot);
    }
    script.busy = false;
    this.#publish(slot);
    if (this.#trace !== undefined) {
      this.#post({ kind: "trace", rows: this.#trace.splice(0) });
    }
  }

  async #hook(name: "tick" | "stop"): Promise<void> {
    try {
      await this.#filter?.[name]?.(this.context);
    } catch (error) {
      this.#fault(error, `${name}() failed: `);
    }
  }

  async #packets(slot: Slot): Promise<void> {
    const first = slot.resumeDatagram;
    const filter = slot.mode === Mode.FILTER ? this.#filter?.default : undefined;
    for (let datagram = first; datagram < slot.datagrams; datagram++) {
      const source = slot.sourceOf(datagram);
      const decoder = this.#decoders[source]!;
      const { received, malformed, lost } = decoder;
      while (this.#taken !== slot.messagesOf(datagram)) await this.#takeMessage();
      this.#raw.interfaces = this.#tables[source]!;
      this.#raw.capture = this.#captures[source]!;
      this.#datagram = datagram;
      decoder.forget();
      decoder.begin(
        slot.memory,
        slot.offsetOf(datagram),
        slot.sizeOf(datagram),
        slot.secondsOf(datagram),
        slot.nanosecondsOf(datagram),
      );
      if (datagram === first) this.#passOver(decoder, slot.resumePosition);
      const mask = slot.mode === Mode.DROP ? 0 : this.#masks[source]!;
      for (;;) {
        const promise = this.#untilPromise(slot, decoder, filter, mask);
        if (promise === undefined) break;
        this.#decided(slot, await promise);
      }
      slot.report(datagram, {
        received: decoder.received - received,
        malformed: decoder.malformed - malformed,
        lost: decoder.lost - lost,
        firstSeq: decoder.firstSeq,
        nextSeq: decoder.nextSeq,
      });
    }
  }

  /** Passes over packets that were put out before. */
  #passOver(decoder: Decoder, position: number): void {
    while (decoder.position < position && decoder.next(this.#raw));
  }

  /**
   * Works on the packets of a datagram until its end, or until the filter makes a
   * promise, which is returned. Async functions are slower, even where they wait for nothing.
   *
   * @param mask Where packets go that no filter is asked about.
   */
  #untilPromise(
    slot: Slot,
    decoder: Decoder,
    filter: Filter | undefined,
    mask: number,
  ): Promise<number> | undefined {
    for (;;) {
      this.#position = decoder.position;
      if (!decoder.next(this.#raw)) return undefined;
      if (filter === undefined) {
        this.#decided(slot, mask);
      } else {
        this.#script.inPacket = true;
        const decided = this.#ask(filter);
        if (typeof decided !== "number") return decided;
        this.#decided(slot, decided);
      }
    }
  }

  /** Puts the packet at hand into the areas of its outputs. */
  #decided(slot: Slot, mask: number): void {
    const script = this.#script;
    if (script.inPacket) {
      script.inPacket = false;
      if (this.#trace !== undefined) this.#record(mask);
      if (script.pending.length > 0) this.#putEvents(slot);
    }
    if (!this.#areas.put(this.#raw, mask)) {
      this.#handOver(slot);
      this.#areas.put(this.#raw, mask);
    }
    if (this.#failed) {
      this.#failed = false;
      this.#failures++;
    } else if (mask !== 0) this.#passed++;
    else this.#dropped++;
  }

  /** Asks the filter about the packet at hand: a bit for each output that it is for. */
  #ask(filter: Filter): number | Promise<number> {
    try {
      const verdict = filter(new Packet(this.#raw), this.context);
      return isPromise(verdict) ? this.#settle(verdict) : this.#read(verdict);
    } catch (error) {
      return this.#fail(error);
    }
  }

  async #settle(verdict: Promise<Verdict>): Promise<number> {
    try {
      return this.#read(await verdict);
    } catch (error) {
      return this.#fail(error);
    }
  }

  #read(verdict: Verdict): number {
    const mask = this.#verdicts.read(verdict);
    if (mask !== NONSENSE) return mask;
    this.#tellNonsense(verdict);
    this.#failed = true;
    return this.#onErrorMask;
  }

  #fail(error: unknown): number {
    this.#fault(error);
    this.#failed = true;
    return this.#onErrorMask;
  }

  #record(mask: number): void {
    const names = this.#outputs.map(({ name }) => name);
    const outputs = names.filter((_, index) => (mask & 1 << index) !== 0);
    const error = this.#lastFault;
    this.#lastFault = undefined;
    const packet = String(new Packet(this.#raw));
    this.#trace!.push({ packet, outputs, ...error !== undefined && { error } });
  }

  #tellUnfit(index: number): void {
    const output = this.#outputs[index]!;
    if (output.unfitSeen) return;
    output.unfitSeen = true;
    const message = `A packet ${unfitReason(this.#raw)} has no place in a ${output.type} output; ` +
      "such packets are counted as failed";
    this.#post({ kind: "warning", message, output: output.name });
  }

  /** Tells the slot what was done since it was dealt or handed over last. */
  #publish(slot: Slot): void {
    this.#areas.publish(slot);
    slot.countVerdicts(this.#passed, this.#dropped, this.#failures);
    this.#passed = this.#dropped = this.#failures = 0;
  }

  /**
   * Lets the privileged thread write what there is, and waits for the emptied
   * slot. Should this sandbox end before the slot is done, another one goes on
   * with the packet that lies there.
   */
  #handOver(slot: Slot): void {
    this.#publish(slot);
    slot.resumeAt(this.#datagram, this.#position);
    this.#ring.giveBack(slot, State.FULL);
    slot.waitWhile(State.FULL);
    this.#areas.begin(slot);
  }

  /** Puts the lines that the script has written into their outputs' areas. */
  #putEvents(slot: Slot): void {
    const { pending } = this.#script;
    this.#script.pending = [];
    for (const event of pending) {
      if (this.#areas.putEvent(event.output, event)) continue;
      this.#handOver(slot);
      this.#areas.putEvent(event.output, event);
    }
  }

  #fault(error: unknown, what = ""): void {
    if (this.#trace !== undefined) {
      this.#lastFault = what + faultText(error, this.#scriptAddress);
      return;
    }
    if (++this.#faults > FAULTS_TOLD) return;
    const last = this.#faults === FAULTS_TOLD ? "; further failures are counted, not told" : "";
    const message = what + faultText(error, this.#scriptAddress) + last;
    this.#post({ kind: "fault", message });
  }

  #tellNonsense(verdict: Verdict): void {
    if (typeof verdict === "string" || Array.isArray(verdict)) {
      // A name that no output has was told of; a trace wants it at each packet.
      if (this.#trace !== undefined) {
        this.#lastFault = `returned ${JSON.stringify(verdict)}: no such output`;
      }
      return;
    }
    this.#fault(
      new TypeError(
        `The filter returned ${
          typeof verdict === "object" ? "an object" : `a ${typeof verdict}`
        }; ` +
          `return an output's name, several in a list, true, or nothing`,
      ),
    );
  }

  #tellUnknown(name: string, names: readonly string[]): void {
    if (this.#unknown.has(name) || this.#unknown.size >= UNKNOWN_NAMES_MAX) return;
    this.#unknown.add(name);
    const known = names.map((other) => `"${other}"`).join(", ");
    this.#post({
      kind: "warning",
      message: `The filter returned ${
        JSON.stringify(name.slice(0, 100))
      }: there is no such output, only ${known}`,
    });
  }

  async #takeMessage(): Promise<void> {
    while (this.#messages.length === 0) {
      await new Promise<void>((resolve) => this.#onMessage = resolve);
    }
    const { source, interfaces } = this.#messages.shift()!;
    this.#tables[source] = new InterfaceTable().with(interfaces);
    this.#taken++;
  }
}

function isPromise(verdict: unknown): verdict is Promise<Verdict> {
  return typeof verdict === "object" && verdict !== null &&
    typeof (verdict as Promise<Verdict>).then === "function";
}

/** What is special about a packet that an output's format cannot hold. */
function unfitReason({ payloadLength, hwProtocol }: RawPacket): string {
  if (payloadLength <= 0) return "without payload";
  if (hwProtocol === ABSENT) return "of unknown kind";
  return `of ethertype 0x${hwProtocol.toString(16).padStart(4, "0")}`;
}
