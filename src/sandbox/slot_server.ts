/**
 * Work on slots: datagrams become packets, the filter decides, outputs encode.
 * Every packet passes here; nothing but the packet's face is allocated.
 *
 * @module
 */

import type { Filter, FilterContext, FilterModule, Verdict } from "../filter/filter.ts";
import { encoders } from "../output/encoders.ts";
import type { Part } from "../config/config.ts";
import { InterfaceTable } from "../packet/interface.ts";
import type { RawRecord, RecordKind } from "../record/kind.ts";
import { recordKinds, type RecordWork } from "./record_kinds.ts";
import { decoders } from "../source/decoders.ts";
import type { Decoder } from "../record/decoder.ts";
import { Areas, type KindEncoders } from "./areas.ts";
import { Warnings } from "./warnings.ts";
import { ScriptContext } from "./context.ts";
import { faultText } from "./fault.ts";
import type { Wakeup } from "./wakeup.ts";
import { Tracer } from "./tracer.ts";
import type { SandboxSetup, SandboxSource } from "./setup.ts";
import type { Ring } from "./ring.ts";
import { Kind, Mode, NO_PACKET, type Slot, State } from "./slot.ts";
import { NONSENSE, nonsenseText, Verdicts } from "./verdict.ts";
import type { MessageSender } from "./message_sender.ts";

/** How long to block for the next slot before timers and promises of the script get a turn, in milliseconds. */
const BLOCK_MS = 12;
/** How long to go on without giving them a turn, in milliseconds. */
const TURN_MS = 20;
/** How long to block for a slot that is written, before looking again, in milliseconds. */
const FULL_WAIT_MS = 10_000;

// A script may replace these later.
const { now } = { now: performance.now.bind(performance) };
const { setImmediate } = globalThis;
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** How a sandbox is connected to the privileged process. */
export interface Connection {
  /** The shared memory. */
  ring: Ring;
  /** Puts this thread to sleep, and wakes the other side. */
  wakeup: Wakeup;
  /** Sends and receives messages. */
  sender: MessageSender;
}

/** A source as the server works on it. */
interface SourceWork {
  /** The outputs that its records go to where no filter decides: a bit for each. */
  readonly mask: number;
  readonly kind: RecordKind;
  readonly work: RecordWork<RecordKind>;
  readonly decoder: Decoder<RawRecord>;
  /** Filled in for each of its records. */
  readonly raw: RawRecord;
  /** The function of the script that decides about its records. */
  readonly filter: Filter | undefined;
}

/** Works on the slots that are dealt to one sandbox. */
export class SlotServer {
  /** The object that the script is given. */
  readonly context: FilterContext;
  readonly #script: ScriptContext;
  readonly #filter: FilterModule | undefined;
  readonly #sender: MessageSender;
  readonly #warnings: Warnings;
  readonly #ring: Ring;
  readonly #wakeup: Wakeup;
  readonly #setup: SandboxSetup;
  readonly #sources: SourceWork[];
  readonly #areas: Areas;
  readonly #verdicts: Verdicts;
  /** Where packets go that the filter fails on. */
  readonly #onErrorMask: number;
  /** The source whose datagram is worked on, and its raw record. */
  #source: SourceWork;
  #raw: RawRecord;
  /** The datagram that is worked on, and where in the memory its packet lies. */
  #datagram = 0;
  #position = 0;
  /** Packets of the slot by what the filter decided. */
  #passed = 0;
  #dropped = 0;
  #failures = 0;
  /** Whether the filter failed on the packet. */
  #failed = false;
  readonly #tracer = new Tracer();
  #taken = 0;

