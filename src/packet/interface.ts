/**
 * Network interfaces, which packets name by index.
 *
 * @module
 */

/** A network interface as a packet names it. */
export class Interface {
  /** The kernel's number for it. */
  readonly index: number;
  /** Its name; absent where nobody told it. */
  readonly name: string | undefined;

  /** Makes it from both. */
  constructor(index: number, name: string | undefined) {
    this.index = index;
    this.name = name;
  }

  /** The name, or the number where the name is not known. */
  toString(): string {
    return this.name ?? String(this.index);
  }
}

/**
 * Interfaces by index. The privileged side keeps it true: a renamed interface
 * changes, a deleted one keeps its last name, so that its packets stay readable.
 */
export class InterfaceTable {
  readonly #interfaces = new Map<number, Interface>();

  /** Tells the name of an interface. */
  set(index: number, name: string): void {
    this.#interfaces.set(index, new Interface(index, name));
  }

  /** The interface with this index, with or without a name. */
  get(index: number): Interface {
    return this.#interfaces.get(index) ?? new Interface(index, undefined);
  }
}
