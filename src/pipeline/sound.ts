/**
 * What the privileged thread believes of a slot that comes back: nothing that
 * cannot be.
 *
 * @module
 */

import { AREA_SIZE, INPUT_SIZE } from "../sandbox/ring.ts";
import type { Journey } from "./journey.ts";

/**
 * Whether all that a sandbox wrote into a slot's words can be.
 *
 * @param journey The slot, and what was dealt with it.
 * @param sources How many sources there are.
 * @param outlets How many outputs.
 */
export function isSound(
  { slot, tables, counted }: Journey,
  sources: number,
  outlets: number,
): boolean {
  const isCount = (value: number, most: number) => value >= 0 && value <= most;
  const resume = slot.resumeDatagram;
  if (slot.datagrams !== tables.length) return false;
  if (!isCount(resume, tables.length) || !isCount(slot.resumePosition, INPUT_SIZE)) return false;
  for (const count of [slot.passed, slot.dropped, slot.failed]) {
    if (!isCount(count, INPUT_SIZE)) return false;
  }
  for (let output = 0; output < outlets; output++) {
    if (
      !isCount(slot.lengthOf(output), AREA_SIZE) ||
      !isCount(slot.packetsOf(output), INPUT_SIZE) ||
      !isCount(slot.unfitOf(output), INPUT_SIZE) ||
      !isCount(slot.filteredOf(output), INPUT_SIZE) ||
      !isCount(slot.emittedOf(output), AREA_SIZE)
    ) return false;
  }
  for (let datagram = counted; datagram < tables.length; datagram++) {
    const { received, malformed } = slot.reportOf(datagram);
    if (!isCount(received, INPUT_SIZE) || !isCount(malformed, received)) return false;
    if (!isCount(slot.sourceOf(datagram), sources - 1)) return false;
  }
  return true;
}
