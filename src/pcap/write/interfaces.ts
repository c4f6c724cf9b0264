/**
 * The interfaces that a pcapng encoder knows: its sections describe them all, in
 * the same order, and packets refer to them by their place.
 *
 * @module
 */

import type { InterfaceTable } from "../../packet/interface.ts";
import { ABSENT } from "../../packet/absent.ts";
import { nameBytes } from "../../text/utf8.ts";
import { interfaceBlock } from "./block.ts";
import type { LinkType } from "../link/framing.ts";

/**
 * Interfaces that are remembered at the most: forged packets may name any number
 * of them, and each section describes those that packets refer to.
 */
const INTERFACES_MAX = 128;
/** Characters of a name that are kept. */
const NAME_MAX = 255;

/** An interface under one name. */
export class DescribedInterface {
  /** Its block, ready to be written. */
  readonly block: Uint8Array;
  /** Its name, else its number, for comments. */
  readonly text: Uint8Array;
  /** Its place in sections; {@linkcode ABSENT} until a packet refers to it. */
  id = ABSENT;
  /** The interface's number. */
  readonly index: number;
  /** Its name, if it has one. */
  readonly name: string | undefined;
  /** The source that it belongs to. */
  readonly capture: string;
  /** Where its name was looked up last. */
  table: InterfaceTable;

  /** Makes it; this is not done per packet. */
  constructor(index: number, capture: string, table: InterfaceTable, linkType: LinkType) {
    this.index = index;
    this.capture = capture;
    this.table = table;
    this.name = nameOf(table, index);
    this.block = interfaceBlock(linkType, this.name, capture);
    this.text = nameBytes(this.name ?? String(index));
  }
}

/** Finds interfaces without making anything for one that is known. */
export class DescribedInterfaces {
  readonly #linkType: LinkType;
  /** By number; several sources, or several names in a row, may share one. */
  readonly #known = new Map<number, DescribedInterface[]>();
  #count = 0;
  #last: DescribedInterface | undefined;

  /** Makes it, empty. */
  constructor(linkType: LinkType) {
    this.#linkType = linkType;
  }

  /** Whether no more should be remembered: {@linkcode clear} first. */
  get isFull(): boolean {
    return this.#count >= INTERFACES_MAX;
  }

  /** Forgets all; a new section must begin then. */
  clear(): void {
    this.#known.clear();
    this.#count = 0;
    this.#last = undefined;
  }

  /**
   * Finds an interface.
   *
   * @param index Its number; {@linkcode ABSENT} stands for packets without an interface.
   * @param capture The source that the packet came from.
   * @param table The names at that time.
   */
  find(index: number, capture: string, table: InterfaceTable): DescribedInterface {
    const last = this.#last;
    if (last?.index === index && last.table === table && last.capture === capture) return last;
    return this.#last = this.#lookUp(index, capture, table) ?? this.#add(index, capture, table);
  }

  #lookUp(index: number, capture: string, table: InterfaceTable): DescribedInterface | undefined {
    const known = this.#known.get(index);
    if (known === undefined) return undefined;
    for (let i = 0; i < known.length; i++) {
      const one = known[i]!;
      if (one.capture !== capture) continue;
      if (one.table === table) return one;
      if (one.name !== nameOf(table, index)) continue;
      one.table = table;
      return one;
    }
    return undefined;
  }

  #add(index: number, capture: string, table: InterfaceTable): DescribedInterface {
    const added = new DescribedInterface(index, capture, table, this.#linkType);
    const known = this.#known.get(index);
    if (known === undefined) this.#known.set(index, [added]);
    else known.push(added);
    this.#count++;
    return added;
  }
}

function nameOf(table: InterfaceTable, index: number): string | undefined {
  return index === ABSENT ? undefined : table.get(index).name?.slice(0, NAME_MAX);
}
