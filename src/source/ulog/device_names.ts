/**
 * Devices that ULOG names, where packets of other sources have an index.
 *
 * @module
 */

import { InterfaceTable } from "../../packet/interface.ts";
import { ABSENT } from "../../packet/absent.ts";
import { NAME_SIZE } from "./constants.ts";

/** Where indexes begin that stand for names which no interface has: larger than the kernel's. */
const UNKNOWN = 0x4000_0000;
/** Names that are kept; a host has fewer. */
const NAMES_MAX = 1024;

/** Turns names into indexes, and keeps the table that turns them back. */
export class DeviceNames {
  #table = new InterfaceTable();
  /** The table that names were looked up in. */
  #base: InterfaceTable | undefined;
  readonly #indexes = new Map<string, number>();
  /** Names that came last, as bytes: most packets name the same. */
  readonly #recent: { bytes: Uint8Array; index: number }[] = [];

  /** The table with all names that came so far. */
  get table(): InterfaceTable {
    return this.#table;
  }

  /** Begins anew where the host's interfaces have changed. */
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
   * The index of a name.
   *
   * @param bytes The memory.
   * @param at Where the name lies: {@linkcode NAME_SIZE} bytes, filled up with NUL.
   * @returns An index in {@linkcode table}; ABSENT where there is no name.
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
