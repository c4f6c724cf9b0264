/**
 * Lines of the structured form: byte for byte the JSON of `packet.toJSON()`, with characters
 * escaped that act on a terminal.
 */

import { readBe16 } from "../../bytes/memory.ts";
import { ABSENT } from "../../packet/absent.ts";
import { ACTIONS } from "../../packet/actions.ts";
import { ethernetAt } from "../../packet/ethernet.ts";
import { originalLength } from "../../packet/ip.ts";
import { type Defect, Layers } from "../../packet/layers.ts";
import { ARP } from "../../packet/network_kind.ts";
import type { RawPacket } from "../../packet/raw_packet.ts";
import { STRUCTURED_VERSION, timeText } from "../../packet/structured.ts";
import { defectOf, portsAt } from "../../packet/transport.ts";
import type { OutputEvent } from "../../record/encoder.ts";
import { writeBase64, writeJsonText, writeJsonValue } from "../../text/json.ts";
import { type LineWriter, Word } from "../../text/line.ts";
import { InterfaceNames } from "../interface_names.ts";
import { chosenBits, HEADER, TOP } from "./fields.ts";
import { headers } from "./headers.ts";
import { defectWord, hookWord, nameWord, protocolWord } from "./named.ts";
import { address, arpAddress, ethernet } from "./network.ts";
import { endObject } from "./object.ts";
import type { PrinterOptions } from "./options.ts";
import { type LinePrinter, membersWord, writeNumber } from "./printer.ts";
import { UtcTime } from "./time.ts";
import { VlanWriter } from "./vlan.ts";

const TIME = new Word(',"time":');
const SEQ = new Word(',"seq":');
const PREFIX = new Word(',"prefix":');
const ACTION_WORDS = ACTIONS.map((action) => new Word(`,"action":"${action}"`));
const HOOK = new Word(',"hook":');
const IN = new Word(',"in":');
const OUT = new Word(',"out":');
const PHYS_IN = new Word(',"physIn":');
const PHYS_OUT = new Word(',"physOut":');
const MARK = new Word(',"mark":');
const UID = new Word(',"uid":');
const GID = new Word(',"gid":');
const SOURCE = new Word(',"source":"');
const SOURCE_PORT = new Word(',"sourcePort":');
const DESTINATION = new Word(',"destination":"');
const DESTINATION_PORT = new Word(',"destinationPort":');
const QUOTE = new Word('"');
const LENGTH = new Word(',"length":');
const CAPTURED = new Word(',"captured":');
const ETHER_TYPE = new Word(',"etherType":');
const EXTRA = new Word(',"extra":');
const PAYLOAD = new Word(',"payload":');
const EMBEDDED = new Word(',"embedded":');
const ARP_PROTOCOL = new Word(',"protocol":"ARP"');

const ENDPOINTS = TOP.source | TOP.sourcePort | TOP.destination | TOP.destinationPort |
  TOP.protocol;

/** Embedded packets quote no further ones. */
const NO_QUOTE = () => {};

/** Prints packets in the structured form. */
export class NfscribePrinter implements LinePrinter {
  readonly #time = new UtcTime();
  readonly #names = new InterfaceNames(nameWord);
  readonly #vlans = new VlanWriter();
  readonly #options: PrinterOptions;
  /** Bits of the chosen fields. */
  readonly #top: number;
  readonly #headers: number;
  /** `type` and `version`; `host`, `capture` and `session` of the current source. */
  readonly #kind: Word;
  #origin = new Word("");
  /** Headers of the packet that an ICMP error quotes. */
  readonly #quoted = new Layers(new Uint8Array(0), 0, 0, 0);

  /** Creates a printer. */
  constructor(options: PrinterOptions) {
    const { fields, payload } = options;
    this.#options = options;
    this.#top = chosenBits(TOP, fields);
    this.#headers = chosenBits(HEADER, fields) & (payload ? -1 : ~HEADER.payload);
    this.#kind = this.#chosen({ type: "packet", version: STRUCTURED_VERSION });
  }

