/**
 * Lines of the Elastic Common Schema (https://www.elastic.co/guide/en/ecs/8.17/), with what it has
 * no field for under `nfscribe`.
 */

import { ABSENT } from "../../packet/absent.ts";
import { type Action, ACTIONS } from "../../packet/actions.ts";
import { readVlans } from "../../packet/ethernet.ts";
import { findLayers } from "../../packet/find_layers.ts";
import { originalLength } from "../../packet/ip.ts";
import type { Layers } from "../../packet/layers.ts";
import type { RawPacket } from "../../packet/raw_packet.ts";
import { timeText } from "../../packet/structured.ts";
import type { OutputEvent } from "../../record/encoder.ts";
import { writeJsonText, writeJsonValue } from "../../text/json.ts";
import { type LineWriter, Word } from "../../text/line.ts";
import { InterfaceNames } from "../interface_names.ts";
import { type Bits, bitsOf, chosenBits, ECS_FIELDS } from "./fields.ts";
import { directionAt, hookWord, INBOUND, KEYWORDS, nameWord } from "./named.ts";
import { endMember, endObject } from "./object.ts";
import type { PrinterOptions } from "./options.ts";
import {
  type Captured,
  destinationMac,
  type LinePrinter,
  membersWord,
  sourceMac,
  writeNumber,
} from "./printer.ts";
import { writeEndpoint } from "./endpoint.ts";
import { UtcTime } from "./time.ts";

/** Version of the schema. */
export const ECS_VERSION = "8.17.0";
/** Members of every event. */
export const MODULE: Readonly<Record<string, string>> = {
  dataset: "nfscribe.packet",
  module: "nfscribe",
  provider: "netfilter",
};

const BITS: Bits<typeof ECS_FIELDS[number]> = bitsOf(ECS_FIELDS);
export { BITS as ECS_BITS };

const TIME = new Word(',"@timestamp":');
const SEQUENCE = new Word(',"sequence":');
const OBSERVER = new Word(',"observer":{"type":"firewall","product":"nfscribe"');
const INGRESS = new Word(',"ingress":{"interface":{"name":');
const EGRESS = new Word(',"egress":{"interface":{"name":');
const INTERFACE_END = new Word("}}");
const END = new Word("}");
const SOURCE = new Word(',"source":');
const DESTINATION = new Word(',"destination":');
const MAC = new Word(',"mac":"');
const QUOTE = new Word('"');
const NETWORK = new Word(',"network":');
/** Types of networks by {@linkcode Layers.network}. */
const TYPES: Readonly<Record<number, Word>> = {
  3: new Word(',"type":"arp"'),
  4: new Word(',"type":"ipv4"'),
  6: new Word(',"type":"ipv6"'),
};
const INGRESS_SIDE = new Word(',"direction":"ingress"');
const EGRESS_SIDE = new Word(',"direction":"egress"');
const BYTES = new Word(',"bytes":');
const PACKETS = new Word(',"packets":1');
const VLAN = new Word(',"vlan":{"id":"');
const QUOTED_END = new Word('"}');
const HYPHEN = new Word("-");
const RULE = new Word(',"rule":{"name":');
const USER = new Word(',"user":');
const USER_ID = new Word(',"id":"');
const GROUP_ID = new Word(',"group":{"id":"');
const OWN = new Word(',"nfscribe":');
const HOOK = new Word(',"hook":');
const MARK = new Word(',"mark":');
const EXTRA = new Word(',"extra":');

/** Fields of the protocol that IP carries, by its number. */
export const TRANSPORTS: readonly Word[] = Array.from({ length: 256 }, (_, number) => {
  return membersWord({ transport: KEYWORDS[number], iana_number: String(number) });
});

/** Returns the event without its sequence number, by the action of its rule. */
function eventWord(action: Action | undefined): Word {
  const isDenied = action === "drop" || action === "reject";
  const outcome = isDenied ? "failure" : action === "accept" ? "success" : undefined;
  const type = isDenied ? ["denied"] : action === "accept" ? ["allowed"] : [];
  const event = {
    kind: "event",
    category: ["network"],
    type: ["connection", ...type],
    action,
    outcome,
    ...MODULE,
  };
  return new Word(`,"event":${JSON.stringify(event).slice(0, -1)}`);
}

const EVENTS = ACTIONS.map(eventWord);
const EVENT = eventWord(undefined);

/** Returns the field set of a host; none for an empty name. */
export function hostWord(name: string): Word {
  return membersWord(name === "" ? {} : { host: { name } });
}

/** Prints packets as events of the Elastic Common Schema. */
export class EcsPrinter implements LinePrinter<RawPacket> {
  readonly #time = new UtcTime();
  readonly #names = new InterfaceNames(nameWord);
  readonly #options: PrinterOptions;
  readonly #wanted: number;
  readonly #tags = new Uint32Array(1);
  readonly #ecs = membersWord({ ecs: { version: ECS_VERSION } });
  #host = new Word("");
  /** Source and run. */
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

