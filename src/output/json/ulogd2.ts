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
import { isStamped } from "../ulogd/second_text.ts";
import { Ulogd2Head } from "./ulogd2_head.ts";
import type { Ulogd2Options } from "./ulogd2_options.ts";
import { isUtf8, quotedText } from "./ulogd2_text.ts";

const QUOTE = 0x22;
const END = ascii("}\n");
const ACTION = ascii(', "action": ');
const ALLOWED = ascii('"allowed"');
const BLOCKED = ascii('"blocked"');

/** Returns whether a packet is accepted; undefined if that is unknown. */
export type IsAllowed = (packet: RawPacket) => boolean | undefined;

/** Encodes lines as ulogd's plugin JSON prints them. */
export class Ulogd2JsonEncoder implements Encoder<RawPacket> {
  readonly #format: MemberFormat;
  readonly #keys: UlogdKeys;
  readonly #head: Ulogd2Head;
  readonly #isAllowed: IsAllowed;

  /**
   * Creates an encoder.
   *
   * @param options Options of the lines.
   * @param isAllowed Tells `action` of a packet; where it does not, the label does.
   */
  constructor(options: Ulogd2Options, isAllowed: IsAllowed = () => undefined) {
    this.#head = new Ulogd2Head(options, true);
    this.#isAllowed = isAllowed;
    this.#format = new MemberFormat(options.booleanLabel);
    const names = new InterfaceNames(({ name = "" }) => ascii(quotedText(name)));
    this.#keys = new UlogdKeys(options, this.#format, names, "last value at the first place");
  }

  /** Encodes a packet as one line. */
  encode(packet: RawPacket, out: Uint8Array, at: number): number {
    const most = this.#head.longest + this.#keys.begin(packet, JSON_ESCAPED_MAX) + END.length;
    if (at + most > out.length) return NO_ROOM;
    const { line } = this.#format;
    line.out = out;
    line.at = at;
    if (isStamped(packet)) this.#head.write(line, packet.seconds, packet.nanoseconds);
    else this.#head.write(line, packet.receivedSeconds, packet.receivedNanoseconds);
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
    const rest = ascii(`${fields.join("")}}\n`);
    if (at + this.#head.longest + rest.length > out.length) return NO_ROOM;
    const { line } = this.#format;
    line.out = out;
    line.at = at;
    this.#head.write(line, event.seconds, event.nanoseconds);
    line.text(rest);
    return line.at - at;
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
