/**
 * Reads blocks of ClickHouse's format Native.
 *
 * @module
 */

/** A column of a block; values in hexadecimal. */
export interface NativeColumn {
  name: string;
  type: string;
  /** Values; null where the column says so. */
  values: (string | null)[];
  /** Bytes of the values that are null. */
  plain: string[];
}

const SIZES: Readonly<Record<string, number>> = {
  ...{ UInt8: 1, UInt16: 2, UInt32: 4, UInt64: 8, Float64: 8, UUID: 16 },
  ...{ "DateTime('UTC')": 4, "DateTime64(6, 'UTC')": 8 },
  ...{ "FixedString(6)": 6, "FixedString(16)": 16 },
};

/** Reads blocks. */
export class NativeReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Reads the next block. */
  block(): NativeColumn[] {
    const [columns, rows] = [this.#number(), this.#number()];
    return Array.from({ length: columns }, () => this.#column(rows));
  }

  #column(rows: number): NativeColumn {
    const [name, type] = [this.#text(), this.#text()];
    if (type === "LowCardinality(Nullable(String))") {
      const values = this.#repeated(rows);
      return { name, type, values, plain: [] };
    }
    const plainType = /^Nullable\((.*)\)$/.exec(type)?.[1];
    const nulls = plainType === undefined ? new Uint8Array(rows) : this.#take(rows);
    const all = Array.from({ length: rows }, () => {
      const size = SIZES[plainType ?? type] ?? this.#number();
      return this.#take(size).toHex();
    });
    return {
      name,
      type,
      values: all.map((value, row) => nulls[row] === 1 ? null : value),
      plain: all.filter((_, row) => nulls[row] === 1),
    };
  }

  /** Reads texts, each of which stands once before the numbers of rows. */
  #repeated(rows: number): (string | null)[] {
    const number = () => Number(new DataView(this.#take(8).slice().buffer).getBigUint64(0, true));
    const [version, indexType, count] = [number(), number(), number()];
    if (version !== 1 || indexType !== 0x601) throw new Error("another form of LowCardinality");
    const texts = Array.from({ length: count }, () => this.#take(this.#number()).toHex());
    if (number() !== rows) throw new Error("other rows");
    return Array.from({ length: rows }, () => {
      const [low, high] = this.#take(2);
      const index = low! | high! << 8;
      if (index >= texts.length) throw new Error("no such text");
      return index === 0 ? null : texts[index]!;
    });
  }

  #text(): string {
    return new TextDecoder().decode(this.#take(this.#number()));
  }

  #number(): number {
    for (let [value, shift] = [0, 0];; shift += 7) {
      const byte = this.#take(1)[0]!;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  }

  #take(size: number): Uint8Array {
    if (this.#at + size > this.#bytes.length) throw new Error("the block is cut");
    return this.#bytes.subarray(this.#at, this.#at += size);
  }
}
