/**
 * Stores numbers as text, up to three digits at once: tables hold them as 32-bit words, the first
 * digit in the lowest bits.
 */

/** Returns the first three characters of a text in ASCII; in the highest byte how many it has. */
function packed(text: string, highest = text.length): number {
  // A code behind the text's end is NaN, which becomes 0. TextEncoder would take 5 ms for all tables.
  const [first, second, third] = [text.charCodeAt(0), text.charCodeAt(1), text.charCodeAt(2)];
  return (first | second << 8 | third << 16 | highest << 24) >>> 0;
}

/** Numbers below 1000 in three decimal digits; how many are no leading zeros is in the highest byte. */
const THREE_DIGITS: Uint32Array = Uint32Array.from(
  { length: 1000 },
  (_, value) => packed(String(value).padStart(3, "0"), String(value).length),
);

/** The same without leading zeros. */
const DIGITS: Uint32Array = Uint32Array.from(
  { length: 1000 },
  (_, value) => packed(String(value)),
);

/** Bytes in decimal, with a dot behind them. */
const BYTES: Uint32Array = Uint32Array.from({ length: 256 }, (_, byte) => {
  const text = `${byte}.`;
  return packed(text, text.charCodeAt(3));
});

/** Their lengths. */
const LENGTHS = Uint8Array.from({ length: 256 }, (_, byte) => `${byte}.`.length);

/** Bytes in hexadecimal, with a colon behind them. */
const HEXADECIMAL: Uint32Array = Uint32Array.from(
  { length: 256 },
  (_, byte) => packed(`${byte.toString(16).padStart(2, "0")}:`),
);

/**
 * Stores an integer from 0 to 2^31 - 1 in decimal.
 *
 * @param at Offset of the first digit; up to three bytes behind the last one change, too.
 * @returns The offset behind the last digit.
 */
export function storeInteger(out: DataView, at: number, value: number): number {
  if (value < 1000) return small(out, at, value);
  const thousands = (value / 1000) | 0;
  return three(out, storeThousands(out, at, thousands), value - thousands * 1000);
}

/** Stores a 16-bit number in network byte order, like {@linkcode storeInteger}. */
export function storeBe16(out: DataView, at: number, source: Uint8Array, from: number): number {
  const value = source[from]! << 8 | source[from + 1]!;
  if (value < 1000) return small(out, at, value);
  const thousands = (value / 1000) | 0;
  return three(out, small(out, at, thousands), value - thousands * 1000);
}

/**
 * Stores a 32-bit number in network byte order, like {@linkcode storeInteger}; it is never a float
 * in between.
 */
export function storeBe32(out: DataView, at: number, source: Uint8Array, from: number): number {
  const high = source[from]! << 8 | source[from + 1]!;
  const low = source[from + 2]! << 8 | source[from + 3]!;
  // 65,536 is 65 thousands and 536.
  const rest = high * 536 + low;
  const carry = (rest / 1000) | 0;
  const thousands = high * 65 + carry;
  if (thousands === 0) return small(out, at, rest);
  return three(out, storeThousands(out, at, thousands), rest - carry * 1000);
}

/** Stores an integer from 0 to 2^31 / 1000. */
function storeThousands(out: DataView, at: number, value: number): number {
  if (value < 1000) return small(out, at, value);
  const thousands = (value / 1000) | 0;
  if (thousands < 1000) {
    return three(out, small(out, at, thousands), value - thousands * 1000);
  }
  const millions = (thousands / 1000) | 0;
  const next = three(out, small(out, at, millions), thousands - millions * 1000);
  return three(out, next, value - thousands * 1000);
}

/** Stores an integer from 0 to 999, like {@linkcode storeInteger}. */
export const storeSmall: typeof small = small;

// What a module exports V8 looks up each time, and what is its own it makes part of its code.
function small(out: DataView, at: number, value: number): number {
  const bits = DIGITS[value]!;
  out.setUint32(at, bits, true);
  return at + (bits >>> 24);
}

/** Stores an integer from 0 to 999 with leading zeros, like {@linkcode storeInteger}. */
export const storeThree: typeof three = three;

function three(out: DataView, at: number, value: number): number {
  out.setUint32(at, THREE_DIGITS[value]!, true);
  return at + 3;
}

/** Stores an IPv4 address, like {@linkcode storeInteger}. */
export function storeIpv4(out: DataView, at: number, source: Uint8Array, from: number): number {
  let next = at;
  for (let i = 0; i < 4; i++) {
    const byte = source[from + i]!;
    out.setUint32(next, BYTES[byte]!, true);
    next += LENGTHS[byte]!;
  }
  // The dot behind the last byte is overwritten.
  return next - 1;
}

/** Stores bytes with colons between them, like {@linkcode storeInteger}. */
export function storeColoned(
  out: DataView,
  at: number,
  source: Uint8Array,
  from: number,
  length: number,
): number {
  for (let i = 0; i < length; i++) out.setUint32(at + 3 * i, HEXADECIMAL[source[from + i]!]!, true);
  return at + 3 * length - 1;
}
