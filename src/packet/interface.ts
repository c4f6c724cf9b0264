/** Network interfaces, to which packets refer by index. */

/** A network interface of a packet. */
export class Interface {
  /** The kernel's interface index. */
  readonly index: number;
  /** Its name; absent if it is unknown. */
  readonly name: string | undefined;

  /** Creates an interface. */
  constructor(index: number, name: string | undefined) {
    this.index = index;
    this.name = name;
  }

  /** Returns the name, or the index if the name is unknown. */
  toString(): string {
    return this.name ?? String(this.index);
  }
}

/**
 * Interfaces by index, as they were at one time. The privileged process creates a new table for
 * each change: a renamed interface changes for later packets, a deleted one keeps its last name.
 */
export class InterfaceTable {
  readonly #interfaces: ReadonlyMap<number, Interface>;

  /** Creates a table, by default an empty one. */
  constructor(interfaces: ReadonlyMap<number, Interface> = new Map()) {
    this.#interfaces = interfaces;
  }

  /** Returns a copy in which some interfaces have other names. */
  with(names: Iterable<readonly [index: number, name: string]>): InterfaceTable {
    const interfaces = new Map(this.#interfaces);
    for (const [index, name] of names) interfaces.set(index, new Interface(index, name));
    return new InterfaceTable(interfaces);
  }

  /** Lists every interface whose name is known, by index. */
  names(): (readonly [index: number, name: string])[] {
    return [...this.#interfaces.values()].flatMap(({ index, name }) =>
      name === undefined ? [] : [[index, name] as const]
    );
  }

  /** Returns the interface with this index, with or without a name. */
  get(index: number): Interface {
    return this.#interfaces.get(index) ?? new Interface(index, undefined);
  }
}
