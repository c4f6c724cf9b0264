/**
 * Works on slots: decodes datagrams, calls the filter, encodes records for outputs. Hot path: only
 * the record's object for the filter is allocated.
 */

import type { FilterContext, FilterModule, RecordFilter, Verdict } from "../filter/filter.ts";
import { ActionTable } from "../packet/actions.ts";
import { InterfaceTable } from "../packet/interface.ts";
import type { RawRecord } from "../record/kind.ts";
import type { Decoder } from "../record/decoder.ts";
import { Areas } from "./areas.ts";
import { Warnings } from "./warnings.ts";
import { ScriptContext } from "./context.ts";
import { faultText } from "./fault.ts";
import type { Wakeup } from "./wakeup.ts";
import { FORM_MAX } from "./trace.ts";
import { Tracer } from "./tracer.ts";
import type { SandboxSetup } from "./setup.ts";
import { kindEncoders, type SourceWork, sourceWork } from "./source_work.ts";
import type { Ring } from "./ring.ts";
import { Kind, Mode, NO_PACKET, type Slot } from "./slot.ts";
import { SlotExchange } from "./slot_exchange.ts";
import { INVALID_VERDICT, invalidVerdictText, Verdicts } from "./verdict.ts";
import type { MessageSender } from "./message_sender.ts";

/** Longest time of work before they run, in milliseconds. */
const TURN_MS = 20;

// Kept, because a script may replace them later.
const { now } = { now: performance.now.bind(performance) };
const { setImmediate } = globalThis;
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Connection of a sandbox to the privileged process. */
export interface Connection {
  /** Shared memory. */
  ring: Ring;
  /** Suspends this thread, and wakes the other side. */
  wakeup: Wakeup;
  /** Sends and receives messages. */
  sender: MessageSender;
}

/** Works on the slots that are dispatched to one sandbox. */
export class SlotServer {
  /** Context object of the script. */
  readonly context: FilterContext;
  readonly #script: ScriptContext;
  readonly #filter: FilterModule | undefined;
  readonly #sender: MessageSender;
  readonly #warnings: Warnings;
  readonly #exchange: SlotExchange;
  readonly #setup: SandboxSetup;
  readonly #sources: SourceWork[];
  readonly #areas: Areas;
  readonly #verdicts: Verdicts;
  /** Source of the current datagram, and its raw record. */
  #source: SourceWork;
  #raw: RawRecord;
  /** Current datagram, and the offset of its current packet. */
  #datagram = 0;
  #position = 0;
  /** Packets of the slot by decision. */
  #passed = 0;
  #dropped = 0;
  #failures = 0;
  /** Whether the filter failed on the current packet. */
  #failed = false;
  readonly #tracer = new Tracer();
  #messagesRead = 0;

  /** Creates the server; the script has been loaded. */
  constructor(setup: SandboxSetup, filter: FilterModule | undefined, connection: Connection) {
    const { ring, wakeup, sender } = connection;
    this.#setup = setup;
    this.#filter = filter;
    this.#sender = sender;
    this.#warnings = new Warnings(sender);
    this.#exchange = new SlotExchange(ring, wakeup);
    const actions = new ActionTable(setup.actions);
    const { where } = setup;
    this.#sources = setup.sources.map((source) => sourceWork(source, filter, { where, actions }));
    this.#source = this.#sources[0]!;
    this.#raw = this.#source.raw;
    const ofOutputs = setup.outputs.map(kindEncoders);
    this.#areas = new Areas(
      ofOutputs,
      setup.outputs.map(({ where }) => where),
      setup.trace,
      (output) => this.#warnings.unfit(output, () => this.#source.work.etherTypeOf(this.#raw)),
    );
    this.#areas.use(this.#source.kind);
    const names = setup.outputs.map(({ name }) => name);
    this.#verdicts = new Verdicts(names, (name) => this.#warnings.unknownOutput(name));
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

  /** Works on slots until the process is killed. */
  async serve(): Promise<never> {
    let turnStartMs = now();
    for (let index = 0;; index = (index + 1) | 0) {
      if (!this.#exchange.has(index)) {
        await this.#exchange.wait(index);
        turnStartMs = now();
      }
      const slot = this.#exchange.slotAt(index);
      await this.#workOn(slot);
      this.#exchange.complete(slot);
      if (now() - turnStartMs > TURN_MS) {
        await turn();
        turnStartMs = now();
      }
    }
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
    script.reportSuppressed();
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
      while (this.#messagesRead !== slot.messagesOf(datagram)) this.#receiveNames();
      this.#datagram = datagram;
      slot.currentDatagram = datagram;
      const skipPosition = slot.skipDatagram === datagram ? slot.skipPosition : NO_PACKET;
      decoder.forget();
      decoder.begin(
        slot.memory,
        slot.offsetOf(datagram),
        slot.sizeOf(datagram),
        slot.secondsOf(datagram),
        slot.nanosecondsOf(datagram),
      );
      if (datagram === first) this.#skipTo(decoder, slot.resumePosition);
      const mask = slot.mode === Mode.DROP ? 0 : this.#source.mask;
      for (;;) {
        const promise = this.#untilPromise(slot, decoder, filter, mask, skipPosition);
        if (promise === undefined) break;
        this.#decided(slot, await promise);
      }
      slot.currentPosition = NO_PACKET;
      slot.report(datagram, {
        received: decoder.received - received,
        malformed: decoder.malformed - malformed,
        lost: decoder.lost - lost,
        firstSeq: decoder.firstSeq,
        nextSeq: decoder.nextSeq,
      });
    }
  }

