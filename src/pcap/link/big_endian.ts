/** NFLOG attributes written by a big-endian machine. */

import { wordAlign } from "../../bytes/write.ts";
import { NLA_HDRLEN, NLA_TYPE_MASK } from "../../netlink/attribute.ts";
import { Memory, readBe16 } from "../../bytes/memory.ts";
import { NFULA_VLAN } from "../../netlink/nflog/constants.ts";

/**
 * Copies attributes and swaps the bytes of their lengths and types; values are in network byte
 * order on every machine.
 *
 * @param bytes Memory with the attributes.
 * @param start Offset of the first attribute.
 * @param end Offset after the last one.
 * @returns A copy that begins with the first one.
 */
export function inHostOrder(bytes: Uint8Array, start: number, end: number): Memory {
  const memory = new Memory(new ArrayBuffer(wordAlign(end - start)));
  memory.bytes.set(bytes.subarray(start, end));
  turn(memory, 0, end - start);
  return memory;
}

/** Swaps bytes up to the first attribute that does not fit, where decoding ends too. */
function turn(memory: Memory, start: number, end: number): void {
  const { bytes, halves } = memory;
  let at = start;
  while (at + NLA_HDRLEN <= end) {
    const length = readBe16(bytes, at);
    const type = readBe16(bytes, at + 2);
    halves[at >> 1] = length;
    halves[(at >> 1) + 1] = type;
    if (length < NLA_HDRLEN || length > end - at) return;
    if ((type & NLA_TYPE_MASK) === NFULA_VLAN) turn(memory, at + NLA_HDRLEN, at + length);
    at += wordAlign(length);
  }
}
