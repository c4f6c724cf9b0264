/**
 * The pure half of the NACCT output: encodes a flow as a line with tabs, byte for byte as ulogd's
 * plugin NACCT prints it: the counters are those of the reply, and values that are unknown are 0.
 */

import { DESTROY, INFERRED, IPV4_SIZE, type RawFlow } from "../../flow/raw_flow.ts";
import { ABSENT } from "../../packet/absent.ts";
import { IPPROTO_ICMP } from "../../packet/protocols.ts";
import { defineEncoders } from "../../record/define.ts";
import { type Encoder, NO_ROOM } from "../../record/encoder.ts";
import { LineWriter } from "../../text/line.ts";

const TAB = 0x09;
const NEWLINE = 0x0a;
/** The most bytes of a line: two IPv6 addresses, two counters of 16 digits, four numbers. */
const LINE_MAX = 256;

/** Encodes flows as ulogd's plugin NACCT prints them. */
export class NacctEncoder implements Encoder<RawFlow> {
  readonly #line = new LineWriter();

  /** Encodes a flow as one line. */
  encode(flow: RawFlow, out: Uint8Array, at: number): number {
    if (at + LINE_MAX > out.length) return NO_ROOM;
    const line = this.#line;
    line.out = out;
    line.at = at;
    const { bytes, original, reply } = flow;
    const { addressSize, protocol, source, destination } = original;
    const isIcmp = protocol === IPPROTO_ICMP;
    line.decimal(endOf(flow));
    writeNumber(line, protocol);
    writeAddress(line, bytes, source, addressSize);
    writeNumber(line, isIcmp ? original.icmpType : original.sourcePort);
    writeAddress(line, bytes, destination, addressSize);
    writeNumber(line, isIcmp ? original.icmpCode : original.destinationPort);
    writeNumber(line, reply.packets);
    writeNumber(line, reply.bytes);
    out[line.at++] = NEWLINE;
    return line.at - at;
  }
}

/** Returns the second of the end; 0 where the flow goes on. */
function endOf({ event, endSeconds, seconds, receivedSeconds }: RawFlow): number {
  if (event !== DESTROY && event !== INFERRED) return 0;
  if (endSeconds !== ABSENT) return endSeconds;
  return seconds === ABSENT ? receivedSeconds : seconds;
}

function writeNumber(line: LineWriter, value: number): void {
  line.out[line.at++] = TAB;
  line.decimal(Math.max(0, value));
}

function writeAddress(line: LineWriter, bytes: Uint8Array, at: number, size: number): void {
  line.out[line.at++] = TAB;
  if (size === IPV4_SIZE) line.ipv4(bytes, at);
  else line.ipv6(bytes, at);
}

/** Encoders of the NACCT output. */
export const nacctEncoders = defineEncoders<Record<string, never>>({
  flow: () => new NacctEncoder(),
});
