/** Flows as ulogd 2.0.8's plugins NFCT and JSON print them, byte for byte. */

import {
  DESTROY,
  INFERRED,
  IPV4_SIZE,
  NEW,
  type RawFlow,
  type RawTuple,
} from "../../../flow/raw_flow.ts";
import { ABSENT } from "../../../packet/absent.ts";
import { IPPROTO_ICMP } from "../../../packet/protocols.ts";
import { type Encoder, NO_ROOM } from "../../../record/encoder.ts";
import { ascii, LineWriter, type Word } from "../../../text/line.ts";
import { Key } from "../../ulogd/key.ts";
import { SecondText } from "../../ulogd/second_text.ts";
import { timeText, zoneText } from "../ulogd2.ts";
import type { Ulogd2Options } from "../ulogd2_options.ts";
import { quotedText } from "../ulogd2_text.ts";

/** The most bytes of a line besides its head. */
const LINE_MAX = 1536;
const END = ascii("}\n");
const QUOTE = 0x22;
const [NFPROTO_IPV4, NFPROTO_IPV6] = [2, 10];

const word = (name: string, commonName?: string) => new Key(name, commonName).member;

/** Keys of a direction. */
interface DirectionWords {
  protocol: Word;
  sourcePort: Word;
  destinationPort: Word;
  bytes: Word;
  packets: Word;
}

const wordsOf = (direction: string): DirectionWords => ({
  protocol: word(`${direction}.ip.protocol`),
  sourcePort: word(`${direction}.l4.sport`),
  destinationPort: word(`${direction}.l4.dport`),
  bytes: word(`${direction}.raw.pktlen`),
  packets: word(`${direction}.raw.pktcount`),
});

const ORIGINAL = wordsOf("orig");
const REPLY = wordsOf("reply");
const ICMP_CODE = word("icmp.code");
const ICMP_TYPE = word("icmp.type");
const MARK = word("ct.mark");
const ID = word("ct.id");
const EVENT = word("ct.event");
const START_SECONDS = word("flow.start.sec");
const START_MICROSECONDS = word("flow.start.usec");
const END_SECONDS = word("flow.end.sec");
const END_MICROSECONDS = word("flow.end.usec");
const FAMILY = word("oob.family");
const PROTOCOL = word("oob.protocol");
const SOURCE = word("orig.ip.saddr.str", "src_ip");
const DESTINATION = word("orig.ip.daddr.str", "dest_ip");
const REPLY_SOURCE = word("reply.ip.saddr.str");
const REPLY_DESTINATION = word("reply.ip.daddr.str");

/** ulogd's numbers of events, by ours; a flow that goes on is one that was updated. */
const EVENT_NUMBERS = [1, 2, 4, 2, 4] as const;

/** Encodes flows as ulogd's plugin JSON prints them. */
export class Ulogd2FlowEncoder implements Encoder<RawFlow> {
  readonly #line = new LineWriter();
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
    const line = this.#line;
    line.out = out;
    line.at = at;
    line.text(this.#start);
    const seconds = flow.seconds === ABSENT ? flow.receivedSeconds : flow.seconds;
    if (this.#hasTime) {
      line.text(this.#time.at(seconds));
      line.text(this.#zone.at(seconds));
    }
    line.text(this.#device);
    writeKeys(line, flow);
    line.text(END);
    return line.at - at;
  }
}

function writeKeys(line: LineWriter, flow: RawFlow): void {
  const { bytes, original, reply, event } = flow;
  writeDirection(line, ORIGINAL, original);
  writeDirection(line, REPLY, reply);
  if (original.protocol === IPPROTO_ICMP) {
    writeNumber(line, ICMP_CODE, original.icmpCode);
    writeNumber(line, ICMP_TYPE, original.icmpType);
  }
  writeNumber(line, MARK, flow.mark);
  writeNumber(line, ID, flow.id);
  writeNumber(line, EVENT, EVENT_NUMBERS[event]!);
  writeTimes(line, flow);
  const family = original.addressSize === IPV4_SIZE ? NFPROTO_IPV4 : NFPROTO_IPV6;
  writeNumber(line, FAMILY, family);
  writeNumber(line, PROTOCOL, 0);
  writeAddress(line, SOURCE, bytes, original.source, original.addressSize);
  writeAddress(line, DESTINATION, bytes, original.destination, original.addressSize);
  if (reply.addressSize === ABSENT) return;
  writeAddress(line, REPLY_SOURCE, bytes, reply.source, reply.addressSize);
  writeAddress(line, REPLY_DESTINATION, bytes, reply.destination, reply.addressSize);
}

function writeDirection(line: LineWriter, words: DirectionWords, tuple: RawTuple): void {
  writeNumber(line, words.protocol, tuple.protocol);
  if (tuple.sourcePort !== ABSENT) writeNumber(line, words.sourcePort, tuple.sourcePort);
  if (tuple.destinationPort !== ABSENT) {
    writeNumber(line, words.destinationPort, tuple.destinationPort);
  }
  writeNumber(line, words.bytes, tuple.bytes);
  writeNumber(line, words.packets, tuple.packets);
}

/** Writes the start of flows that are new or whose start is known, and the end of those that ended. */
function writeTimes(line: LineWriter, flow: RawFlow): void {
  const { event } = flow;
  const isStamped = flow.seconds !== ABSENT;
  const seconds = isStamped ? flow.seconds : flow.receivedSeconds;
  const nanoseconds = isStamped ? flow.nanoseconds : flow.receivedNanoseconds;
  if (flow.startSeconds !== ABSENT) {
    writeNumber(line, START_SECONDS, flow.startSeconds);
    writeNumber(line, START_MICROSECONDS, (flow.startNanoseconds / 1000) | 0);
  } else if (event === NEW) {
    writeNumber(line, START_SECONDS, seconds);
    writeNumber(line, START_MICROSECONDS, (nanoseconds / 1000) | 0);
  }
  if (event !== DESTROY && event !== INFERRED) return;
  const hasEnd = flow.endSeconds !== ABSENT;
  writeNumber(line, END_SECONDS, hasEnd ? flow.endSeconds : seconds);
  const end = hasEnd ? flow.endNanoseconds : nanoseconds;
  writeNumber(line, END_MICROSECONDS, (end / 1000) | 0);
}

/** Writes a number; like ulogd, as 0 where it is unknown. */
function writeNumber(line: LineWriter, key: Word, value: number): void {
  line.word(key);
  line.decimal(Math.max(0, value));
}

function writeAddress(
  line: LineWriter,
  key: Word,
  bytes: Uint8Array,
  at: number,
  size: number,
): void {
  line.word(key);
  line.out[line.at++] = QUOTE;
  if (size === IPV4_SIZE) line.ipv4(bytes, at);
  else line.ipv6(bytes, at);
  line.out[line.at++] = QUOTE;
}
