/** Flows as events of the Elastic Common Schema. */

import { FLOW_EVENTS, type FlowEvent, IPV4_SIZE, type RawFlow } from "../../../flow/raw_flow.ts";
import { isSameAddress } from "../../../flow/same_address.ts";
import { ABSENT } from "../../../packet/absent.ts";
import { type LineWriter, Word } from "../../../text/line.ts";
import { ECS_BITS as BITS, ECS_VERSION, hostWord, MODULE, TRANSPORTS } from "../ecs.ts";
import { chosenBits } from "../fields.ts";
import { endMember, endObject } from "../object.ts";
import type { PrinterOptions } from "../options.ts";
import { type Captured, type LinePrinter, membersWord, writeNumber } from "../printer.ts";
import { DayTime } from "./day_time.ts";
import { durationOf, sumOf, writeAddress, writeEnd, writeRest } from "./endpoint.ts";
import { stateWord } from "./words.ts";

const TIME = new Word(',"@timestamp":');
const START = new Word(',"start":');
const END_TIME = new Word(',"end":');
const DURATION = new Word(',"duration":');
const OBSERVER = membersWord({ observer: { type: "firewall", product: "nfscribe" } });
const SOURCE = new Word(',"source":');
const DESTINATION = new Word(',"destination":');
const BYTES = new Word(',"bytes":');
const PACKETS = new Word(',"packets":');
const NAT = new Word(',"nat":');
const IP = new Word(',"ip":"');
const PORT = new Word(',"port":');
const NETWORK = new Word(',"network":');
const [IPV4, IPV6] = [membersWord({ type: "ipv4" }), membersWord({ type: "ipv6" })];
const OWN = new Word(',"nfscribe":');
const END = new Word("}");

const TYPES: Readonly<Record<FlowEvent, string>> = {
  new: "start",
  update: "info",
  destroy: "end",
  interim: "info",
  inferred: "end",
};

/** Events without their times, by number. */
const EVENTS = FLOW_EVENTS.map((action) => {
  const type = ["connection", TYPES[action]];
  const event = { kind: "event", category: ["network"], type, action, ...MODULE };
  const text = JSON.stringify({ ...event, dataset: "nfscribe.flow" });
  return new Word(`,"event":${text.slice(0, -1)}`);
});

/** Prints flows as events of the Elastic Common Schema. */
export class EcsFlowPrinter implements LinePrinter<RawFlow> {
  readonly #time = new DayTime();
  readonly #start = new DayTime();
  readonly #options: PrinterOptions;
  readonly #wanted: number;
  readonly #ecs = membersWord({ ecs: { version: ECS_VERSION } });
  #host = new Word("");
  #origin = new Word("");

  /** Creates a printer. */
  constructor(options: PrinterOptions) {
    this.#options = options;
    this.#wanted = chosenBits(BITS, options.fields);
  }

  /** Prepares the host's and the source's name, and the run's identifier. */
  begin({ host, session, capture }: Captured): void {
    const { hostname, session: own } = this.#options;
    this.#host = hostWord(host || hostname);
    this.#origin = membersWord({ capture: capture || undefined, session: session || own });
  }

  /** Writes a flow; every flow has a line. */
  print(line: LineWriter, flow: RawFlow): boolean {
    const wanted = this.#wanted;
    if (wanted & BITS["@timestamp"]) {
      line.word(TIME);
      this.#time.write(line, flow);
    }
    if (wanted & BITS.ecs) line.word(this.#ecs);
    if (wanted & BITS.event) this.#event(line, flow);
    if (wanted & BITS.host) line.word(this.#host);
    if (wanted & BITS.observer) line.word(OBSERVER);
    if (wanted & BITS.source) writeSide(line, SOURCE, flow, true);
    if (wanted & BITS.destination) writeSide(line, DESTINATION, flow, false);
    if (wanted & BITS.network) writeNetwork(line, flow);
    if (wanted & BITS.nfscribe) this.#own(line, flow);
    return true;
  }

  #event(line: LineWriter, flow: RawFlow): void {
    const { event, startSeconds, startNanoseconds, endSeconds, endNanoseconds } = flow;
    line.word(EVENTS[event]!);
    if (startSeconds !== ABSENT) {
      line.word(START);
      this.#start.writeAt(line, startSeconds, startNanoseconds);
    }
    if (endSeconds !== ABSENT) {
      line.word(END_TIME);
      this.#time.writeAt(line, endSeconds, endNanoseconds);
    }
    writeNumber(line, DURATION, durationOf(flow));
    line.word(END);
  }

  /** Writes what the schema has no field for. */
  #own(line: LineWriter, flow: RawFlow): void {
    line.word(OWN);
    const start = line.at;
    line.word(this.#origin);
    if (flow.state !== ABSENT) line.word(stateWord(flow.original.protocol, flow.state));
    writeRest(line, flow);
    endObject(line, start);
  }
}

/** Writes one end: what it sent, and what stands for it where it is translated. */
function writeSide(line: LineWriter, key: Word, flow: RawFlow, isSource: boolean): void {
  const { original, reply } = flow;
  line.word(key);
  const start = line.at;
  writeEnd(line, flow, original, isSource);
  const sent = isSource ? original : reply;
  writeNumber(line, BYTES, sent.bytes);
  writeNumber(line, PACKETS, sent.packets);
  if (reply.addressSize !== ABSENT) writeNat(line, flow, isSource);
  endObject(line, start);
}

function writeNat(line: LineWriter, { bytes, original, reply }: RawFlow, isSource: boolean): void {
  const before = isSource ? original.source : original.destination;
  const after = isSource ? reply.destination : reply.source;
  const portBefore = isSource ? original.sourcePort : original.destinationPort;
  const portAfter = isSource ? reply.destinationPort : reply.sourcePort;
  line.word(NAT);
  const start = line.at;
  if (!isSameAddress(bytes, reply, after, original, before)) {
    writeAddress(line, IP, bytes, after, reply.addressSize);
  }
  if (portAfter !== portBefore) writeNumber(line, PORT, portAfter);
  endMember(line, start, NAT);
}

function writeNetwork(line: LineWriter, { original, reply }: RawFlow): void {
  line.word(NETWORK);
  const start = line.at;
  line.word(original.addressSize === IPV4_SIZE ? IPV4 : IPV6);
  line.word(TRANSPORTS[original.protocol]!);
  writeNumber(line, BYTES, sumOf(original.bytes, reply.bytes));
  writeNumber(line, PACKETS, sumOf(original.packets, reply.packets));
  endObject(line, start);
}
