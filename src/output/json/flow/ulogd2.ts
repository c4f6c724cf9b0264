/** Flows as ulogd 2.0.8's plugins NFCT and JSON print them, byte for byte. */

import { IPV4_SIZE, type RawFlow } from "../../../flow/raw_flow.ts";
import { ABSENT } from "../../../packet/absent.ts";
import { type Encoder, NO_ROOM } from "../../../record/encoder.ts";
import { ascii, LineWriter } from "../../../text/line.ts";
import { type FlowKeyFormat, writeFlowKeys } from "../../ulogd/flow_keys.ts";
import type { Key } from "../../ulogd/key.ts";
import { SecondText } from "../../ulogd/second_text.ts";
import { timeText, zoneText } from "../ulogd2.ts";
import type { Ulogd2Options } from "../ulogd2_options.ts";
import { quotedText } from "../ulogd2_text.ts";

/** The most bytes of a line besides its head. */
const LINE_MAX = 1536;
const END = ascii("}\n");
const QUOTE = 0x22;

/** Encodes flows as ulogd's plugin JSON prints them. */
export class Ulogd2FlowEncoder implements Encoder<RawFlow> {
  readonly #format = new MemberFormat();
  readonly #time = new SecondText(timeText);
  readonly #zone = new SecondText(zoneText);
  readonly #hasTime: boolean;
  /** The line up to the time, and between the time and the keys. */
  readonly #start: Uint8Array;
  readonly #device: Uint8Array;

  /** Creates an encoder. */
  constructor({ timestamp, eventv1, device }: Ulogd2Options) {
    const version = eventv1 ? '"@version": 1, ' : "";
    const time = timestamp ? `"${eventv1 ? "@" : ""}timestamp": "` : "";
    this.#start = ascii(`{${version}${time}`);
    this.#device = ascii(`${timestamp ? '", ' : ""}"dvc": ${quotedText(device)}`);
    this.#hasTime = timestamp;
  }

  /** Encodes a flow as one line. */
  encode(flow: RawFlow, out: Uint8Array, at: number): number {
    const most = LINE_MAX + this.#start.length + this.#device.length;
    if (at + most > out.length) return NO_ROOM;
    const { line } = this.#format;
    line.out = out;
    line.at = at;
    line.text(this.#start);
    const seconds = flow.seconds === ABSENT ? flow.receivedSeconds : flow.seconds;
    if (this.#hasTime) {
      line.text(this.#time.at(seconds));
      line.text(this.#zone.at(seconds));
    }
    line.text(this.#device);
    writeFlowKeys(this.#format, flow);
    line.text(END);
    return line.at - at;
  }
}

/** Prints keys as members of an object. */
class MemberFormat implements FlowKeyFormat {
  readonly line = new LineWriter();

  number(key: Key, value: number): void {
    this.line.word(key.member);
    this.line.decimal(value);
  }

  /** Prints nothing, like the plugin. */
  pointer(): void {}

  /** Prints nothing, like the plugin. */
  binary(): void {}

  text(key: Key, bytes: Uint8Array, at: number, size: number): void {
    const { line } = this;
    line.word(key.member);
    line.out[line.at++] = QUOTE;
    if (size === IPV4_SIZE) line.ipv4(bytes, at);
    else line.ipv6(bytes, at);
    line.out[line.at++] = QUOTE;
  }
}