  /** Makes the server; the script is loaded already. */
  constructor(setup: SandboxSetup, filter: FilterModule | undefined, connection: Connection) {
    const { ring, wakeup, sender } = connection;
    this.#setup = setup;
    this.#filter = filter;
    this.#sender = sender;
    this.#warnings = new Warnings(sender);
    this.#ring = ring;
    this.#wakeup = wakeup;
    this.#sources = setup.sources.map((source) => sourceWork(source, filter));
    this.#source = this.#sources[0]!;
    this.#raw = this.#source.raw;
    const ofOutputs = setup.outputs.map(kindEncoders);
    this.#areas = new Areas(
      ofOutputs,
      setup.trace,
      (output) => this.#warnings.unfit(output, this.#raw),
    );
    this.#areas.use(this.#source.kind);
    const names = setup.outputs.map(({ name }) => name);
    this.#verdicts = new Verdicts(names, (name) => this.#warnings.unknownOutput(name));
    this.#onErrorMask = setup.onError === "pass" ? this.#verdicts.all : 0;
    this.#script = new ScriptContext(
      this.#raw,
      setup.outputs.map(({ name }, index) => ({
        name,
        text: Object.values(ofOutputs[index]!).some((encoder) => encoder.encodeEvent !== undefined),
      })),
      { worker: setup.worker, workers: setup.workers },
      sender,
    );
    this.context = this.#script.face;
  }

  /** Works on slots until the process is ended from outside. */
  async serve(): Promise<never> {
    let turnStartMs = now();
    for (let index = 0;; index = (index + 1) | 0) {
      if (this.#ring.dealt === index) {
        await this.#waitForSlot(index);
        turnStartMs = now();
      }
      const slot = this.#ring.dealtAt(index);
      await this.#workOn(slot);
      if (this.#ring.giveBack(slot, State.DONE)) this.#wakeup.ring();
      if (now() - turnStartMs > TURN_MS) {
        await turn();
        turnStartMs = now();
      }
    }
  }

  /** Waits until more than `index` slots were dealt: first blocked, then with the script's timers at work. */
  async #waitForSlot(index: number): Promise<void> {
    const ring = this.#ring;
    const untilMs = now() + BLOCK_MS;
    ring.sleeps = true;
    for (;;) {
      const calls = ring.calls;
      if (ring.dealt !== index) break;
      const leftMs = untilMs - now();
      if (leftMs > 0) this.#wakeup.wait(calls, leftMs);
      else await this.#wakeup.waitAside(calls);
    }
    ring.sleeps = false;
  }

  async #workOn(slot: Slot): Promise<void> {
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
    script.sayLeftOut();
    this.#publish(slot);
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
    for (let datagram = first; datagram < slot.datagrams; datagram++) {
      this.#begin(this.#sources[slot.sourceOf(datagram)]!);
      const { decoder } = this.#source;
      const filter = slot.mode === Mode.FILTER ? this.#source.filter : undefined;
      const { received, malformed, lost } = decoder;
      while (this.#taken !== slot.messagesOf(datagram)) this.#takeNames();
      this.#datagram = datagram;
      slot.askedDatagram = datagram;
      const skipPosition = slot.skipDatagram === datagram ? slot.skipPosition : NO_PACKET;
      decoder.forget();
      decoder.begin(
        slot.memory,
        slot.offsetOf(datagram),
        slot.sizeOf(datagram),
        slot.secondsOf(datagram),
        slot.nanosecondsOf(datagram),
      );
      if (datagram === first) this.#passOver(decoder, slot.resumePosition);
      const mask = slot.mode === Mode.DROP ? 0 : this.#source.mask;
      for (;;) {
        const promise = this.#untilPromise(slot, decoder, filter, mask, skipPosition);
        if (promise === undefined) break;
        this.#decided(slot, await promise);
      }
      slot.askedPosition = NO_PACKET;
      slot.report(datagram, {
        received: decoder.received - received,
        malformed: decoder.malformed - malformed,
        lost: decoder.lost - lost,
        firstSeq: decoder.firstSeq,
        nextSeq: decoder.nextSeq,
      });
    }
  }

  /** Goes on with a datagram of a source. */
  #begin(source: SourceWork): void {
    if (source === this.#source) return;
    if (source.kind !== this.#source.kind) this.#areas.use(source.kind);
    this.#source = source;
    this.#raw = source.raw;
    this.#script.record = source.raw;
  }

  /** Passes over packets that were put out before. */
  #passOver(decoder: Decoder<RawRecord>, position: number): void {
    while (decoder.position < position && decoder.next(this.#raw));
  }

  /**
   * Works on the packets of a datagram until its end, or until the filter makes a
   * promise, which is returned. Async functions are slower, even where they wait for nothing.
   *
   * @param mask Where packets go that no filter is asked about.
   * @param skipPosition A packet that the filter is not asked about: it did not answer before.
   */
  #untilPromise(
    slot: Slot,
    decoder: Decoder<RawRecord>,
    filter: Filter | undefined,
    mask: number,
    skipPosition: number,
  ): Promise<number> | undefined {
    for (;;) {
      const { position } = decoder;
      this.#position = position;
      if (!decoder.next(this.#raw)) return undefined;
      if (position === skipPosition) {
        this.#passOn(slot, decoder);
      } else if (filter === undefined) {
        this.#decided(slot, mask);
      } else {
        slot.askedPosition = position;
        this.#script.inPacket = true;
        const decided = this.#ask(filter);
        if (typeof decided !== "number") return decided;
        this.#decided(slot, decided);
      }
    }
  }

  /**
   * Has a packet follow `on_error` that the filter did not answer about before. What comes
   * before it and after it is handed over apart: should the filter fail again, none of it
   * is done again.
   */
  #passOn(slot: Slot, decoder: Decoder<RawRecord>): void {
    this.#handOver(slot);
    this.#failed = true;
    this.#tracer.fault =
      `took longer than timeout_ms = ${this.#setup.timeoutMs}, or ended the sandbox`;
    this.#script.inPacket = true;
    this.#decided(slot, this.#onErrorMask);
    this.#position = decoder.position;
    this.#handOver(slot);
  }

  /** Puts the packet into the areas of its outputs. */
  #decided(slot: Slot, mask: number): void {
    const script = this.#script;
    if (script.inPacket) {
      script.inPacket = false;
      if (script.pending.length > 0) this.#putEvents(slot);
    }
    const areas = this.#areas;
    if (this.#setup.trace && !areas.hasRoomForTrace) this.#handOver(slot);
    if (!areas.put(this.#raw, mask)) {
      this.#handOver(slot);
      areas.put(this.#raw, mask);
    }
    if (this.#setup.trace) this.#trace(slot, mask);
    if (this.#failed) {
      this.#failed = false;
      this.#failures++;
    } else if (mask !== 0) this.#passed++;
    else this.#dropped++;
  }

  /** Asks the filter about the packet: a bit for each output that it is for. */
  #ask(filter: Filter): number | Promise<number> {
    try {
      const verdict = filter(this.#source.work.face(this.#raw), this.context);
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

  #trace({ mode }: Slot, mask: number): void {
    const withoutScript = mode === Mode.FILTER ? "" : "was passed without the script";
    this.#areas.putTrace(this.#tracer.end(this.#raw, mask, withoutScript));
  }

  /** Writes into the slot what was done since it was dealt or handed over last. */
  #publish(slot: Slot): void {
    this.#areas.publish(slot);
    slot.countVerdicts(this.#passed, this.#dropped, this.#failures);
    this.#passed = this.#dropped = this.#failures = 0;
  }

  /**
   * Lets the privileged process write what there is, and waits for the emptied
   * slot. Should this sandbox end before the slot is done, another one goes on
   * with the packet that lies there.
   */
  #handOver(slot: Slot): void {
    const ring = this.#ring;
    this.#publish(slot);
    slot.resumeAt(this.#datagram, this.#position);
    if (ring.giveBack(slot, State.FULL)) this.#wakeup.ring();
    ring.sleeps = true;
    for (;;) {
      const calls = ring.calls;
      if (slot.state !== State.FULL) break;
      this.#wakeup.wait(calls, FULL_WAIT_MS);
    }
    ring.sleeps = false;
    this.#areas.begin(slot);
  }

  /** Puts the lines that the script has written into their outputs' areas. */
  #putEvents(slot: Slot): void {
    const { pending } = this.#script;
    this.#script.pending = [];
    const between = this.#setup.trace ? this.#tracer.take(pending) : undefined;
    if (between !== undefined) {
      if (!this.#areas.hasRoomForTrace) this.#handOver(slot);
      this.#areas.putTrace(between);
    }
    for (const event of pending) {
      if (this.#areas.putEvent(event.output, event)) continue;
      this.#handOver(slot);
      this.#areas.putEvent(event.output, event);
    }
  }

  #fault(error: unknown, what = ""): void {
    const text = () => what + faultText(error, this.#setup.script ?? "");
    if (this.#setup.trace && this.#script.inPacket) this.#tracer.fault = text();
    else this.#warnings.fault(text);
  }

  #tellNonsense(verdict: Verdict): void {
    if (typeof verdict !== "string" && !Array.isArray(verdict)) {
      return this.#fault(new TypeError(nonsenseText(verdict)));
    }
    // A name that no output has was warned of; a trace wants it at each packet.
    if (this.#setup.trace) {
      this.#tracer.fault = `returned ${JSON.stringify(verdict)}: no such output`;
    }
  }

  #takeNames(): void {
    const { source, interfaces } = this.#sender.names();
    this.#sources[source]!.raw.interfaces = new InterfaceTable().with(interfaces);
    this.#taken++;
  }
}

function sourceWork(
  { name, type, options, mask }: SandboxSource,
  script: FilterModule | undefined,
): SourceWork {
  const { kind, make } = decoders[type]!;
  const work = recordKinds[kind];
  const raw = work.makeRaw();
  raw.capture = name;
  const filter = script && work.filterOf(script);
  return { mask, kind, work, decoder: make(options), raw, filter };
}

/** Makes the encoders of an output. */
function kindEncoders({ type, options }: Part): KindEncoders {
  const entries = Object.entries(encoders[type]!).map(([kind, make]) => [kind, make(options)]);
  return Object.fromEntries(entries);
}

function isPromise(verdict: unknown): verdict is Promise<Verdict> {
  return typeof verdict === "object" && verdict !== null &&
    typeof (verdict as Promise<Verdict>).then === "function";
}
