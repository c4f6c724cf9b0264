/**
 * Lines of the Open Cybersecurity Schema Framework: Network Activity, class 4001
 * (https://schema.ocsf.io/1.7.0/classes/network_activity), with what it has no attribute for under
 * `unmapped`.
 */

import { ABSENT } from "../../packet/absent.ts";
import { type Action, ACTIONS } from "../../packet/actions.ts";
import { findLayers } from "../../packet/find_layers.ts";
import { originalLength } from "../../packet/ip.ts";
import type { Layers } from "../../packet/layers.ts";
import { ARP } from "../../packet/network_kind.ts";
import type { RawPacket } from "../../packet/raw_packet.ts";
import { KINDS, locate } from "../../packet/transport.ts";
import type { Timed } from "../../record/timed.ts";
import { writeJsonText, writeJsonValue } from "../../text/json.ts";
import { type LineWriter, Word } from "../../text/line.ts";
import { VERSION } from "../../version.ts";
import { InterfaceNames } from "../interface_names.ts";
import { hasAddresses, writeEndpoint } from "./endpoint.ts";
import { type Bits, bitsOf, chosenBits, OCSF_FIELDS } from "./fields.ts";
import { directionAt, hookWord, KEYWORDS, nameWord } from "./named.ts";
import { endObject } from "./object.ts";
import type { PrinterOptions } from "./options.ts";
import {
  type Captured,
  chosenText,
  destinationMac,
  type LinePrinter,
  membersWord,
  sourceMac,
  writeNumber,
} from "./printer.ts";
import { UtcTime } from "./time.ts";

/** Version of the schema. */
const OCSF_VERSION = "1.7.0";
/** Identifiers of the class and of its category. */
const [CLASS, CATEGORY] = [4001, 4] as const;
/** Activity "Traffic". */
export const TRAFFIC_ACTIVITY = 6;
/** Severity "Informational". */
const INFORMATIONAL = 1;
/** Type of device "Firewall". */
const FIREWALL = 9;

const BITS: Bits<typeof OCSF_FIELDS[number]> = bitsOf(OCSF_FIELDS);
export { BITS as OCSF_BITS };

/** Actions and dispositions of the profile "security_control". */
const OUTCOMES: Readonly<Record<Action, readonly [action: number, disposition: number]>> = {
  drop: [2, 6],
  reject: [2, 25],
  accept: [1, 1],
  log: [3, 17],
};

const TIME = new Word(',"time":');
const ORIGINAL_TIME = new Word(',"original_time":');
const METADATA = new Word(',"metadata":');
const SEQUENCE = new Word(',"sequence":');
const SOURCE = new Word(',"src_endpoint":');
const DESTINATION = new Word(',"dst_endpoint":');
const MAC = new Word(',"mac":"');
const QUOTE = new Word('"');
const END = new Word("}");
const CONNECTION = new Word(',"connection_info":{"direction_id":');
const TCP_FLAGS = new Word(',"tcp_flags":');
const TRAFFIC = new Word(',"traffic":{"packets":1');
const BYTES = new Word(',"bytes":');
const RULE = new Word(',"firewall_rule":{"name":');
const ACTION = new Word(',"action_id":');
const DISPOSITION = new Word(',"disposition_id":');
const UNMAPPED = new Word(',"unmapped":');
const IN = new Word(',"in":');
const OUT = new Word(',"out":');
const HOOK = new Word(',"hook":');
const MARK = new Word(',"mark":');
const UID = new Word(',"uid":');
const GID = new Word(',"gid":');
const EXTRA = new Word(',"extra":');

/** Attributes of the protocol that IP carries, by its number. */
export const PROTOCOLS: readonly Word[] = Array.from({ length: 256 }, (_, number) => {
  return membersWord({ protocol_num: number, protocol_name: KEYWORDS[number] });
});
/** Attributes of the version of IP. */
export const VERSIONS: Readonly<Record<number, Word>> = {
  4: new Word(',"protocol_ver_id":4'),
  6: new Word(',"protocol_ver_id":6'),
};

/** Returns the attributes that classify an activity. */
export function classMembers(activity: number): Readonly<Record<string, number>> {
  return {
    class_uid: CLASS,
    category_uid: CATEGORY,
    activity_id: activity,
    type_uid: CLASS * 100 + activity,
    severity_id: INFORMATIONAL,
  };
}

/** Returns the attribute of the host that logged. */
export function deviceMember(hostname: string): Readonly<Record<string, unknown>> {
  return { device: { hostname: hostname || undefined, type_id: FIREWALL } };
}

/** Returns the attributes of the metadata of a source's events. */
export function metadataOf(
  capture: string,
  profiles: readonly string[],
): Readonly<Record<string, unknown>> {
  return {
    version: OCSF_VERSION,
    product: { name: "nfscribe", vendor_name: "nfscribe", version: VERSION },
    profiles,
    log_name: capture || undefined,
  };
}

/** Prints packets as Network Activity. */
export class OcsfPrinter implements LinePrinter<RawPacket> {
  readonly #time = new UtcTime();
  readonly #names = new InterfaceNames(nameWord);
  readonly #options: PrinterOptions;
  readonly #wanted: number;
  readonly #class: Word;
  #device = new Word("");
  /** The metadata without its end. */
  #metadata = new Word("");
  #session = new Word("");

