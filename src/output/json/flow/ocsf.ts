/** Flows as Network Activity of the Open Cybersecurity Schema Framework. */

import { FLOW_EVENTS, type FlowEvent, IPV4_SIZE, type RawFlow } from "../../../flow/raw_flow.ts";
import { ABSENT } from "../../../packet/absent.ts";
import { type LineWriter, Word } from "../../../text/line.ts";
import { chosenBits } from "../fields.ts";
import { endMember, endObject } from "../object.ts";
import {
  classMembers,
  deviceMember,
  metadataOf,
  OCSF_BITS as BITS,
  PROTOCOLS,
  TRAFFIC_ACTIVITY,
  VERSIONS,
  writeMilliseconds,
  writeTime,
} from "../ocsf.ts";
import type { PrinterOptions } from "../options.ts";
import {
  type Captured,
  chosenText,
  type LinePrinter,
  membersWord,
  writeNumber,
} from "../printer.ts";
import { durationOf, sumOf, writeEnd, writeRest } from "./endpoint.ts";
import { writeNat } from "./printer.ts";
import { eventWord, stateWord } from "./words.ts";

const START = new Word(',"start_time":');
const END_TIME = new Word(',"end_time":');
const DURATION = new Word(',"duration":');
const SOURCE = new Word(',"src_endpoint":');
const DESTINATION = new Word(',"dst_endpoint":');
/** The direction is unknown: it is of packets, not of flows. */
const CONNECTION = new Word(',"connection_info":{"direction_id":0');
const TRAFFIC = new Word(',"traffic":');
const BYTES = new Word(',"bytes":');
const BYTES_IN = new Word(',"bytes_in":');
const BYTES_OUT = new Word(',"bytes_out":');
const PACKETS = new Word(',"packets":');
const PACKETS_IN = new Word(',"packets_in":');
const PACKETS_OUT = new Word(',"packets_out":');
const UNMAPPED = new Word(',"unmapped":');
const END = new Word("}");

/** Activities "Open", "Close" and "Traffic". */
const ACTIVITIES: Readonly<Record<FlowEvent, number>> = {
  new: 1,
  update: TRAFFIC_ACTIVITY,
  destroy: 2,
  interim: TRAFFIC_ACTIVITY,
  inferred: 2,
};

/** Prints flows as Network Activity. */
export class OcsfFlowPrinter implements LinePrinter<RawFlow> {
  readonly #options: PrinterOptions;
  readonly #wanted: number;
  /** Class and activity, by event. */
  readonly #classes: readonly Word[];
  #device = new Word("");
  #metadata = new Word("");
  #session = new Word("");

  /** Creates a printer. */
  constructor(options: PrinterOptions) {
    const { fields } = options;
    this.#options = options;
    this.#wanted = chosenBits(BITS, fields);
    this.#classes = FLOW_EVENTS.map((event) =>
      new Word(chosenText(classMembers(ACTIVITIES[event]), fields))
    );
  }

  /** Prepares device and metadata. */
  begin({ host, session, capture }: Captured): void {
    const { fields, hostname, session: own } = this.#options;
    this.#session = membersWord({ session: session || own });
    const metadata = metadataOf(capture, ["host"]);
    this.#device = new Word(chosenText(deviceMember(host || hostname), fields));
    this.#metadata = new Word(chosenText({ metadata }, fields));
  }

  /** Writes a flow; every flow has a line. */
  print(line: LineWriter, flow: RawFlow): boolean {
    const wanted = this.#wanted;
    if (wanted & BITS.time) writeTimes(line, flow);
    line.word(this.#classes[flow.event]!);
    line.word(this.#metadata);
    line.word(this.#device);
    if (wanted & BITS.src_endpoint) writeEndpoint(line, SOURCE, flow, true);
    if (wanted & BITS.dst_endpoint) writeEndpoint(line, DESTINATION, flow, false);
    if (wanted & BITS.connection_info) {
      line.word(CONNECTION);
      line.word(VERSIONS[flow.original.addressSize === IPV4_SIZE ? 4 : 6]!);
      line.word(PROTOCOLS[flow.original.protocol]!);
      line.word(END);
    }
    if (wanted & BITS.traffic) writeTraffic(line, flow);
    if (wanted & BITS.unmapped) this.#unmapped(line, flow);
    return true;
  }

  /** Writes what the class has no attribute for. */
  #unmapped(line: LineWriter, flow: RawFlow): void {
    line.word(UNMAPPED);
    const start = line.at;
    line.word(this.#session);
    line.word(eventWord(flow.event));
    if (flow.state !== ABSENT) line.word(stateWord(flow.original.protocol, flow.state));
    if (flow.reply.addressSize !== ABSENT) writeNat(line, flow);
    writeRest(line, flow);
    endObject(line, start);
  }
}

/** Writes times in milliseconds since the Unix epoch. */
function writeTimes(line: LineWriter, flow: RawFlow): void {
  const { startSeconds, startNanoseconds, endSeconds, endNanoseconds } = flow;
  writeTime(line, flow);
  if (startSeconds !== ABSENT) writeMilliseconds(line, START, startSeconds, startNanoseconds);
  if (endSeconds !== ABSENT) writeMilliseconds(line, END_TIME, endSeconds, endNanoseconds);
  const duration = durationOf(flow);
  if (duration !== ABSENT) writeNumber(line, DURATION, Math.floor(duration / 1e6));
}

function writeEndpoint(line: LineWriter, key: Word, flow: RawFlow, isSource: boolean): void {
  line.word(key);
  const start = line.at;
  writeEnd(line, flow, flow.original, isSource);
  endObject(line, start);
}

function writeTraffic(line: LineWriter, { original, reply }: RawFlow): void {
  line.word(TRAFFIC);
  const start = line.at;
  writeNumber(line, BYTES, sumOf(original.bytes, reply.bytes));
  writeNumber(line, BYTES_OUT, original.bytes);
  writeNumber(line, BYTES_IN, reply.bytes);
  writeNumber(line, PACKETS, sumOf(original.packets, reply.packets));
  writeNumber(line, PACKETS_OUT, original.packets);
  writeNumber(line, PACKETS_IN, reply.packets);
  endMember(line, start, TRAFFIC);
}