  /** Prepares `host`, `capture` and `session`. */
  begin(capture: string): void {
    const { hostname, session } = this.#options;
    this.#origin = this.#chosen({
      host: hostname || undefined,
      capture: capture || undefined,
      session,
    });
  }

  /** Writes a packet; every packet has a line. */
  print(line: LineWriter, packet: RawPacket, layers: Layers): boolean {
    this.#head(line, packet);
    this.#endpoints(line, layers, this.#top);
    this.#figures(line, packet, layers);
    this.#link(line, packet);
    headers(line, layers, this.#headers, this.#quote);
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

  #chosen(members: Readonly<Record<string, unknown>>): Word {
    const { fields } = this.#options;
    const chosen = Object.entries(members).filter(([name]) => fields?.includes(name) ?? true);
    return membersWord(Object.fromEntries(chosen));
  }

  /** Writes what precedes the addresses. */
  #head(line: LineWriter, packet: RawPacket): void {
    const top = this.#top;
    line.word(this.#kind);
    if (top & TOP.time) {
      line.word(TIME);
      this.#time.write(line, packet);
    }
    line.word(this.#origin);
    if (top & TOP.seq) writeNumber(line, SEQ, packet.seq);
    if (packet.prefixLength > 0 && top & TOP.prefix) {
      line.word(PREFIX);
      writeJsonText(line, packet.bytes, packet.prefixOffset, packet.prefixLength);
    }
    if (top & TOP.action) {
      const action = packet.actions.find(packet);
      if (action !== ABSENT) line.word(ACTION_WORDS[action]!);
    }
    if (packet.hook !== ABSENT && top & TOP.hook) this.#hook(line, packet);
    if (top & TOP.in) this.#device(line, IN, packet, packet.inDev);
    if (top & TOP.out) this.#device(line, OUT, packet, packet.outDev);
    if (top & TOP.physIn) this.#device(line, PHYS_IN, packet, packet.physInDev);
    if (top & TOP.physOut) this.#device(line, PHYS_OUT, packet, packet.physOutDev);
    if (top & TOP.mark) writeNumber(line, MARK, packet.mark);
    if (top & TOP.uid) writeNumber(line, UID, packet.uid);
    if (top & TOP.gid) writeNumber(line, GID, packet.gid);
  }

  #hook(line: LineWriter, { family, hook }: RawPacket): void {
    const word = hookWord(family, hook);
    if (word === undefined) writeNumber(line, HOOK, hook);
    else line.word(word);
  }

  #device(line: LineWriter, key: Word, { interfaces }: RawPacket, index: number): void {
    if (index === ABSENT) return;
    line.word(key);
    line.word(this.#names.get(interfaces, index));
  }

  /** Writes addresses, ports and protocol of a packet, or of one that is quoted. */
  #endpoints(line: LineWriter, layers: Layers, top: number): void {
    const { bytes, network, protocol } = layers;
    const ports = portsAt(layers);
    if (top & TOP.source && network !== 0) {
      line.word(SOURCE);
      if (network === ARP) arpAddress(line, bytes, layers.at, bytes[layers.at + 4]!);
      else address(line, layers, 12, 8);
      line.word(QUOTE);
    }
    if (top & TOP.sourcePort && ports !== ABSENT) {
      writeNumber(line, SOURCE_PORT, readBe16(bytes, ports));
    }
    if (top & TOP.destination && network !== 0) {
      line.word(DESTINATION);
      if (network === ARP) {
        const offset = 2 * bytes[layers.at + 4]! + bytes[layers.at + 5]!;
        arpAddress(line, bytes, layers.at, offset);
      } else address(line, layers, 16, 24);
      line.word(QUOTE);
    }
    if (top & TOP.destinationPort && ports !== ABSENT) {
      writeNumber(line, DESTINATION_PORT, readBe16(bytes, ports + 2));
    }
    if (top & TOP.protocol) {
      if (network === ARP) line.word(ARP_PROTOCOL);
      else if (protocol !== ABSENT) line.word(protocolWord(protocol));
    }
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
    if (defect !== undefined) line.word(defectWord(defect));
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
    this.#endpoints(line, quoted, ENDPOINTS);
    this.#defect(line, defectOf(quoted));
    headers(line, quoted, -1, NO_QUOTE);
    endObject(line, start);
  };
}