  /** Writes a packet; every packet has a line. */
  print(line: LineWriter, packet: RawPacket): boolean {
    const layers = findLayers(packet);
    const wanted = this.#wanted;
    if (wanted & BITS["@timestamp"]) {
      line.word(TIME);
      this.#time.write(line, packet);
    }
    if (wanted & BITS.ecs) line.word(this.#ecs);
    if (wanted & BITS.event) event(line, packet);
    if (wanted & BITS.host) line.word(this.#host);
    if (wanted & BITS.observer) this.#observer(line, packet);
    if (wanted & BITS.source) {
      this.#endpoint(line, SOURCE, layers, sourceMac(packet), true);
    }
    if (wanted & BITS.destination) {
      this.#endpoint(line, DESTINATION, layers, destinationMac(packet), false);
    }
    if (wanted & BITS.network) this.#network(line, packet, layers);
    if (packet.prefixLength > 0 && wanted & BITS.rule) {
      line.word(RULE);
      writeJsonText(line, packet.bytes, packet.prefixOffset, packet.prefixLength);
      line.word(END);
    }
    if (wanted & BITS.user) user(line, packet);
    if (wanted & BITS.nfscribe) this.#own(line, packet);
    return true;
  }

  /** Returns a line that a filter script made. */
  event({ seconds, nanoseconds, fields }: OutputEvent): Readonly<Record<string, unknown>> {
    const { hostname, session } = this.#options;
    return {
      "@timestamp": timeText(seconds * 1e6 + Math.floor(nanoseconds / 1000)),
      ecs: { version: ECS_VERSION },
      event: { kind: "event", ...MODULE, dataset: "nfscribe.script" },
      host: hostname === "" ? undefined : { name: hostname },
      nfscribe: { session, fields: Object.fromEntries(fields) },
    };
  }

  #observer(line: LineWriter, { interfaces, inDev, outDev }: RawPacket): void {
    line.word(OBSERVER);
    if (inDev !== ABSENT) {
      line.word(INGRESS);
      line.word(this.#names.get(interfaces, inDev));
      line.word(INTERFACE_END);
    }
    if (outDev !== ABSENT) {
      line.word(EGRESS);
      line.word(this.#names.get(interfaces, outDev));
      line.word(INTERFACE_END);
    }
    line.word(END);
  }

  #endpoint(line: LineWriter, key: Word, layers: Layers, mac: number, isSource: boolean): void {
    line.word(key);
    const start = line.at;
    writeEndpoint(line, layers, isSource);
    if (mac !== ABSENT) {
      line.word(MAC);
      upperMac(line, layers.bytes, mac);
      line.word(QUOTE);
    }
    endMember(line, start, key);
  }

  #network(line: LineWriter, packet: RawPacket, layers: Layers): void {
    line.word(NETWORK);
    const start = line.at;
    const type = TYPES[layers.network];
    if (type !== undefined) line.word(type);
    if (layers.protocol !== ABSENT) line.word(TRANSPORTS[layers.protocol]!);
    const direction = directionAt(packet.family, packet.hook);
    if (direction !== 0) line.word(direction === INBOUND ? INGRESS_SIDE : EGRESS_SIDE);
    if (packet.payloadLength !== ABSENT) {
      line.word(BYTES);
      line.decimal(originalLength(packet));
    }
    line.word(PACKETS);
    if (readVlans(packet, this.#tags) > 0) {
      line.word(VLAN);
      line.decimal(this.#tags[0]! & 0xfff);
      line.word(QUOTED_END);
    }
    endObject(line, start);
  }

  /** Writes what the schema has no field for. */
  #own(line: LineWriter, packet: RawPacket): void {
    line.word(OWN);
    const start = line.at;
    line.word(this.#origin);
    const { family, hook } = packet;
    const name = hook === ABSENT ? undefined : hookWord(family, hook);
    if (name !== undefined) line.word(name);
    else writeNumber(line, HOOK, hook);
    writeNumber(line, MARK, packet.mark);
    if (packet.extra !== undefined) {
      line.word(EXTRA);
      writeJsonValue(line, packet.extra);
    }
    endObject(line, start);
  }
}

function event(line: LineWriter, packet: RawPacket): void {
  line.word(EVENTS[packet.actions.find(packet)] ?? EVENT);
  writeNumber(line, SEQUENCE, packet.seq);
  line.word(END);
}

/** Writes the owner of the local socket. */
function user(line: LineWriter, { uid, gid }: RawPacket): void {
  line.word(USER);
  const start = line.at;
  if (uid !== ABSENT) {
    line.word(USER_ID);
    line.decimal(uid);
    line.word(QUOTE);
  }
  if (gid !== ABSENT) {
    line.word(GROUP_ID);
    line.decimal(gid);
    line.word(QUOTED_END);
  }
  endMember(line, start, USER);
}

/** Writes an address as RFC 7042 does: `02-00-5E-10-00-01`. */
function upperMac(line: LineWriter, bytes: Uint8Array, at: number): void {
  for (let i = 0; i < 6; i++) {
    if (i > 0) line.word(HYPHEN);
    line.hexUpper(bytes[at + i]!);
  }
}
