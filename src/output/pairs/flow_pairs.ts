/**
 * Writes a flow's structured form as pairs of a name and a value: the original direction by the names
 * that packets have, the others with their name before them. What is unknown is absent; each property
 * and each label is a pair of its own.
 */

import { stateName, STATUS_NAMES } from "../../flow/names.ts";
import { FLOW_EVENTS, IPV4_SIZE, type RawFlow, type RawTuple } from "../../flow/raw_flow.ts";
import { isSameAddress } from "../../flow/same_address.ts";
import { ABSENT } from "../../packet/absent.ts";
import { protocolName } from "../../packet/protocols.ts";
import { type LineWriter, Word } from "../../text/line.ts";
import { DayTime } from "../json/flow/day_time.ts";
import { WordsByNumber, writeSeconds } from "../json/flow/words.ts";
import { FLOW_PAIR_NAMES, type FlowPairName } from "./names.ts";
import { type PairForm, Pairs } from "./pairs.ts";

const EVENTS = FLOW_EVENTS.map((event) => new Word(event));
const STATUSES = STATUS_NAMES.map((name) => new Word(name));
/** States by protocol and number. */
const STATES = new WordsByNumber((value) => new Word(stateName(value >> 8, value & 0xff)));
const PROTOCOLS = Array.from({ length: 256 }, (_, n) => new Word(protocolName(n) ?? String(n)));

/** Writes the pairs of flows. There must be room, or `line.at` is past the end afterwards. */
export class FlowPairs {
  readonly #pairs: Pairs<FlowPairName>;
  readonly #session: string;
  readonly #kind: Word;
  readonly #time = new DayTime("");
  #host = "";
  /** Session of the sender of the current source. */
  #from = "";
  #capture: string | undefined;
  /** The pairs `host`, `capture` and `session` of the current source. */
  #origin = new Word("");

  /**
   * Creates a writer.
   *
   * @param form Form of the pairs.
   * @param session Identifier of the run.
   * @param chosen Names of the pairs that are written; all if left out.
   */
  constructor(form: PairForm, session: string, chosen?: readonly string[]) {
    this.#pairs = new Pairs(form, FLOW_PAIR_NAMES, chosen);
    this.#session = session;
    this.#kind = new Word(this.#pairs.fixed("type", "flow"));
  }

  /** Writes a flow's pairs. */
  write(line: LineWriter, flow: RawFlow): void {
    const pairs = this.#pairs;
    const { before } = pairs;
    const { bytes, original, reply, master } = flow;
    if (this.#isOther(flow)) this.#begin(flow);
    line.word(this.#kind);
    const isStamped = flow.seconds !== ABSENT;
    this.#at(
      line,
      before.time,
      isStamped ? flow.seconds : flow.receivedSeconds,
      isStamped ? flow.nanoseconds : flow.receivedNanoseconds,
    );
    line.word(this.#origin);
    pairs.word(line, before.event, EVENTS[flow.event]!);
    if (original.protocol !== ABSENT) {
      pairs.word(line, before.protocol, PROTOCOLS[original.protocol]!);
    }
    if (flow.state !== ABSENT) {
      pairs.word(line, before.state, STATES.of(original.protocol << 8 | flow.state));
    }
    this.#address(line, before.source, bytes, original, original.source);
    pairs.number(line, before.sourcePort, original.sourcePort);
    this.#address(line, before.destination, bytes, original, original.destination);
    pairs.number(line, before.destinationPort, original.destinationPort);
    pairs.number(line, before.icmpType, original.icmpType);
    pairs.number(line, before.icmpCode, original.icmpCode);
    pairs.number(line, before.icmpId, original.icmpId);
    pairs.number(line, before.packets, original.packets);
    pairs.number(line, before.bytes, original.bytes);
    this.#address(line, before.replySource, bytes, reply, reply.source);
    pairs.number(line, before.replySourcePort, reply.sourcePort);
    this.#address(line, before.replyDestination, bytes, reply, reply.destination);
    pairs.number(line, before.replyDestinationPort, reply.destinationPort);
    pairs.number(line, before.replyPackets, reply.packets);
    pairs.number(line, before.replyBytes, reply.bytes);
    if (reply.addressSize !== ABSENT) this.#nat(line, flow);
    this.#times(line, flow);
    this.#figures(line, flow);
    this.#address(line, before.masterSource, bytes, master, master.source);
    pairs.number(line, before.masterSourcePort, master.sourcePort);
    this.#address(line, before.masterDestination, bytes, master, master.destination);
    pairs.number(line, before.masterDestinationPort, master.destinationPort);
    pairs.json(line, before.extra, flow.extra);
  }

  #isOther({ host, session, capture }: RawFlow): boolean {
    return capture !== this.#capture || host !== this.#host || session !== this.#from;
  }

  #begin({ host, session, capture }: RawFlow): void {
    this.#host = host;
    this.#from = session;
    this.#capture = capture;
    const source = this.#pairs.fixed("host", host) + this.#pairs.fixed("capture", capture);
    this.#origin = new Word(source + this.#pairs.fixed("session", session || this.#session));
  }

