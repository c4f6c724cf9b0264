/**
 * Flows in the structured form: byte for byte the JSON of `flow.toJSON()`, with characters escaped
 * that act on a terminal. Written by hand for speed: nothing is allocated.
 */

import { labelNumbers } from "../../../flow/names.ts";
import type { RawFlow, RawTuple } from "../../../flow/raw_flow.ts";
import { isSameAddress } from "../../../flow/same_address.ts";
import { ABSENT } from "../../../packet/absent.ts";
import { STRUCTURED_VERSION } from "../../../packet/structured.ts";
import { writeJsonText, writeJsonValue } from "../../../text/json.ts";
import { ascii, type LineWriter, Word } from "../../../text/line.ts";
import { chosenBits, FLOW } from "../fields.ts";
import { protocolWord } from "../named.ts";
import { endMember, endObject } from "../object.ts";
import type { PrinterOptions } from "../options.ts";
import { type Captured, chosenText, type LinePrinter, writeNumber } from "../printer.ts";
import { DayTime } from "./day_time.ts";
import { writeAddress } from "./endpoint.ts";
import { eventWord, stateWord, statusWord, writeSeconds } from "./words.ts";

const TIME = new Word(',"time":');
const ORIGINAL = new Word(',"original":');
const REPLY = new Word(',"reply":');
const MASTER = new Word(',"master":');
const SOURCE = new Word(',"source":"');
const SOURCE_PORT = new Word(',"sourcePort":');
const DESTINATION = new Word(',"destination":"');
const DESTINATION_PORT = new Word(',"destinationPort":');
const ICMP_TYPE = new Word(',"icmpType":');
const ICMP_CODE = new Word(',"icmpCode":');
const ICMP_ID = new Word(',"icmpId":');
const ZONE = new Word(',"zone":');
const PACKETS = new Word(',"packets":');
const BYTES = new Word(',"bytes":');
const NAT = new Word(',"nat":');
const START = new Word(',"start":');
const END = new Word(',"end":');
const DURATION = new Word(',"duration":');
const TIMEOUT = new Word(',"timeout":');
const ID = new Word(',"id":');
const MARK = new Word(',"mark":');
const LABELS = new Word(',"labels":');
const HELPER = new Word(',"helper":');
const SECURITY_CONTEXT = new Word(',"securityContext":');
const EXTRA = new Word(',"extra":');

/** Prints flows in the structured form. */
export class FlowPrinter implements LinePrinter<RawFlow> {
  readonly #time = new DayTime();
  readonly #start = new DayTime();
  readonly #options: PrinterOptions;
  /** Bits of the chosen fields. */
  readonly #chosen: number;
  /** `type` and `version`; `host`, `capture` and `session` of the current source. */
  readonly #kind: Word;
  #origin = new Word("");

  /** Creates a printer. */
  constructor(options: PrinterOptions) {
    this.#options = options;
    const { fields } = options;
    this.#chosen = chosenBits(FLOW, fields);
    this.#kind = new Word(chosenText({ type: "flow", version: STRUCTURED_VERSION }, fields));
  }

  /** Prepares `host`, `capture` and `session`. */
  begin({ host, session, capture }: Captured): void {
    const { fields, hostname, session: own } = this.#options;
    const origin = {
      host: host || hostname || undefined,
      capture: capture || undefined,
      session: session || own,
    };
    this.#origin = new Word(chosenText(origin, fields));
  }

