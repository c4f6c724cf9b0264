/** Interface indexes for the device names of ULOG. */

import { InterfaceTable } from "../../packet/interface.ts";
import { ABSENT } from "../../packet/absent.ts";
import { NAME_SIZE } from "./constants.ts";

/** First index of names that no interface has: larger than the kernel's. */
const UNKNOWN = 0x4000_0000;
/** The most names that are kept; a host has fewer. */
const NAMES_MAX = 1024;

/** Maps names to indexes, and keeps the table for the way back. */
export class DeviceNames {
  #table = new InterfaceTable();
  /** The host's table in which names were looked up. */
  #base: InterfaceTable | undefined;
  readonly #indexes = new Map<string, number>();
  /** Recent names as bytes: most packets have the same. */
  readonly #recent: { bytes: Uint8Array; index: number }[] = [];

  /** The table with all names seen so far. */
  get table(): InterfaceTable {
    return this.#table;
  }

  /** Returns the table for the host's interfaces; starts a new one if these have changed. */
  tableFor(base: InterfaceTable): InterfaceTable {
    if (base !== this.#base && base !== this.#table) {
      this.#base = this.#table = base;
      this.#indexes.clear();
      this.#recent.length = 0;
      for (const [index, name] of base.names()) this.#indexes.set(name, index);
    }
    return this.#table;
  }

  /**
   * Returns the index of a name.
   *
   * @param at Offset of the name: {@linkcode NAME_SIZE} bytes, padded with NUL.
   * @returns An index in {@linkcode table}; ABSENT for an empty name.
   */
  indexOf(bytes: Uint8Array, at: number): number {
    if (bytes[at] === 0) return ABSENT;
    for (const known of this.#recent) if (isEqual(known.bytes, bytes, at)) return known.index;
    return this.#learn(bytes.slice(at, at + NAME_SIZE));
  }

  #learn(bytes: Uint8Array): number {
    const end = bytes.indexOf(0);
    const name = new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
    let index = this.#indexes.get(name);
    if (index === undefined) {
      if (this.#indexes.size >= NAMES_MAX) this.#indexes.clear();
      index = UNKNOWN + this.#indexes.size;
      this.#indexes.set(name, index);
      this.#table = this.#table.with([[index, name]]);
    }
    if (this.#recent.length >= 8) this.#recent.shift();
    this.#recent.push({ bytes, index });
    return index;
  }
}

function isEqual(name: Uint8Array, bytes: Uint8Array, at: number): boolean {
  for (let i = 0; i < NAME_SIZE; i++) if (name[i] !== bytes[at + i]) return false;
  return true;
}
