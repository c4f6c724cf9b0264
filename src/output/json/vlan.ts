/** VLAN tags of the structured form as JSON. */

import { ABSENT } from "../../packet/absent.ts";
import { readVlans, TAGS_MAX } from "../../packet/ethernet.ts";
import type { RawPacket } from "../../packet/raw_packet.ts";
import { type LineWriter, Word } from "../../text/line.ts";

const VLAN = new Word(',"vlan":{"protocol":');
const VLANS = new Word(',"vlans":[{"protocol":');
const NEXT = new Word(',{"protocol":');
const ID = new Word(',"id":');
const PRIORITY = new Word(',"priority":');
const ELIGIBLE = new Word(',"dropEligible":true}');
const NOT_ELIGIBLE = new Word(',"dropEligible":false}');
const LIST_END = new Word("]");

/** Writes VLAN tags of packets. */
export class VlanWriter {
  readonly #tags = new Uint32Array(TAGS_MAX);

  /** Writes the tag that the device took off, if there is one. */
  removed(line: LineWriter, { vlanProtocol, vlanTci }: RawPacket): void {
    if (vlanProtocol !== ABSENT && vlanTci !== ABSENT) tag(line, VLAN, vlanProtocol, vlanTci);
  }

  /** Writes all tags, if there are others than the one that the device took off. */
  all(line: LineWriter, packet: RawPacket): void {
    const count = readVlans(packet, this.#tags);
    const known = packet.vlanProtocol !== ABSENT && packet.vlanTci !== ABSENT ? 1 : 0;
    if (count <= known) return;
    for (let n = 0; n < count; n++) {
      const bits = this.#tags[n]!;
      tag(line, n === 0 ? VLANS : NEXT, bits >>> 16, bits & 0xffff);
    }
    line.word(LIST_END);
  }
}

function tag(line: LineWriter, key: Word, protocol: number, tci: number): void {
  line.word(key);
  line.decimal(protocol);
  line.word(ID);
  line.decimal(tci & 0xfff);
  line.word(PRIORITY);
  line.small(tci >> 13 & 7);
  line.word(tci & 0x1000 ? ELIGIBLE : NOT_ELIGIBLE);
}
