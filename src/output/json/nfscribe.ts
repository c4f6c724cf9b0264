/**
 * Lines of the structured form: byte for byte the JSON of `packet.toJSON()`, with characters
 * escaped that act on a terminal.
 */

import { readBe16 } from "../../bytes/memory.ts";
import { RunCache } from "../../bytes/run_cache.ts";
import { ABSENT } from "../../packet/absent.ts";
import { ACTIONS } from "../../packet/actions.ts";
import { ethernetAt } from "../../packet/ethernet.ts";
import { findLayers } from "../../packet/find_layers.ts";
import { originalLength } from "../../packet/ip.ts";
import { type Defect, Layers } from "../../packet/layers.ts";
import type { RawPacket } from "../../packet/raw_packet.ts";
import { STRUCTURED_VERSION, timeText } from "../../packet/structured.ts";
import { defectOf } from "../../packet/transport.ts";
import type { OutputEvent } from "../../record/encoder.ts";
import { writeBase64, writeJsonValue } from "../../text/json.ts";
import { type LineWriter, Word } from "../../text/line.ts";
import { InterfaceNames } from "../interface_names.ts";
import { ENDPOINTS, endpoints, usualEndpoints } from "./endpoints.ts";
import { chosenBits, HEADER, TOP } from "./fields.ts";
import { headers } from "./headers.ts";
import { DEFECTS, hookWord } from "./named.ts";
import { ethernet } from "./network.ts";
import { endObject } from "./object.ts";
import type { PrinterOptions } from "./options.ts";
import {
  type Captured,
  chosenText,
  type LinePrinter,
  membersWord,
  writeNumber,
} from "./printer.ts";
import { UtcTime } from "./time.ts";
import { isUsual, usual } from "./transport.ts";
import { VlanWriter } from "./vlan.ts";

const SEQ = ',"seq":';
const UTF8 = new TextDecoder("utf-8", { ignoreBOM: true });
const ACTION_WORDS = ACTIONS.map((action) => new Word(`,"action":"${action}"`));
const HOOK = new Word(',"hook":');
const MARK = new Word(',"mark":');
const UID = new Word(',"uid":');
const GID = new Word(',"gid":');
const LENGTH = new Word(',"length":');
const CAPTURED = new Word(',"captured":');
const ETHER_TYPE = new Word(',"etherType":');
const EXTRA = new Word(',"extra":');
const PAYLOAD = new Word(',"payload":');
const EMBEDDED = new Word(',"embedded":');

/** Embedded packets quote no further ones. */
const NO_QUOTE = () => {};

/** Caches the members of interfaces. */
function deviceNames(key: string): InterfaceNames<Word> {
  return new InterfaceNames((device) => membersWord({ [key]: device.toString() }));
}

function prefixWord(prefix: Uint8Array): Word {
  return membersWord({ prefix: UTF8.decode(prefix) });
}

/** Returns whether a packet begins with its IPv4 header, which states its length. */
function hasUsualLength(packet: RawPacket, { network, bytes, at }: Layers): boolean {
  return network === 4 && at === packet.payloadOffset &&
    packet.payloadLength <= readBe16(bytes, at + 2);
}

/** Prints packets in the structured form. */
export class NfscribePrinter implements LinePrinter<RawPacket> {
  readonly #in = deviceNames("in");
  readonly #out = deviceNames("out");
  readonly #physIn = deviceNames("physIn");
  readonly #physOut = deviceNames("physOut");
  readonly #prefixes = new RunCache(prefixWord);
  readonly #vlans = new VlanWriter();
  readonly #options: PrinterOptions;
  /** Bits of the chosen fields. */
  readonly #top: number;
  readonly #headers: number;
  /** Whether all fields are chosen. */
  readonly #isWhole: boolean;
  /** The beginning of each line of the current source, up to the number of `seq`. */
  #start = new Word("");
  /** The same with `time`; undefined where that is not chosen. */
  #timed: UtcTime | undefined = undefined;
  /** Headers of the packet that an ICMP error quotes. */
  readonly #quoted = new Layers(new Uint8Array(0), 0, 0, 0);

  /** Creates a printer. */
  constructor(options: PrinterOptions) {
    const { fields, payload } = options;
    this.#options = options;
    this.#top = chosenBits(TOP, fields);
    this.#headers = chosenBits(HEADER, fields) & (payload ? -1 : ~HEADER.payload);
    this.#isWhole = fields === undefined;
  }

  /** Prepares what is the same in all lines of a source. */
  begin({ host, session, capture }: Captured): void {
    const { fields, hostname, session: own } = this.#options;
    const kind = chosenText({ type: "packet", version: STRUCTURED_VERSION }, fields);
    const origin = chosenText(
      {
        host: host || hostname || undefined,
        capture: capture || undefined,
        session: session || own,
      },
      fields,
    );
    const rest = this.#top & TOP.seq ? origin + SEQ : origin;
    this.#start = new Word(kind + rest);
    this.#timed = this.#top & TOP.time ? new UtcTime(`${kind},"time":"`, `"${rest}`) : undefined;
  }

