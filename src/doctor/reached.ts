/** Chains that packets reach: those with a hook, and those that these jump to. Pure. */

import { isTable } from "../schema.ts";

/** Chains by a key of their own, as in `inet filter input`. */
export class Chains {
  readonly #isHooked = new Map<string, boolean>();
  /** Targets of the jumps of each chain. */
  readonly #jumps = new Map<string, Set<string>>();

  /** Adds a chain. */
  add(chain: string, isHooked: boolean): void {
    this.#isHooked.set(chain, isHooked);
  }

  /** Adds a jump from a chain to another one. */
  addJump(from: string, to: string): void {
    const targets = this.#jumps.get(from) ?? new Set();
    this.#jumps.set(from, targets.add(to));
  }

  /** Returns the chains that no packet reaches. */
  unreached(): Set<string> {
    const open = [...this.#isHooked].filter(([, isHooked]) => isHooked).map(([chain]) => chain);
    const unreached = new Set(this.#isHooked.keys());
    for (let chain = open.pop(); chain !== undefined; chain = open.pop()) {
      if (unreached.delete(chain)) open.push(...this.#jumps.get(chain) ?? []);
    }
    return unreached;
  }
}

/**
 * Returns the chains that nft's rules jump to, wherever that stands in an expression: as a verdict
 * of its own, or as one in a map.
 *
 * @param expression A rule's expression, or the elements of a map, as `nft -j` prints them.
 */
export function jumpsIn(expression: unknown): string[] {
  if (Array.isArray(expression)) return expression.flatMap(jumpsIn);
  if (!isTable(expression)) return [];
  return Object.entries(expression).flatMap(([key, value]) =>
    (key === "jump" || key === "goto") && isTable(value) && typeof value.target === "string"
      ? [value.target]
      : jumpsIn(value)
  );
}