  /** Selects the source of the next datagram. */
  #begin(source: SourceWork): void {
    if (source === this.#source) return;
    if (source.kind !== this.#source.kind) this.#areas.use(source.kind);
    this.#source = source;
    this.#raw = source.raw;
    this.#script.record = source.raw;
  }

  /** Skips packets that were written before. */
  #skipTo(decoder: Decoder<RawRecord>, position: number): void {
    while (decoder.position < position && decoder.next(this.#raw));
  }

  /**
   * Works on the packets of a datagram until its end, or until the filter returns a promise, which
   * is passed on. Async functions are slower even if they never await.
   *
   * @param mask Outputs of packets without a filter's decision.
   * @param skipPosition Offset of a packet that bypasses the filter.
   */
  #untilPromise(
    slot: Slot,
    decoder: Decoder<RawRecord>,
    filter: RecordFilter | undefined,
    mask: number,
    skipPosition: number,
  ): Promise<number> | undefined {
    const { chooses } = this.#source;
    for (;;) {
      const { position } = decoder;
      this.#position = position;
      if (!decoder.next(this.#raw)) return undefined;
      if (chooses !== undefined && !chooses(this.#raw)) {
        this.#decided(slot, 0);
      } else if (position === skipPosition) {
        this.#applyOnError(slot, decoder);
      } else if (filter === undefined) {
        this.#decided(slot, mask);
      } else {
        slot.currentPosition = position;
        this.#script.inPacket = true;
        const decided = this.#call(filter);
        if (typeof decided !== "number") return decided;
        this.#decided(slot, decided);
      }
    }
  }

  /**
   * Applies `on_error` to a packet that bypasses the filter. The packets before and after it are
   * returned separately, so that another failure repeats none of them.
   */
  #applyOnError(slot: Slot, decoder: Decoder<RawRecord>): void {
    this.#flush(slot);
    this.#failed = true;
    this.#tracer.fault =
      `took longer than timeout_ms = ${this.#setup.timeoutMs}, or ended the sandbox`;
    this.#script.inPacket = true;
    this.#decided(slot, this.#onErrorMask);
    this.#position = decoder.position;
    this.#flush(slot);
  }

  /** Writes the packet into the areas of its outputs. */
  #decided(slot: Slot, mask: number): void {
    const script = this.#script;
    if (script.inPacket) {
      script.inPacket = false;
      if (script.pending.length > 0) this.#putEvents(slot);
    }
    const areas = this.#areas;
    const taken = areas.takenBy(this.#raw, mask);
    if (this.#setup.trace && !areas.hasRoomForTrace) this.#flush(slot);
    if (!areas.put(this.#raw, taken)) {
      this.#flush(slot);
      areas.put(this.#raw, taken);
    }
    if (this.#setup.trace) this.#trace(slot, taken);
    if (this.#failed) {
      this.#failed = false;
      this.#failures++;
    } else if (mask !== 0) this.#passed++;
    else this.#dropped++;
  }

  /** Outputs of records that the filter fails on. */
  get #onErrorMask(): number {
    return this.#setup.onError === "pass" ? this.#source.mask : 0;
  }

  /** Calls the filter; returns a bit for each output of the packet. */
  #call(filter: RecordFilter): number | Promise<number> {
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
    const mask = this.#verdicts.read(verdict, this.#source.mask);
    if (mask !== INVALID_VERDICT) return mask;
    this.#reportInvalidVerdict(verdict);
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
    const form = this.#source.work.structuredText(this.#raw, FORM_MAX);
    this.#areas.putTrace(this.#tracer.end(form, this.#raw.extra, mask, withoutScript));
  }

  /** Writes the counts since the slot was dispatched or resumed into its words. */
  #publish(slot: Slot): void {
    this.#areas.publish(slot);
    slot.countVerdicts(this.#passed, this.#dropped, this.#failures);
    this.#passed = this.#dropped = this.#failures = 0;
  }

  /**
   * Lets the privileged process write the areas, and waits for the emptied slot. If this sandbox
   * ends before the slot is done, another one resumes at the current packet.
   */
  #flush(slot: Slot): void {
    this.#publish(slot);
    slot.resumeAt(this.#datagram, this.#position);
    this.#exchange.empty(slot);
    this.#areas.begin(slot);
  }

  /** Writes the script's pending lines into their outputs' areas. */
  #putEvents(slot: Slot): void {
    const { pending } = this.#script;
    this.#script.pending = [];
    const between = this.#setup.trace ? this.#tracer.take(pending) : undefined;
    if (between !== undefined) {
      if (!this.#areas.hasRoomForTrace) this.#flush(slot);
      this.#areas.putTrace(between);
    }
    for (const event of pending) {
      if (this.#areas.putEvent(event.output, event)) continue;
      this.#flush(slot);
      this.#areas.putEvent(event.output, event);
    }
  }

  #fault(error: unknown, what = ""): void {
    const text = () => what + faultText(error, this.#setup.script ?? "");
    if (this.#setup.trace && this.#script.inPacket) this.#tracer.fault = text();
    else this.#warnings.fault(text);
  }

  #reportInvalidVerdict(verdict: Verdict): void {
    if (typeof verdict !== "string" && !Array.isArray(verdict)) {
      return this.#fault(new TypeError(invalidVerdictText(verdict)));
    }
    // The warning about an unknown name comes once; a trace shows it at each packet.
    if (this.#setup.trace) {
      this.#tracer.fault = `returned ${JSON.stringify(verdict)}: no such output`;
    }
  }

  #receiveNames(): void {
    const { source, interfaces } = this.#sender.names();
    const { work, raw } = this.#sources[source]!;
    work.setInterfaces(raw, new InterfaceTable().with(interfaces));
    this.#messagesRead++;
  }
}

function isPromise(verdict: unknown): verdict is Promise<Verdict> {
  return typeof verdict === "object" && verdict !== null &&
    typeof (verdict as Promise<Verdict>).then === "function";
}