  /** Writes a packet; every packet has a line. */
  print(line: LineWriter, packet: RawPacket): boolean {
    const layers = findLayers(packet);
    this.#head(line, packet);
    if (this.#isWhole && hasUsualLength(packet, layers) && isUsual(layers)) {
      this.#usual(line, packet, layers);
    } else {
      endpoints(line, layers, this.#top);
      this.#figures(line, packet, layers);
      this.#link(line, packet);
      headers(line, layers, this.#headers, this.#quote);
    }
    this.#tail(line, packet);
    return true;
  }

  /** Returns a line that a filter script made: its fields are texts. */
  event({ seconds, nanoseconds, fields }: OutputEvent): Readonly<Record<string, unknown>> {
    const { hostname, session } = this.#options;
    return {
      type: "event",
      version: STRUCTURED_VERSION,
      time: timeText(seconds * 1e6 + Math.floor(nanoseconds / 1000)),
      host: hostname || undefined,
      session,
      fields: Object.fromEntries(fields),
    };
  }

  /** Writes what precedes the addresses. */
  #head(line: LineWriter, packet: RawPacket): void {
    const top = this.#top;
    if (this.#timed === undefined) line.word(this.#start);
    else this.#timed.write(line, packet);
    if (top & TOP.seq) {
      if (packet.seq === ABSENT) line.at -= SEQ.length;
      else line.decimal(packet.seq);
    }
    if (packet.prefixLength > 0 && top & TOP.prefix) {
      const { bytes, prefixOffset, prefixLength } = packet;
      line.word(this.#prefixes.get(bytes, prefixOffset, prefixLength));
    }
    if (top & TOP.action) {
      const action = packet.actions.find(packet);
      if (action !== ABSENT) line.word(ACTION_WORDS[action]!);
    }
    if (packet.hook !== ABSENT && top & TOP.hook) this.#hook(line, packet);
    const { interfaces, inDev, outDev, physInDev, physOutDev } = packet;
    if (inDev !== ABSENT && top & TOP.in) line.word(this.#in.get(interfaces, inDev));
    if (outDev !== ABSENT && top & TOP.out) line.word(this.#out.get(interfaces, outDev));
    if (physInDev !== ABSENT && top & TOP.physIn) {
      line.word(this.#physIn.get(interfaces, physInDev));
    }
    if (physOutDev !== ABSENT && top & TOP.physOut) {
      line.word(this.#physOut.get(interfaces, physOutDev));
    }
    if (top & TOP.mark) writeNumber(line, MARK, packet.mark);
    if (top & TOP.uid) writeNumber(line, UID, packet.uid);
    if (top & TOP.gid) writeNumber(line, GID, packet.gid);
  }

  /** Writes addresses, lengths and headers of a packet whose headers are the usual ones. */
  #usual(line: LineWriter, packet: RawPacket, layers: Layers): void {
    usualEndpoints(line, layers);
    const { bytes, payloadLength, hwProtocol } = packet;
    const length = readBe16(bytes, layers.at + 2);
    if (payloadLength < length) writeNumber(line, CAPTURED, payloadLength);
    writeNumber(line, ETHER_TYPE, hwProtocol);
    this.#link(line, packet);
    usual(line, layers);
  }

  #hook(line: LineWriter, { family, hook }: RawPacket): void {
    const word = hookWord(family, hook);
    if (word === undefined) writeNumber(line, HOOK, hook);
    else line.word(word);
  }

  /** Writes the lengths, the defect and the EtherType. */
  #figures(line: LineWriter, packet: RawPacket, layers: Layers): void {
    const top = this.#top;
    if (packet.payloadLength !== ABSENT) {
      const length = originalLength(packet);
      if (top & TOP.length) writeNumber(line, LENGTH, length);
      if (packet.payloadLength < length && top & TOP.captured) {
        writeNumber(line, CAPTURED, packet.payloadLength);
      }
    }
    if (top & TOP.defect) this.#defect(line, defectOf(layers));
    if (top & TOP.etherType) writeNumber(line, ETHER_TYPE, packet.hwProtocol);
  }

  #defect(line: LineWriter, defect: Defect | undefined): void {
    if (defect !== undefined) line.word(DEFECTS.of(defect));
  }

  #link(line: LineWriter, packet: RawPacket): void {
    const wanted = this.#headers;
    if (wanted & HEADER.ethernet) {
      const at = ethernetAt(packet);
      if (at !== ABSENT) ethernet(line, packet.bytes, at);
    }
    if (wanted & HEADER.vlan) this.#vlans.removed(line, packet);
    if (wanted & HEADER.vlans) this.#vlans.all(line, packet);
  }

  #tail(line: LineWriter, packet: RawPacket): void {
    const wanted = this.#headers;
    if (packet.extra !== undefined && wanted & HEADER.extra) {
      line.word(EXTRA);
      writeJsonValue(line, packet.extra);
    }
    if (packet.payloadLength !== ABSENT && wanted & HEADER.payload) {
      line.word(PAYLOAD);
      writeBase64(line, packet.bytes, packet.payloadOffset, packet.payloadLength);
    }
  }

  /** Writes the packet that an ICMP error quotes. */
  readonly #quote = (
    line: LineWriter,
    bytes: Uint8Array,
    at: number,
    end: number,
    version: 4 | 6,
  ): void => {
    const quoted = this.#quoted;
    quoted.reset(bytes, at, end, version);
    line.word(EMBEDDED);
    const start = line.at;
    endpoints(line, quoted, ENDPOINTS);
    this.#defect(line, defectOf(quoted));
    headers(line, quoted, -1, NO_QUOTE);
    endObject(line, start);
  };
}
