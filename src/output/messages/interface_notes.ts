/** Names of the interfaces that packets refer to by index, noted behind the first such packet of a group. */

import { writeLe32 } from "../../bytes/write.ts";
import { ABSENT } from "../../packet/absent.ts";
import type { InterfaceTable } from "../../packet/interface.ts";
import type { RawPacket } from "../../packet/raw_packet.ts";
import { NO_ROOM } from "../../record/encoder.ts";
import { HEAD, INTERFACE, NAME_MOST } from "./frame_format.ts";
import type { Notes } from "./grouped_encoder.ts";

/** Most interfaces of a group: forged packets may name any number of them. */
const INTERFACES_MOST = 1024;

/** Notes names of interfaces. */
export class InterfaceNotes implements Notes<RawPacket> {
  readonly #noted = new Set<number>();
  #table: InterfaceTable | undefined;
  #in = ABSENT;
  #out = ABSENT;

  /** Forgets the interfaces of the group before. */
  begin(): void {
    this.#noted.clear();
    this.#table = undefined;
  }

  /** Notes the interfaces of a packet. */
  write(packet: RawPacket, out: Uint8Array, at: number, group: number): number {
    const { inDev, outDev, physInDev, physOutDev, interfaces } = packet;
    const isKnown = interfaces === this.#table && inDev === this.#in && outDev === this.#out &&
      physInDev === ABSENT && physOutDev === ABSENT;
    if (isKnown) return 0;
    let to = at;
    for (const index of [inDev, outDev, physInDev, physOutDev]) {
      const length = this.#note(index, interfaces, out, to, group);
      if (length === NO_ROOM) return NO_ROOM;
      to += length;
    }
    this.#table = interfaces;
    this.#in = inDev;
    this.#out = outDev;
    return to - at;
  }

  #note(
    index: number,
    interfaces: InterfaceTable,
    out: Uint8Array,
    at: number,
    group: number,
  ): number {
    if (index === ABSENT || this.#noted.has(index)) return 0;
    const { name } = interfaces.get(index);
    if (name === undefined || this.#noted.size >= INTERFACES_MOST) return 0;
    if (at + HEAD + 4 + NAME_MOST > out.length) return NO_ROOM;
    const text = out.subarray(at + HEAD + 4, at + HEAD + 4 + NAME_MOST);
    const length = 4 + encodeInto(name, text);
    writeLe32(out, at, length);
    writeLe32(out, at + 4, (INTERFACE | at - group) >>> 0);
    writeLe32(out, at + HEAD, index);
    this.#noted.add(index);
    return HEAD + length;
  }
}

/** Writes text as UTF-8; areas are shared memory, which `TextEncoder` does not write to. */
function encodeInto(text: string, out: Uint8Array): number {
  const bytes = new TextEncoder().encode(text).subarray(0, out.length);
  out.set(bytes);
  return bytes.length;
}
