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
 * Interfaces by index, as they were at one time. The privileged side makes a new
 * table of each change: a renamed interface changes for the packets to come, a
 * deleted one keeps its last name.
 */
export class InterfaceTable {
  readonly #interfaces: ReadonlyMap<number, Interface>;

  /** Makes a table, empty at first. */
  constructor(interfaces: ReadonlyMap<number, Interface> = new Map()) {
    this.#interfaces = interfaces;
  }

  /** The same table, but for the names of some interfaces. */
  with(names: Iterable<readonly [index: number, name: string]>): InterfaceTable {
    const interfaces = new Map(this.#interfaces);
    for (const [index, name] of names) interfaces.set(index, new Interface(index, name));
    return new InterfaceTable(interfaces);
  }

  /** Every interface whose name is known, by index. */
  names(): (readonly [index: number, name: string])[] {
    return [...this.#interfaces.values()].flatMap(({ index, name }) =>
      name === undefined ? [] : [[index, name] as const]
    );
  }

  /** The interface with this index, with or without a name. */
  get(index: number): Interface {
    return this.#interfaces.get(index) ?? new Interface(index, undefined);
  }
}
