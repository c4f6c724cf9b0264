/**
 * Messages of two hosts in a stream that is a folder: each is there until it was acknowledged, and is
 * delivered to every process that reads until then.
 *
 * @module
 */

import { be16, be32 } from "../../../src/netlink/attribute.ts";
import * as c from "../../../src/netlink/nflog/constants.ts";
import { concat, hex } from "../../packet/sample.ts";
import { PAYLOAD } from "../../bench/sample.ts";
import { done, logged } from "../../source/nflog/sample.ts";

/** Sessions of the two hosts. */
export const SESSIONS = [
  "11111111-1111-4111-8111-111111111111",
  "22222222-2222-4222-8222-222222222222",
] as const;

/** Returns the session of a message. */
export function sessionOf(message: number): string {
  return SESSIONS[message % 2]!;
}

/** Returns how many chunks a message has. */
export function chunksOf(message: number): number {
  return 1 + message % 3;
}

/** Returns how many packets its host lost in front of a message. */
export function lostBefore(message: number): number {
  return message % 4 === 0 ? message + 1 : 0;
}

/** Most packets of a chunk: their lines of JSON take several areas of a slot. */
const MOST = 1500;

/** Returns the marks of a chunk's packets, which no other has. */
export function marksOf(message: number, chunk: number): number[] {
  const first = (message * 3 + chunk) * MOST;
  const length = message % 20 === 5 ? MOST : 1 + (message * 7 + chunk) % 40;
  return Array.from({ length }, (_, index) => first + index);
}

/** Returns a chunk's datagram. */
export function datagramOf(message: number, chunk: number): Uint8Array {
  return concat(
    ...marksOf(message, chunk).map((mark) =>
      logged([
        { type: c.NFULA_PACKET_HDR, value: hex("0800 01 00") },
        { type: c.NFULA_MARK, value: be32(mark) },
        { type: c.NFULA_HWTYPE, value: be16(1) },
        { type: c.NFULA_PAYLOAD, value: PAYLOAD },
      ])
    ),
    done(),
  );
}

/** Returns the number of packets of messages, and of those that their hosts lost. */
export function totals(messages: number): { packets: number; lost: number } {
  const totals = { packets: 0, lost: 0 };
  for (let message = 0; message < messages; message++) {
    for (let chunk = 0; chunk < chunksOf(message); chunk++) {
      totals.packets += marksOf(message, chunk).length;
    }
    totals.lost += lostBefore(message);
  }
  return totals;
}
