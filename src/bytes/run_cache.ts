/** A cache of what is made of runs of bytes. */

/** The most runs that are cached; rules have fewer prefixes, files may hold any number. */
const CACHED_MAX = 256;

/** A run that was looked up. */
interface Known<Value> {
  readonly bytes: Uint8Array;
  readonly value: Value;
}

/**
 * Caches what is made of runs of bytes that come again and again, such as prefixes of rules;
 * nothing is allocated for a run that was seen before.
 */
export class RunCache<Value> {
  readonly #make: (run: Uint8Array) => Value;
  readonly #known = new Map<number, Known<Value>>();
  #last: Known<Value>;

  /**
   * Creates a cache that knows the empty run.
   *
   * @param make Makes the value of a run, which is a copy.
   */
  constructor(make: (run: Uint8Array) => Value) {
    this.#make = make;
    const bytes = new Uint8Array(0);
    this.#last = { bytes, value: make(bytes) };
  }

  /** Returns the value of a run. */
  get(bytes: Uint8Array, offset: number, length: number): Value {
    if (!isSame(this.#last.bytes, bytes, offset, length)) {
      this.#last = this.#find(bytes, offset, length);
    }
    return this.#last.value;
  }

  #find(bytes: Uint8Array, offset: number, length: number): Known<Value> {
    const hash = hashOf(bytes, offset, length);
    const known = this.#known.get(hash);
    if (known !== undefined && isSame(known.bytes, bytes, offset, length)) return known;
    if (this.#known.size >= CACHED_MAX) this.#known.clear();
    const run = bytes.slice(offset, offset + length);
    const found = { bytes: run, value: this.#make(run) };
    this.#known.set(hash, found);
    return found;
  }
}

function isSame(known: Uint8Array, bytes: Uint8Array, offset: number, length: number): boolean {
  if (known.length !== length) return false;
  for (let i = 0; i < length; i++) if (known[i] !== bytes[offset + i]) return false;
  return true;
}

/** FNV-1a (draft-eastlake-fnv), in 30 bits: a number that V8 keeps without memory of its own. */
function hashOf(bytes: Uint8Array, offset: number, length: number): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < length; i++) hash = Math.imul(hash ^ bytes[offset + i]!, 0x01000193);
  return hash >>> 2;
}
