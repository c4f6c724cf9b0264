/** Answers of the kernel to a request for objects, as far as their headers say. Pure. */

import { wordAlign } from "../../bytes/write.ts";
import { NLMSG_DONE, NLMSG_ERROR, NLMSG_HDRLEN } from "../../netlink/message.ts";

/** `NLM_F_DUMP_INTR` (linux/netlink.h): objects have changed during a dump. */
const NLM_F_DUMP_INTR = 0x10;

/** Result of a request. */
export interface Answer {
  /** Error number of the first message that has one; 0 for none. */
  errno: number;
  /** Whether objects may be missing. */
  isInterrupted: boolean;
  /** Whether the end of a dump is among the messages. */
  isDone: boolean;
}

/** Reads the headers of the messages in a datagram. */
export function answerIn(datagram: Uint8Array): Answer {
  const view = new DataView(datagram.buffer, datagram.byteOffset, datagram.length);
  const answer: Answer = { errno: 0, isInterrupted: false, isDone: false };
  for (let at = 0; at + NLMSG_HDRLEN <= datagram.length;) {
    const length = view.getUint32(at, true);
    if (length < NLMSG_HDRLEN || length > datagram.length - at) break;
    const type = view.getUint16(at + 4, true);
    if (view.getUint16(at + 6, true) & NLM_F_DUMP_INTR) answer.isInterrupted = true;
    if (type === NLMSG_DONE) answer.isDone = true;
    if (type <= NLMSG_DONE && type >= NLMSG_ERROR && length >= NLMSG_HDRLEN + 4) {
      answer.errno ||= -view.getInt32(at + NLMSG_HDRLEN, true) || 0;
    }
    at += wordAlign(length);
  }
  return answer;
}

/** Returns a copy of a datagram whose messages have another sequence number. */
export function renumbered(datagram: Uint8Array, sequence: number): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(datagram);
  const view = new DataView(copy.buffer);
  for (let at = 0; at + NLMSG_HDRLEN <= copy.length;) {
    view.setUint32(at + 8, sequence, true);
    at += Math.max(NLMSG_HDRLEN, wordAlign(view.getUint32(at, true)));
  }
  return copy;
}
