/**
 * Interfaces that a pcapng encoder has described: each section describes them in the same order,
 * and packets refer to them by index.
 */

import type { InterfaceTable } from "../../packet/interface.ts";
import { ABSENT } from "../../packet/absent.ts";
import { nameBytes } from "../../text/utf8.ts";
import { interfaceBlock, sourceText } from "./block.ts";
import type { LinkType } from "../link/framing.ts";

/**
 * The most interfaces that are kept: forged packets may name any number of them, and each section
 * describes those that packets refer to.
 */
const INTERFACES_MAX = 128;
/** The longest part of a name that is kept, in characters. */
const NAME_MAX = 255;

/** Origin of a packet, whose interfaces these are. */
export interface Origin {
  /** Name of its host; empty for this one. */
  readonly host: string;
  /** Name of its source. */
  readonly capture: string;
  /** Names by index. */
  readonly interfaces: InterfaceTable;
}

/** An interface with one of its names. */
export class DescribedInterface {
  /** Its encoded Interface Description Block. */
  readonly block: Uint8Array;
  /** Its name, or else its index, for comments. */
  readonly text: Uint8Array;
  /** Its index in sections; {@linkcode ABSENT} until a packet refers to it. */
  id = ABSENT;
  /** The kernel's interface index. */
  readonly index: number;
  /** Its name, if it has one. */
  readonly name: string | undefined;
  /** The host that it belongs to; empty for this one. */
  readonly host: string;
  /** The source that it belongs to. */
  readonly capture: string;
  /** The table in which its name was looked up last. */
  table: InterfaceTable;

  /** Creates it; not called per packet. */
  constructor(index: number, { host, capture, interfaces }: Origin, linkType: LinkType) {
    this.index = index;
    this.host = host;
    this.capture = capture;
    this.table = interfaces;
    this.name = nameOf(interfaces, index);
    this.block = interfaceBlock(linkType, this.name, sourceText(host, capture));
    this.text = nameBytes(this.name ?? String(index));
  }
}

/** Finds interfaces; allocates nothing for a known one. */
export class DescribedInterfaces {
  readonly #linkType: LinkType;
  /** By index; several sources, or several names over time, may share one. */
  readonly #known = new Map<number, DescribedInterface[]>();
  #count = 0;
  #last: DescribedInterface | undefined;

  constructor(linkType: LinkType) {
    this.#linkType = linkType;
  }

  /** Whether {@linkcode clear} must be called before more are added. */
  get isFull(): boolean {
    return this.#count >= INTERFACES_MAX;
  }

  /** Removes all interfaces; a new section must then begin. */
  clear(): void {
    this.#known.clear();
    this.#count = 0;
    this.#last = undefined;
  }

  /**
   * Finds an interface.
   *
   * @param index Its index; {@linkcode ABSENT} for packets without an interface.
   * @param origin The packet's host and source, and the current names.
   */
  find(index: number, origin: Origin): DescribedInterface {
    const last = this.#last;
    if (last?.index === index && isOf(last, origin) && last.table === origin.interfaces) {
      return last;
    }
    return this.#last = this.#lookUp(index, origin) ?? this.#add(index, origin);
  }

  #lookUp(index: number, origin: Origin): DescribedInterface | undefined {
    const table = origin.interfaces;
    const known = this.#known.get(index);
    if (known === undefined) return undefined;
    for (let i = 0; i < known.length; i++) {
      const one = known[i]!;
      if (!isOf(one, origin)) continue;
      if (one.table === table) return one;
      if (one.name !== nameOf(table, index)) continue;
      one.table = table;
      return one;
    }
    return undefined;
  }

  #add(index: number, origin: Origin): DescribedInterface {
    const added = new DescribedInterface(index, origin, this.#linkType);
    const known = this.#known.get(index);
    if (known === undefined) this.#known.set(index, [added]);
    else known.push(added);
    this.#count++;
    return added;
  }
}

function isOf({ host, capture }: DescribedInterface, origin: Origin): boolean {
  return capture === origin.capture && host === origin.host;
}

function nameOf(table: InterfaceTable, index: number): string | undefined {
  return index === ABSENT ? undefined : table.get(index).name?.slice(0, NAME_MAX);
}
