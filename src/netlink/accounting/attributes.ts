/** Decodes the attributes of accounting objects. Pure; nothing is allocated. */

import { readCount } from "../../bytes/count.ts";
import { type Memory, readBe32, textLength } from "../../bytes/memory.ts";
import type { RawCounter } from "../../counter/raw_counter.ts";
import { countOfWords } from "../../counter/words.ts";
import { ABSENT } from "../../packet/absent.ts";
import { AttributeCursor } from "../attribute_cursor.ts";
import * as c from "./constants.ts";

/** Positions, by depth: attributes of an object, and of its counter. */
const ofObject = new AttributeCursor();
const ofCounter = new AttributeCursor();

/**
 * Decodes the attributes of an object of nfacct, and skips unknown ones.
 *
 * @param counter Filled in; fields without an attribute stay as they are.
 * @param memory Memory with the attributes.
 * @param start Offset of the first attribute, a multiple of 4.
 * @param end Offset after the last attribute.
 * @returns Whether they are valid, and have a name and both counts.
 */
export function decodeAccount(
  counter: RawCounter,
  memory: Memory,
  start: number,
  end: number,
): boolean {
  const { bytes } = memory;
  const attribute = ofObject.begin(memory, start, end);
  while (attribute.next()) {
    const { value, length } = attribute;
    switch (attribute.type) {
      case c.NFACCT_NAME:
        counter.nameOffset = value;
        counter.nameLength = textLength(bytes, value, length);
        break;
      case c.NFACCT_PKTS:
        if (length < 8) return false;
        readPackets(counter, bytes, value);
        break;
      case c.NFACCT_BYTES:
        if (length < 8) return false;
        readBytes(counter, bytes, value);
        break;
      case c.NFACCT_FLAGS:
        if (length < 4) return false;
        counter.flags = readBe32(bytes, value);
        break;
      case c.NFACCT_QUOTA:
        if (length < 8) return false;
        counter.quota = readCount(bytes, value);
        break;
    }
  }
  return !attribute.isDamaged && isWhole(counter);
}

/**
 * Decodes the attributes of a named counter of nftables, and skips unknown ones.
 *
 * @param counter Filled in; fields without an attribute stay as they are.
 * @param memory Memory with the attributes.
 * @param start Offset of the first attribute, a multiple of 4.
 * @param end Offset after the last attribute.
 * @returns Whether they are valid, and have a table, a name and both counts.
 */
export function decodeNamedCounter(
  counter: RawCounter,
  memory: Memory,
  start: number,
  end: number,
): boolean {
  const { bytes } = memory;
  const attribute = ofObject.begin(memory, start, end);
  while (attribute.next()) {
    const { value, length } = attribute;
    switch (attribute.type) {
      case c.NFTA_OBJ_TABLE:
        counter.tableOffset = value;
        counter.tableLength = textLength(bytes, value, length);
        break;
      case c.NFTA_OBJ_NAME:
        counter.nameOffset = value;
        counter.nameLength = textLength(bytes, value, length);
        break;
      case c.NFTA_OBJ_TYPE:
        if (length < 4 || readBe32(bytes, value) !== c.NFT_OBJECT_COUNTER) return false;
        break;
      case c.NFTA_OBJ_HANDLE:
        if (length < 8) return false;
        counter.handle = readCount(bytes, value);
        break;
      case c.NFTA_OBJ_DATA:
        if (!decodeCounts(counter, memory, value, value + length)) return false;
        break;
    }
  }
  return !attribute.isDamaged && counter.tableLength !== ABSENT && isWhole(counter);
}

/** Decodes `NFTA_OBJ_DATA` of a counter. */
function decodeCounts(counter: RawCounter, memory: Memory, start: number, end: number): boolean {
  const attribute = ofCounter.begin(memory, start, end);
  while (attribute.next()) {
    const { type, value, length } = attribute;
    if (type !== c.NFTA_COUNTER_BYTES && type !== c.NFTA_COUNTER_PACKETS) continue;
    if (length < 8) return false;
    if (type === c.NFTA_COUNTER_PACKETS) readPackets(counter, memory.bytes, value);
    else readBytes(counter, memory.bytes, value);
  }
  return !attribute.isDamaged;
}

function readPackets(counter: RawCounter, bytes: Uint8Array, at: number): void {
  counter.packetsHigh = readBe32(bytes, at);
  counter.packetsLow = readBe32(bytes, at + 4);
  counter.totalPackets = countOfWords(counter.packetsHigh, counter.packetsLow);
}

function readBytes(counter: RawCounter, bytes: Uint8Array, at: number): void {
  counter.bytesHigh = readBe32(bytes, at);
  counter.bytesLow = readBe32(bytes, at + 4);
  counter.totalBytes = countOfWords(counter.bytesHigh, counter.bytesLow);
}

/** Returns whether an object has a name and both counts. */
function isWhole({ nameLength, packetsHigh, bytesHigh }: RawCounter): boolean {
  return nameLength !== ABSENT && packetsHigh !== ABSENT && bytesHigh !== ABSENT;
}
