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
  /** Interfaces without a name in the table. */
  readonly #unnamed = new Set<number>();
  #table: InterfaceTable | undefined;

  /** Forgets the interfaces of the group before. */
  begin(): void {
    this.#noted.clear();
    this.#table = undefined;
  }

  /** Notes the interfaces of a packet. */
  write(packet: RawPacket, out: Uint8Array, at: number, group: number): number {
    const { inDev, outDev, physInDev, physOutDev, interfaces } = packet;
    if (interfaces !== this.#table) {
      this.#table = interfaces;
      this.#unnamed.clear();
    }
    const areKnown = this.#isKnown(inDev) && this.#isKnown(outDev) && this.#isKnown(physInDev) &&
      this.#isKnown(physOutDev);
    if (areKnown) return 0;
    let to = at;
    for (const index of [inDev, outDev, physInDev, physOutDev]) {
      if (this.#isKnown(index)) continue;
      const length = this.#note(index, interfaces, out, to, group);
      if (length === NO_ROOM) return NO_ROOM;
      to += length;
    }
    return to - at;
  }

  #isKnown(index: number): boolean {
    return index === ABSENT || this.#noted.has(index) || this.#unnamed.has(index);
  }

  #note(
    index: number,
    interfaces: InterfaceTable,
    out: Uint8Array,
    at: number,
    group: number,
  ): number {
    const { name } = interfaces.get(index);
    if (name === undefined || this.#noted.size >= INTERFACES_MOST) {
      if (this.#unnamed.size < INTERFACES_MOST) this.#unnamed.add(index);
      return 0;
    }
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
