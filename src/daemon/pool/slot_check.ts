/** Checks the words that a sandbox wrote into a slot. */

import { AREA_SIZE, INPUT_SIZE } from "../../sandbox/ring.ts";
import { type Slot, State } from "../../sandbox/slot.ts";
import { type InFlightSlot, isSamePlace } from "./in_flight.ts";

/**
 * Returns whether all words that a sandbox wrote are possible.
 *
 * @param words Copy of the slot's words, which cannot change any more.
 * @param inFlight State of the slot in the daemon.
 * @param state State in which the slot was returned.
 * @param outputs Number of outputs.
 */
export function isPossible(
  words: Slot,
  inFlight: InFlightSlot,
  state: number,
  outputs: number,
): boolean {
  const { datagrams, resume, counted } = inFlight;
  const isCount = (value: number, most: number) => value >= 0 && value <= most;
  const { resumeDatagram, resumePosition } = words;
  if (state === State.FULL) {
    const datagram = datagrams[resumeDatagram];
    // Lines of the script itself may follow the last datagram.
    if (datagram === undefined && resumeDatagram !== datagrams.length) return false;
    const end = datagram === undefined ? 0 : datagram.offset + datagram.size;
    if (!isCount(resumePosition, (end + 3) & ~3)) return false;
    if (resumeDatagram < resume.datagram) return false;
    if (resumeDatagram === resume.datagram && resumePosition < resume.position) return false;
  }
  for (const count of [words.passed, words.dropped, words.failed]) {
    if (!isCount(count, INPUT_SIZE)) return false;
  }
  const decided = words.passed + words.dropped + words.failed;
  for (let output = 0; output < outputs; output++) {
    const length = words.lengthOf(output);
    const packets = words.packetsOf(output);
    const emitted = words.emittedOf(output);
    const unfit = words.unfitOf(output);
    const filtered = words.filteredOf(output);
    if (
      !isCount(length, AREA_SIZE) || !isCount(packets, decided) ||
      !isCount(unfit, decided) || !isCount(filtered, decided) ||
      !isCount(emitted, AREA_SIZE) || packets + unfit + filtered !== decided ||
      (length > 0) !== (packets + emitted > 0)
    ) return false;
  }
  const finished = state === State.DONE ? datagrams.length : resumeDatagram;
  for (let index = counted; index < finished; index++) {
    const { received, malformed } = words.reportOf(index);
    if (!isCount(received, INPUT_SIZE) || !isCount(malformed, received)) return false;
  }
  return state !== State.DONE || inFlight.hasInvalidResults || addsUp(words, inFlight, decided);
}

/** Returns whether the number of decisions equals the number of packets in the datagrams. */
function addsUp(
  words: Slot,
  { datagrams, counted, wellFormed, decided }: InFlightSlot,
  now: number,
) {
  let packets = wellFormed;
  for (let index = counted; index < datagrams.length; index++) {
    const { received, malformed } = words.reportOf(index);
    packets += received - malformed;
  }
  return packets === decided + now;
}

/** Returns whether the batch is the packet that bypasses the filter. */
export function isSkipped({ skip, resume }: InFlightSlot): boolean {
  return isSamePlace(resume, skip);
}
