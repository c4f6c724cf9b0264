/**
 * The pure half of the syslog output: encodes a packet as a message with a newline at its end, which
 * the writer takes off or replaces by a length.
 */

import { ABSENT } from "../../packet/absent.ts";
import type { RawPacket } from "../../packet/raw_packet.ts";
import { defineEncoders } from "../../record/define.ts";
import { type Encoder, NO_ROOM, type OutputEvent, UNFIT } from "../../record/encoder.ts";
import { ascii, LineWriter } from "../../text/line.ts";
import { pairText } from "../../text/pair.ts";
import { NAME_MAX, nameBytes } from "../../text/utf8.ts";
import { InterfaceNames } from "../interface_names.ts";
import { LineHead, shortName } from "../lines/head.ts";
import type { DialectOptions } from "../lines/options.ts";
import { PacketLine } from "../lines/packet_line.ts";

/** Options of the messages. */
export interface MessageOptions extends DialectOptions {
  /** Form of the messages. */
  format: "rfc5424" | "rfc3164";
  /** Number of the facility. */
  facility: number;
  /** Number of the severity; undefined to choose it by the packet's action. */
  severity?: number;
  /** Name of the program. */
  appName: string;
  /** Name of the host; undefined to leave it out, as on a local socket (RFC 3164 section 4.1). */
  hostname?: string;
  /** Whether messages have structured data. */
  structuredData: boolean;
}

const NEWLINE = 0x0a;
/** Severities by the place of an action in ACTIONS: drop, reject, accept, log. */
const BY_ACTION = [4, 4, 6, 6] as const;
const NOTICE = 5;

/** Beginning and end of structured data; 32473 is the number for examples (RFC 5612). */
const ELEMENT = "[nfscribe@32473";
/** The most bytes of structured data besides the prefix and names. */
const DATA_MAX = 128;
/** The most bytes that a byte of a prefix takes. */
const PREFIX_BYTE_MAX = 4;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const BRACKET = 0x5d;

/** Encodes messages. */
export class SyslogEncoder implements Encoder<RawPacket> {
  readonly #line = new LineWriter();
  readonly #body: PacketLine;
  readonly #head: LineHead;
  /** `<PRI>` by severity, with the version of RFC 5424. */
  readonly #priorities: readonly Uint8Array[];
  readonly #severity: number | undefined;
  readonly #data: StructuredData | undefined;

  /** Creates an encoder. */
  constructor(options: MessageOptions) {
    const { format, facility, severity, appName, hostname, structuredData } = options;
    const isNew = format === "rfc5424";
    this.#body = new PacketLine(options);
    this.#severity = severity;
    this.#priorities = Array.from(
      { length: 8 },
      (_, level) => ascii(`<${facility * 8 + level}>${isNew ? "1 " : ""}`),
    );
    const host = hostname === undefined ? "" : ` ${isNew ? hostname : shortName(hostname)}`;
    this.#head = isNew
      // PROCID is NILVALUE: a restarted process is the same logger.
      ? new LineHead("rfc3339", ` ${hostname ?? "-"} ${appName} - packet `)
      : new LineHead("syslog", `${host} ${appName}: `);
    this.#data = isNew ? new StructuredData(structuredData) : undefined;
  }

  /** Encodes a packet; a packet for which the dialect has no line is unfit. */
  encode(packet: RawPacket, out: Uint8Array, at: number): number {
    const room = 16 + this.#head.longest + this.#body.roomFor(packet) +
      (this.#data?.roomFor(packet) ?? 0);
    if (at + room > out.length) return NO_ROOM;
    const line = this.#line;
    line.out = out;
    line.at = at;
    line.text(this.#priorities[this.#severityOf(packet)]!);
    this.#head.write(line, packet);
    this.#data?.write(line, packet);
    if (!this.#body.print(line, packet)) return UNFIT;
    out[line.at++] = NEWLINE;
    return line.at - at;
  }

  /** Encodes `NAME=value` pairs; characters that would break a message are escaped. */
  encodeEvent(event: OutputEvent, out: Uint8Array, at: number): number {
    const text = ascii(`${event.fields.map(pairText).join(" ")}\n`);
    if (at + 16 + this.#head.longest + DATA_MAX + text.length > out.length) return NO_ROOM;
    const line = this.#line;
    line.out = out;
    line.at = at;
    line.text(this.#priorities[this.#severity ?? NOTICE]!);
    this.#head.writeAt(line, event.seconds, event.nanoseconds);
    if (this.#data !== undefined) line.text(NO_DATA);
    line.text(text);
    return line.at - at;
  }

  #severityOf(packet: RawPacket): number {
    if (this.#severity !== undefined) return this.#severity;
    const action = packet.actions.find(packet);
    return action === ABSENT ? NOTICE : BY_ACTION[action]!;
  }
}

const NO_DATA = ascii("- ");
const PREFIX = ascii(`${ELEMENT} prefix="`);
const IN = ascii('" in="');
const OUT = ascii('" out="');
const END = ascii('"] ');

/** Writes structured data (RFC 5424 section 6.3): an element, or NILVALUE. */
class StructuredData {
  readonly #isWritten: boolean;
  readonly #names = new InterfaceNames(({ name, index }) => nameBytes(name ?? String(index)));

  constructor(isWritten: boolean) {
    this.#isWritten = isWritten;
  }

  roomFor({ prefixLength }: RawPacket): number {
    if (!this.#isWritten) return NO_DATA.length;
    return DATA_MAX + Math.max(0, prefixLength) * PREFIX_BYTE_MAX + 4 * NAME_MAX;
  }

  write(line: LineWriter, packet: RawPacket): void {
    if (!this.#isWritten) return line.text(NO_DATA);
    line.text(PREFIX);
    const from = line.at;
    if (packet.prefixLength > 0) {
      line.prefix(packet.bytes, packet.prefixOffset, packet.prefixLength);
      escapeValue(line, from);
    }
    line.text(IN);
    this.#name(line, packet, packet.inDev);
    line.text(OUT);
    this.#name(line, packet, packet.outDev);
    line.text(END);
  }

  #name(line: LineWriter, { interfaces }: RawPacket, index: number): void {
    if (index === ABSENT) return;
    const from = line.at;
    line.text(this.#names.get(interfaces, index));
    escapeValue(line, from);
  }
}

/** Writes a backslash before each `"`, `\` and `]` of a value (RFC 5424 section 6.3.3). */
function escapeValue(line: LineWriter, from: number): void {
  const { out } = line;
  let extra = 0;
  for (let at = from; at < line.at; at++) if (isSpecial(out[at]!)) extra++;
  if (extra === 0) return;
  let to = line.at + extra;
  for (let at = line.at - 1; at >= from; at--) {
    const byte = out[at]!;
    out[--to] = byte;
    if (isSpecial(byte)) out[--to] = BACKSLASH;
  }
  line.at += extra;
}

function isSpecial(byte: number): boolean {
  return byte === QUOTE || byte === BACKSLASH || byte === BRACKET;
}

/** Encoders of the syslog output. */
export const syslogEncoders = defineEncoders<MessageOptions>({
  packet: (options) => new SyslogEncoder(options),
});
