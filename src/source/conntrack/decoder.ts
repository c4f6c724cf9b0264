/**
 * Decodes datagrams of connection tracking into flows. Pure, and written by hand for speed: every
 * event passes here, nothing is allocated.
 */

import type { Memory } from "../../bytes/memory.ts";
import { wordAlign } from "../../bytes/write.ts";
import { DESTROY, INTERIM, NEW, type RawFlow, UPDATE } from "../../flow/raw_flow.ts";
import { decodeFlow } from "../../netlink/conntrack/attributes.ts";
import * as c from "../../netlink/conntrack/constants.ts";
import { NLM_F_MULTI, NLMSG_HDRLEN } from "../../netlink/message.ts";
import { ABSENT } from "../../packet/absent.ts";
import type { Decoder } from "../../record/decoder.ts";
import { defineDecoder } from "../../record/define.ts";

/** Decodes the events of a network namespace. They have no sequence numbers: the reader counts losses. */
export class ConntrackDecoder implements Decoder<RawFlow> {
  /** Events received, malformed ones included. */
  received = 0;
  /** Always 0: the reader counts losses. */
  readonly lost = 0;
  /** Malformed events, which were skipped. */
  malformed = 0;
  /** Always absent: events have no numbers. */
  readonly firstSeq: number = ABSENT;
  readonly nextSeq: number = ABSENT;
  #memory: Memory | undefined;
  #position = 0;
  #end = 0;
  #receivedSeconds = 0;
  #receivedNanoseconds = 0;

  /** Offset of the next message in the memory. */
  get position(): number {
    return this.#position;
  }

  /** Does nothing: events have no numbers. */
  forget(): void {}

  /** Begins a datagram and discards the rest of the previous one. */
  begin(
    memory: Memory,
    offset: number,
    length: number,
    seconds: number,
    nanoseconds: number,
  ): void {
    this.#memory = memory;
    this.#position = offset;
    this.#end = offset + length;
    this.#receivedSeconds = seconds;
    this.#receivedNanoseconds = nanoseconds;
  }

  /**
   * Decodes the next event of the datagram.
   *
   * @param flow Filled in.
   * @returns Whether there was one; false at the datagram's end.
   */
  next(flow: RawFlow): boolean {
    const memory = this.#memory;
    if (memory === undefined) return false;
    while (this.#position < this.#end) {
      const at = this.#position;
      const left = this.#end - at;
      const length = left >= NLMSG_HDRLEN ? memory.words[at >> 2]! : 0;
      if (length < NLMSG_HDRLEN || length > left) {
        this.#position = this.#end;
        this.#countMalformed();
        return false;
      }
      this.#position = at + wordAlign(length);
      const type = memory.halves[(at >> 1) + 2]!;
      if (type !== c.IPCTNL_MSG_CT_NEW && type !== c.IPCTNL_MSG_CT_DELETE) continue;
      if (this.#decode(flow, memory, at + NLMSG_HDRLEN, at + length)) {
        flow.event = type === c.IPCTNL_MSG_CT_DELETE
          ? DESTROY
          : eventOf(memory.halves[(at >> 1) + 3]!);
        this.received++;
        return true;
      }
      this.#countMalformed();
    }
    return false;
  }

  #countMalformed(): void {
    this.received++;
    this.malformed++;
  }

  /** Decodes a message after its netlink header; returns false if it is malformed. */
  #decode(flow: RawFlow, memory: Memory, start: number, end: number): boolean {
    if (end - start < c.NFGENMSG_SIZE) return false;
    flow.reset(memory.bytes, start, end);
    flow.receivedSeconds = this.#receivedSeconds;
    flow.receivedNanoseconds = this.#receivedNanoseconds;
    return decodeFlow(flow, memory, start + c.NFGENMSG_SIZE, end);
  }
}

/** Returns the event of an `IPCTNL_MSG_CT_NEW`, which new and changed flows share with those of a dump. */
function eventOf(flags: number): number {
  if ((flags & NLM_F_MULTI) !== 0) return INTERIM;
  return (flags & c.NLM_F_CREATE_EXCL) === c.NLM_F_CREATE_EXCL ? NEW : UPDATE;
}

/** Decoder of the conntrack source. */
export const conntrackDecoder = defineDecoder({
  kind: "flow",
  make: () => new ConntrackDecoder(),
});
