/**
 * JSON as ulogd 2.0.8's plugin JSON prints it with the jansson library, byte for byte: the keys in
 * the order in which they are set, a blank after each colon and comma.
 */

import type { RawPacket } from "../../packet/raw_packet.ts";
import { type Encoder, NO_ROOM, type OutputEvent } from "../../record/encoder.ts";
import { JSON_ESCAPED_MAX, UPPER_DIGITS, writeJsonText } from "../../text/json.ts";
import { ascii, LineWriter } from "../../text/line.ts";
import { InterfaceNames } from "../interface_names.ts";
import type { Key, KeyFormat } from "../ulogd/key.ts";
import { RAW_LABEL, UlogdKeys } from "../ulogd/keys.ts";
import { isStamped, SecondText, two } from "../ulogd/second_text.ts";
import type { Ulogd2Options } from "./ulogd2_options.ts";
import { isUtf8, quotedText } from "./ulogd2_text.ts";

const QUOTE = 0x22;
const END = ascii("}\n");
const ACTION = ascii(', "action": ');
const ALLOWED = ascii('"allowed"');
const BLOCKED = ascii('"blocked"');
/** The most bytes of a timestamp with its zone. */
const TIME_MAX = 40;

/** Returns whether a packet is accepted; undefined if that is unknown. */
export type IsAllowed = (packet: RawPacket) => boolean | undefined;

/** Encodes lines as ulogd's plugin JSON prints them. */
export class Ulogd2JsonEncoder implements Encoder<RawPacket> {
  readonly #format: MemberFormat;
  readonly #keys: UlogdKeys;
  readonly #time = new SecondText(preciseText);
  readonly #zone = new SecondText(zoneText);
  readonly #hasTime: boolean;
  readonly #isAllowed: IsAllowed;
  /** The line up to the time. */
  readonly #start: Uint8Array;
  /** The line between the time and the keys. */
  readonly #device: Uint8Array;

  /**
   * Creates an encoder.
   *
   * @param options Options of the lines.
   * @param isAllowed Tells `action` of a packet; where it does not, the label does.
   */
  constructor(options: Ulogd2Options, isAllowed: IsAllowed = () => undefined) {
    const { timestamp, eventv1, device, booleanLabel } = options;
    const version = eventv1 ? '"@version": 1, ' : "";
    const time = timestamp ? `"${eventv1 ? "@" : ""}timestamp": "` : "";
    this.#start = ascii(`{${version}${time}`);
    this.#device = ascii(`${timestamp ? '", ' : ""}"dvc": ${quotedText(device)}`);
    this.#hasTime = timestamp;
    this.#isAllowed = isAllowed;
    this.#format = new MemberFormat(booleanLabel);
    const names = new InterfaceNames(({ name = "" }) => ascii(quotedText(name)));
    this.#keys = new UlogdKeys(options, this.#format, names, "last value at the first place");
  }

  /** Encodes a packet as one line. */
  encode(packet: RawPacket, out: Uint8Array, at: number): number {
    const most = this.#longestHead + this.#keys.begin(packet, JSON_ESCAPED_MAX);
    if (at + most > out.length) return NO_ROOM;
    const { line } = this.#format;
    line.out = out;
    line.at = at;
    if (isStamped(packet)) this.#head(packet.seconds, packet.nanoseconds);
    else this.#head(packet.receivedSeconds, packet.receivedNanoseconds);
    this.#format.isAllowed = this.#isAllowed(packet);
    this.#keys.write(packet);
    line.text(END);
    return line.at - at;
  }

  /** Encodes the line of a filter script as a JSON object; its fields follow `dvc`. */
  encodeEvent(event: OutputEvent, out: Uint8Array, at: number): number {
    const fields = event.fields.map(([name, value]) =>
      `, ${quotedText(name)}: ${quotedText(value)}`
    );
    const members = ascii(fields.join(""));
    if (at + this.#longestHead + members.length > out.length) return NO_ROOM;
    const { line } = this.#format;
    line.out = out;
    line.at = at;
    this.#head(event.seconds, event.nanoseconds);
    line.text(members);
    line.text(END);
    return line.at - at;
  }

  get #longestHead(): number {
    return this.#start.length + TIME_MAX + this.#device.length + END.length;
  }

  /** Writes the beginning of a line, up to the keys. */
  #head(seconds: number, nanoseconds: number): void {
    const { line } = this.#format;
    line.text(this.#start);
    if (this.#hasTime) {
      line.text(this.#time.at(seconds));
      line.padded((nanoseconds / 1000) | 0, 6);
      line.text(this.#zone.at(seconds));
    }
    line.text(this.#device);
  }
}

/** Prints keys as members of an object. */
class MemberFormat implements KeyFormat {
  readonly line = new LineWriter();
  /** Whether the packet is accepted; undefined if that is unknown. */
  isAllowed: boolean | undefined;
  readonly #hasAction: boolean;

  /** Creates a format, with or without `action` in place of the label. */
  constructor(hasAction: boolean) {
    this.#hasAction = hasAction;
  }

  number(key: Key, value: number): void {
    const { line } = this;
    if (key === RAW_LABEL && this.#hasAction) {
      line.text(ACTION);
      line.text(this.isAllowed ?? value !== 0 ? ALLOWED : BLOCKED);
      return;
    }
    line.word(key.member);
    line.decimal(value);
  }

  /** Prints nothing, like the plugin. */
  pointer(): void {}

  /** Prints nothing, like the plugin. */
  address(): void {}

  /** Prints a rule's prefix; like the plugin, nothing if it is not UTF-8. */
  prefix(key: Key, bytes: Uint8Array, at: number, length: number): void {
    if (!isUtf8(bytes, at, length)) return;
    const { line } = this;
    line.word(key.member);
    writeJsonText(line, bytes, at, length, UPPER_DIGITS);
  }

  name(key: Key, name: Uint8Array): void {
    this.line.word(key.member);
    this.line.text(name);
  }

  ipv4(key: Key, bytes: Uint8Array, at: number): void {
    this.#open(key);
    this.line.ipv4(bytes, at);
    this.#close();
  }

  ipv6(key: Key, bytes: Uint8Array, at: number): void {
    this.#open(key);
    this.line.ipv6(bytes, at);
    this.#close();
  }

  hardware(key: Key, bytes: Uint8Array, at: number, length: number): void {
    this.#open(key);
    this.line.hardware(bytes, at, length);
    this.#close();
  }

  #open(key: Key): void {
    const { line } = this;
    line.word(key.member);
    line.out[line.at++] = QUOTE;
  }

  #close(): void {
    const { line } = this;
    line.out[line.at++] = QUOTE;
  }
}

/** Formats local time to the second; for packets a fraction follows the dot. */
function preciseText(date: Date): string {
  return `${timeText(date)}.`;
}

/** Formats local time to the second. */
export function timeText(date: Date): string {
  const year = String(date.getFullYear()).padStart(4, "0");
  const day = `${year}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** Formats the zone as `+0200`; like ulogd, as nothing where it is that of UTC. */
export function zoneText(date: Date): string {
  const offset = -date.getTimezoneOffset();
  if (offset === 0) return "";
  const minutes = Math.abs(offset);
  const sign = offset < 0 ? "-" : "+";
  return `${sign}${two(Math.floor(minutes / 60))}${two(minutes % 60)}`;
}