  /** Creates a printer. */
  constructor(options: PrinterOptions) {
    const { fields } = options;
    this.#options = options;
    this.#wanted = chosenBits(BITS, fields);
    this.#class = new Word(chosenText(classMembers(TRAFFIC_ACTIVITY), fields));
  }

  /** Prepares device and metadata. */
  begin({ host, session, capture }: Captured): void {
    const { fields, hostname, session: own } = this.#options;
    this.#session = membersWord({ session: session || own });
    this.#device = new Word(chosenText(deviceMember(host || hostname), fields));
    this.#metadata = membersWord(metadataOf(capture, ["host", "security_control"]));
  }

  /** Writes a packet; the class has a place only for those with IP addresses. */
  print(line: LineWriter, packet: RawPacket): boolean {
    const layers = findLayers(packet);
    if (!hasAddresses(layers)) return false;
    const wanted = this.#wanted;
    if (wanted & BITS.time) writeTime(line, packet);
    line.word(this.#class);
    if (wanted & BITS.metadata) this.#writeMetadata(line, packet);
    line.word(this.#device);
    if (wanted & BITS.src_endpoint) endpoint(line, SOURCE, layers, sourceMac(packet), true);
    if (wanted & BITS.dst_endpoint) {
      endpoint(line, DESTINATION, layers, destinationMac(packet), false);
    }
    if (wanted & BITS.connection_info) connection(line, packet, layers);
    if (wanted & BITS.traffic) traffic(line, packet);
    if (packet.prefixLength > 0 && wanted & BITS.firewall_rule) {
      line.word(RULE);
      writeJsonText(line, packet.bytes, packet.prefixOffset, packet.prefixLength);
      line.word(END);
    }
    this.#outcome(line, packet);
    if (wanted & BITS.unmapped) this.#unmapped(line, packet);
    return true;
  }

  #writeMetadata(line: LineWriter, packet: RawPacket): void {
    line.word(METADATA);
    const start = line.at;
    line.word(this.#metadata);
    line.word(ORIGINAL_TIME);
    this.#time.write(line, packet);
    writeNumber(line, SEQUENCE, packet.seq);
    endObject(line, start);
  }

  #outcome(line: LineWriter, packet: RawPacket): void {
    const found = packet.actions.find(packet);
    if (found === ABSENT) return;
    const [action, disposition] = OUTCOMES[ACTIONS[found]!];
    if (this.#wanted & BITS.action_id) writeNumber(line, ACTION, action);
    if (this.#wanted & BITS.disposition_id) writeNumber(line, DISPOSITION, disposition);
  }

  /** Writes what the class has no attribute for. */
  #unmapped(line: LineWriter, packet: RawPacket): void {
    line.word(UNMAPPED);
    const start = line.at;
    const { family, hook } = packet;
    line.word(this.#session);
    const name = hook === ABSENT ? undefined : hookWord(family, hook);
    if (name !== undefined) line.word(name);
    else writeNumber(line, HOOK, hook);
    this.#name(line, IN, packet, packet.inDev);
    this.#name(line, OUT, packet, packet.outDev);
    writeNumber(line, MARK, packet.mark);
    writeNumber(line, UID, packet.uid);
    writeNumber(line, GID, packet.gid);
    if (packet.extra !== undefined) {
      line.word(EXTRA);
      writeJsonValue(line, packet.extra);
    }
    endObject(line, start);
  }

  #name(line: LineWriter, key: Word, { interfaces }: RawPacket, index: number): void {
    if (index === ABSENT) return;
    line.word(key);
    line.word(this.#names.get(interfaces, index));
  }
}

/** Writes the kernel's timestamp of a record, else the time of receipt. */
export function writeTime(line: LineWriter, record: Timed): void {
  if (record.seconds !== ABSENT) writeMilliseconds(line, TIME, record.seconds, record.nanoseconds);
  else writeMilliseconds(line, TIME, record.receivedSeconds, record.receivedNanoseconds);
}

/** Writes a time in milliseconds since the Unix epoch. */
export function writeMilliseconds(
  line: LineWriter,
  key: Word,
  seconds: number,
  nanoseconds: number,
): void {
  line.word(key);
  line.decimal(Math.min(seconds * 1000 + Math.floor(nanoseconds / 1e6), Number.MAX_SAFE_INTEGER));
}

function endpoint(
  line: LineWriter,
  key: Word,
  layers: Layers,
  mac: number,
  isSource: boolean,
): void {
  line.word(key);
  const start = line.at;
  writeEndpoint(line, layers, isSource);
  if (mac !== ABSENT) {
    line.word(MAC);
    line.hardware(layers.bytes, mac, 6);
    line.word(QUOTE);
  }
  endObject(line, start);
}

function connection(line: LineWriter, packet: RawPacket, layers: Layers): void {
  line.word(CONNECTION);
  line.small(directionAt(packet.family, packet.hook));
  if (layers.network !== ARP) {
    line.word(VERSIONS[layers.network]!);
    line.word(PROTOCOLS[layers.protocol]!);
    const tcp = locate(layers, KINDS.tcp);
    if (tcp !== ABSENT) writeNumber(line, TCP_FLAGS, layers.bytes[tcp + 13]!);
  }
  line.word(END);
}

function traffic(line: LineWriter, packet: RawPacket): void {
  line.word(TRAFFIC);
  if (packet.payloadLength !== ABSENT) writeNumber(line, BYTES, originalLength(packet));
  line.word(END);
}
