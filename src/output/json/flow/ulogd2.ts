/** Flows as ulogd 2.0.8's plugins NFCT and JSON print them, byte for byte. */

import { IPV4_SIZE, type RawFlow } from "../../../flow/raw_flow.ts";
import { ABSENT } from "../../../packet/absent.ts";
import { type Encoder, NO_ROOM } from "../../../record/encoder.ts";
import { ascii, LineWriter } from "../../../text/line.ts";
import { type FlowKeyFormat, writeFlowKeys } from "../../ulogd/flow_keys.ts";
import type { Key } from "../../ulogd/key.ts";
import { Ulogd2Head } from "../ulogd2_head.ts";
import type { Ulogd2Options } from "../ulogd2_options.ts";

/** The most bytes of a line besides its head. */
const LINE_MAX = 1536;
const END = ascii("}\n");
const QUOTE = 0x22;

/** Encodes flows as ulogd's plugin JSON prints them. */
export class Ulogd2FlowEncoder implements Encoder<RawFlow> {
  readonly #format = new MemberFormat();
  readonly #head: Ulogd2Head;

  /** Creates an encoder. */
  constructor(options: Ulogd2Options) {
    this.#head = new Ulogd2Head(options, false);
  }

  /** Encodes a flow as one line. */
  encode(flow: RawFlow, out: Uint8Array, at: number): number {
    if (at + this.#head.longest + LINE_MAX > out.length) return NO_ROOM;
    const { line } = this.#format;
    line.out = out;
    line.at = at;
    this.#head.write(line, flow.seconds === ABSENT ? flow.receivedSeconds : flow.seconds, 0);
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