  /** Writes a flow; every flow has a line. */
  print(line: LineWriter, flow: RawFlow): boolean {
    const chosen = this.#chosen;
    const { bytes, original, reply, master, state } = flow;
    line.word(this.#kind);
    if (chosen & FLOW.time) {
      line.word(TIME);
      this.#time.write(line, flow);
    }
    line.word(this.#origin);
    if (chosen & FLOW.event) line.word(eventWord(flow.event));
    if (chosen & FLOW.protocol) line.word(protocolWord(original.protocol));
    if (state !== ABSENT && chosen & FLOW.state) line.word(stateWord(original.protocol, state));
    if (chosen & FLOW.original) writeTuple(line, ORIGINAL, bytes, original);
    if (reply.addressSize !== ABSENT) {
      if (chosen & FLOW.reply) writeTuple(line, REPLY, bytes, reply);
      if (chosen & FLOW.nat) writeNat(line, flow);
    }
    this.#times(line, flow);
    if (chosen & FLOW.timeout) writeNumber(line, TIMEOUT, flow.timeout);
    if (flow.status !== ABSENT && chosen & FLOW.status) line.word(statusWord(flow.status));
    if (chosen & FLOW.id) writeNumber(line, ID, flow.id);
    if (chosen & FLOW.mark) writeNumber(line, MARK, flow.mark);
    if (chosen & FLOW.zone) writeNumber(line, ZONE, flow.zone);
    if (flow.labelsLength !== ABSENT && chosen & FLOW.labels) {
      line.word(LABELS);
      const { labelsOffset, labelsLength } = flow;
      // Labels are rare.
      line.text(ascii(JSON.stringify(labelNumbers(bytes, labelsOffset, labelsLength))));
    }
    if (flow.helperLength !== ABSENT && chosen & FLOW.helper) {
      line.word(HELPER);
      writeJsonText(line, bytes, flow.helperOffset, flow.helperLength);
    }
    if (flow.secctxLength !== ABSENT && chosen & FLOW.securityContext) {
      line.word(SECURITY_CONTEXT);
      writeJsonText(line, bytes, flow.secctxOffset, flow.secctxLength);
    }
    if (master.addressSize !== ABSENT && chosen & FLOW.master) {
      writeTuple(line, MASTER, bytes, master);
    }
    if (flow.extra !== undefined && chosen & FLOW.extra) {
      line.word(EXTRA);
      writeJsonValue(line, flow.extra);
    }
    return true;
  }

  #times(line: LineWriter, flow: RawFlow): void {
    const chosen = this.#chosen;
    const { startSeconds, startNanoseconds, endSeconds, endNanoseconds } = flow;
    if (startSeconds !== ABSENT && chosen & FLOW.start) {
      line.word(START);
      this.#start.writeAt(line, startSeconds, startNanoseconds);
    }
    if (endSeconds === ABSENT) return;
    if (chosen & FLOW.end) {
      line.word(END);
      this.#time.writeAt(line, endSeconds, endNanoseconds);
    }
    if (startSeconds === ABSENT || (chosen & FLOW.duration) === 0) return;
    line.word(DURATION);
    const start = startSeconds * 1e6 + Math.floor(startNanoseconds / 1000);
    const end = endSeconds * 1e6 + Math.floor(endNanoseconds / 1000);
    writeSeconds(line, Math.max(0, end - start));
  }
}

function writeTuple(line: LineWriter, key: Word, bytes: Uint8Array, tuple: RawTuple): void {
  line.word(key);
  const start = line.at;
  writeAddress(line, SOURCE, bytes, tuple.source, tuple.addressSize);
  writeNumber(line, SOURCE_PORT, tuple.sourcePort);
  writeAddress(line, DESTINATION, bytes, tuple.destination, tuple.addressSize);
  writeNumber(line, DESTINATION_PORT, tuple.destinationPort);
  writeNumber(line, ICMP_TYPE, tuple.icmpType);
  writeNumber(line, ICMP_CODE, tuple.icmpCode);
  writeNumber(line, ICMP_ID, tuple.icmpId);
  writeNumber(line, ZONE, tuple.zone);
  writeNumber(line, PACKETS, tuple.packets);
  writeNumber(line, BYTES, tuple.bytes);
  endObject(line, start);
}

/** Writes the fields that were translated; none if there are none. */
export function writeNat(line: LineWriter, { bytes, original, reply }: RawFlow): void {
  line.word(NAT);
  const start = line.at;
  if (!isSameAddress(bytes, reply, reply.destination, original, original.source)) {
    writeAddress(line, SOURCE, bytes, reply.destination, reply.addressSize);
  }
  if (reply.destinationPort !== original.sourcePort) {
    writeNumber(line, SOURCE_PORT, reply.destinationPort);
  }
  if (!isSameAddress(bytes, reply, reply.source, original, original.destination)) {
    writeAddress(line, DESTINATION, bytes, reply.source, reply.addressSize);
  }
  if (reply.sourcePort !== original.destinationPort) {
    writeNumber(line, DESTINATION_PORT, reply.sourcePort);
  }
  endMember(line, start, NAT);
}
