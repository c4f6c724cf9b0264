/** Addresses as text, as 32-bit words and as bytes. */

/**
 * Parses an IPv4 or IPv6 address (RFC 4291 section 2.2) into 32-bit words.
 *
 * @param text An address such as `192.0.2.1`, `2001:db8::1` or `::ffff:192.0.2.1`.
 * @returns One word for IPv4, four for IPv6; undefined if the text is not an address.
 */
export function parseAddress(text: string): Uint32Array | undefined {
  return text.includes(":") ? parseIpv6(text) : parseIpv4(text);
}

/** Returns the bytes of an address, in network order. */
export function addressBytes(words: Iterable<number>): Uint8Array<ArrayBuffer> {
  const all = [...words];
  const bytes = new Uint8Array(all.length * 4);
  const view = new DataView(bytes.buffer);
  all.forEach((word, n) => view.setUint32(4 * n, word));
  return bytes;
}

/** Returns a word whose first `bits` bits are set, with a sign; all or none outside of 0 to 32. */
export function prefixMask(bits: number): number {
  return bits <= 0 ? 0 : bits >= 32 ? -1 : -1 << (32 - bits);
}

/** Returns how many bits a mask sets from the first one on; undefined if others follow. */
export function prefixLength(mask: readonly number[]): number | undefined {
  const length = mask.reduce((sum, word) => sum + Math.clz32(~word), 0);
  return mask.every((word, n) => (word | 0) === prefixMask(length - 32 * n)) ? length : undefined;
}

/** Parses four decimal numbers without leading zeros, which some programs read as octal. */
function parseIpv4(text: string): Uint32Array | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part))) return;
  const numbers = parts.map(Number);
  if (numbers.some((number) => number > 255)) return;
  return Uint32Array.of(numbers.reduce((word, number) => word * 256 + number, 0));
}

/** Parses eight groups, of which `::` stands for one or more that are zero. */
function parseIpv6(text: string): Uint32Array | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return;
  const last = halves.length - 1;
  const groups = halves.map((half, index) => parseGroups(half, index === last));
  const [head, tail] = groups;
  if (head === undefined || (last === 1 && tail === undefined)) return;
  const missing = 8 - head.length - (tail?.length ?? 0);
  if (last === 0 ? missing !== 0 : missing < 1) return;
  const all = [...head, ...new Array<number>(missing).fill(0), ...(tail ?? [])];
  return Uint32Array.from({ length: 4 }, (_, n) => all[2 * n]! * 65536 + all[2 * n + 1]!);
}

/** Parses groups of four hexadecimal digits; the last two may be an IPv4 address. */
function parseGroups(text: string, mayEndInIpv4: boolean): number[] | undefined {
  if (text === "") return [];
  const groups: number[] = [];
  const parts = text.split(":");
  for (const [index, part] of parts.entries()) {
    if (/^[0-9a-f]{1,4}$/i.test(part)) {
      groups.push(parseInt(part, 16));
      continue;
    }
    const [word] = (mayEndInIpv4 && index === parts.length - 1 && parseIpv4(part)) || [];
    if (word === undefined) return;
    groups.push(word >>> 16, word & 0xffff);
  }
  return groups;
}