  /** Writes addresses and ports that were translated. */
  #nat(line: LineWriter, { bytes, original, reply }: RawFlow): void {
    const { before } = this.#pairs;
    if (!isSameAddress(bytes, reply, reply.destination, original, original.source)) {
      this.#address(line, before.natSource, bytes, reply, reply.destination);
    }
    if (reply.destinationPort !== original.sourcePort) {
      this.#pairs.number(line, before.natSourcePort, reply.destinationPort);
    }
    if (!isSameAddress(bytes, reply, reply.source, original, original.destination)) {
      this.#address(line, before.natDestination, bytes, reply, reply.source);
    }
    if (reply.sourcePort !== original.destinationPort) {
      this.#pairs.number(line, before.natDestinationPort, reply.sourcePort);
    }
  }

  #times(line: LineWriter, flow: RawFlow): void {
    const { start, end, duration } = this.#pairs.before;
    const { startSeconds, startNanoseconds, endSeconds, endNanoseconds } = flow;
    if (startSeconds !== ABSENT) this.#at(line, start, startSeconds, startNanoseconds);
    if (endSeconds === ABSENT) return;
    this.#at(line, end, endSeconds, endNanoseconds);
    if (startSeconds === ABSENT || duration === undefined) return;
    line.word(duration);
    const first = startSeconds * 1e6 + Math.floor(startNanoseconds / 1000);
    const last = endSeconds * 1e6 + Math.floor(endNanoseconds / 1000);
    writeSeconds(line, Math.max(0, last - first));
    this.#pairs.end(line);
  }

  #figures(line: LineWriter, flow: RawFlow): void {
    const pairs = this.#pairs;
    const { before } = pairs;
    const { bytes, status, labelsOffset, labelsLength } = flow;
    pairs.number(line, before.timeout, flow.timeout);
    for (let bit = 0; status !== ABSENT && bit < STATUSES.length; bit++) {
      if ((status & 1 << bit) !== 0) pairs.word(line, before.status, STATUSES[bit]!);
    }
    pairs.number(line, before.id, flow.id);
    pairs.number(line, before.mark, flow.mark);
    pairs.number(line, before.zone, flow.zone);
    for (let bit = 0; bit < labelsLength * 8; bit++) {
      if ((bytes[labelsOffset + (bit >> 3)]! & 1 << (bit & 7)) === 0) continue;
      pairs.number(line, before.labels, bit);
    }
    pairs.text(line, before.helper, bytes, flow.helperOffset, flow.helperLength);
    pairs.text(line, before.securityContext, bytes, flow.secctxOffset, flow.secctxLength);
  }

  #at(line: LineWriter, before: Word | undefined, seconds: number, nanoseconds: number): void {
    if (before === undefined) return;
    line.word(before);
    this.#time.writeAt(line, seconds, nanoseconds);
    this.#pairs.end(line);
  }

  #address(
    line: LineWriter,
    before: Word | undefined,
    bytes: Uint8Array,
    { addressSize }: RawTuple,
    at: number,
  ): void {
    if (before === undefined || addressSize === ABSENT) return;
    line.word(before);
    if (addressSize === IPV4_SIZE) line.ipv4(bytes, at);
    else line.ipv6Canonical(bytes, at);
    this.#pairs.end(line);
  }
}
