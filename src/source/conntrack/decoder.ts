/**
 * Decodes datagrams of connection tracking into flows. Pure, and written by hand for speed: every
 * event passes here, nothing is allocated.
 */

import { FlowTable } from "../../flow/flow_table.ts";
import {
  DESTROY,
  FLOW_EVENTS,
  type FlowEvent,
  INFERRED,
  INTERIM,
  NEW,
  type RawFlow,
  UPDATE,
} from "../../flow/raw_flow.ts";
import { decodeFlow } from "../../netlink/conntrack/attributes.ts";
import * as c from "../../netlink/conntrack/constants.ts";
import { NLM_F_MULTI, NLMSG_DONE, NLMSG_HDRLEN } from "../../netlink/message.ts";
import { ABSENT } from "../../packet/absent.ts";
import type { Decoder } from "../../record/decoder.ts";
import { defineDecoder } from "../../record/define.ts";
import { MessageDecoder } from "../message_decoder.ts";

/** `NLM_F_DUMP_INTR` (linux/netlink.h): the table has changed while it was dumped. */
const NLM_F_DUMP_INTR = 0x10;
/** Stands for the number of a dump before the first one. */
const BEFORE_DUMPS = 1;
/** Default of `flows_max`. */
const FLOWS_MAX = 262_144;

/** Options of a decoder. */
export interface DecoderOptions {
  /** Events that make a record. */
  events: readonly FlowEvent[];
  /** Interval at which flows are asked for; absent where there are events. */
  pollSeconds?: number;
  /** Least age of flows that a dump makes records of; absent if it makes none. */
  interimSeconds?: number;
  /** Whether flows whose end is lost get a record. */
  reconcile?: boolean;
  /** Flows that are known at most. */
  flowsMax?: number;
}

const ALL_EVENTS: DecoderOptions = { events: ["new", "update", "destroy"], interimSeconds: 0 };

/** Decodes the events of a network namespace. They have no sequence numbers: the reader counts losses. */
export class ConntrackDecoder extends MessageDecoder implements Decoder<RawFlow> {
  /** Always 0: the reader counts losses. */
  readonly lost = 0;
  /** Always absent: events have no numbers. */
  readonly firstSeq: number = ABSENT;
  readonly nextSeq: number = ABSENT;
  /** A bit for each event that makes a record. */
  readonly #wanted: number;
  readonly #interimSeconds: number;
  /** Flows that are known; undefined where they need not be. */
  readonly #table: FlowTable | undefined;
  /** Number of the dump that is under way, or of the last one. */
  #epoch = BEFORE_DUMPS;
  /** Whether a dump was whole, so that what the next one lacks has ended. */
  #isComplete = false;
  /** Entry to look at next for flows that the last dump lacked; ABSENT if all were. */
  #sweepAt = ABSENT;

  /** Creates a decoder. */
  constructor(
    { events, pollSeconds, interimSeconds, reconcile, flowsMax }: DecoderOptions = ALL_EVENTS,
  ) {
    super();
    const isPolled = pollSeconds !== undefined;
    let wanted = 1 << INFERRED;
    for (const event of events) wanted |= 1 << FLOW_EVENTS.indexOf(event);
    if (interimSeconds !== undefined) wanted |= 1 << INTERIM;
    this.#wanted = wanted;
    this.#interimSeconds = interimSeconds ?? 0;
    this.#table = reconcile === true || isPolled
      ? new FlowTable(flowsMax ?? FLOWS_MAX, { counts: isPolled })
      : undefined;
  }

  /** Does nothing: events have no numbers. */
  forget(): void {}

  /**
   * Decodes the next event of the datagram.
   *
   * @param flow Filled in.
   * @returns Whether there was one; false at the datagram's end.
   */
  next(flow: RawFlow): boolean {
    const { memory } = this;
    if (this.#sweepAt !== ABSENT && this.#sweep(flow)) return true;
    for (let at; (at = this.nextMessage()) !== ABSENT;) {
      const type = memory.halves[(at >> 1) + 2]!;
      const flags = memory.halves[(at >> 1) + 3]!;
      if (type === NLMSG_DONE && this.#table !== undefined) {
        if (this.#endDump(memory.words[(at >> 2) + 2]!, flags) && this.#sweep(flow)) return true;
        continue;
      }
      if (type !== c.IPCTNL_MSG_CT_NEW && type !== c.IPCTNL_MSG_CT_DELETE) continue;
      if (!this.#decode(flow, at + NLMSG_HDRLEN)) {
        this.countMalformed();
        continue;
      }
      const event = type === c.IPCTNL_MSG_CT_DELETE ? DESTROY : eventOf(flags);
      flow.event = event;
      if (this.#table !== undefined) this.#learn(flow, memory.words[(at >> 2) + 2]!);
      if ((this.#wanted & 1 << event) === 0) continue;
      if (event === INTERIM && this.#isYoung(flow)) continue;
      this.received++;
      return true;
    }
    return false;
  }

  /** Notes what a record says about the flows that there are. */
  #learn(flow: RawFlow, sequence: number): void {
    const table = this.#table!;
    if (flow.event === DESTROY) return table.remove(flow);
    if (flow.event === INTERIM) this.#epoch = sequence;
    table.keep(flow, this.#epoch);
  }

  /** Ends a dump; returns whether flows that it lacked have ended. */
  #endDump(sequence: number, flags: number): boolean {
    // An empty table is dumped by its end alone.
    if (flags & NLM_F_DUMP_INTR) return false;
    this.#epoch = sequence;
    const isNext = this.#isComplete;
    this.#isComplete = true;
    if (isNext) this.#sweepAt = 0;
    return isNext;
  }

  /** Fills in the next flow that the last dump lacked; returns false if there is none. */
  #sweep(flow: RawFlow): boolean {
    this.#sweepAt = this.#table!.takeOlder(flow, this.#epoch, this.#sweepAt);
    if (this.#sweepAt === ABSENT) return false;
    flow.event = INFERRED;
    this.#setTime(flow);
    this.received++;
    return true;
  }

  /** Returns whether a flow has not lived for as long as interim records begin at. */
  #isYoung({ startSeconds }: RawFlow): boolean {
    if (startSeconds === ABSENT || this.#interimSeconds === 0) return false;
    return this.receivedSeconds - startSeconds < this.#interimSeconds;
  }

  /** Decodes the message after its netlink header; returns false if it is malformed. */
  #decode(flow: RawFlow, start: number): boolean {
    const { memory, messageEnd } = this;
    if (messageEnd - start < c.NFGENMSG_SIZE) return false;
    flow.reset(memory.bytes, start, messageEnd);
    this.#setTime(flow);
    return decodeFlow(flow, memory, start + c.NFGENMSG_SIZE, messageEnd);
  }

  #setTime(flow: RawFlow): void {
    flow.receivedSeconds = this.receivedSeconds;
    flow.receivedNanoseconds = this.receivedNanoseconds;
  }
}

/** Returns the event of an `IPCTNL_MSG_CT_NEW`, which new and changed flows share with those of a dump. */
function eventOf(flags: number): number {
  if ((flags & NLM_F_MULTI) !== 0) return INTERIM;
  return (flags & c.NLM_F_CREATE_EXCL) === c.NLM_F_CREATE_EXCL ? NEW : UPDATE;
}

/** Decoder of the conntrack source. */
export const conntrackDecoder = defineDecoder<DecoderOptions>({
  kind: "flow",
  make: (options) => new ConntrackDecoder(options),
});
