/**
 * Addresses from text.
 *
 * @module
 */

/**
 * An IPv4 or IPv6 address (RFC 4291 section 2.2) as words of 32 bits.
 *
 * @param text As in `192.0.2.1`, `2001:db8::1` or `::ffff:192.0.2.1`.
 * @returns One word for IPv4, four for IPv6; undefined where the text is no address.
 */
export function parseAddress(text: string): Uint32Array | undefined {
  return text.includes(":") ? parseIpv6(text) : parseIpv4(text);
}

/** Four decimal numbers, without leading zeros, which some read as octal. */
function parseIpv4(text: string): Uint32Array | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part))) return;
  const numbers = parts.map(Number);
  if (numbers.some((number) => number > 255)) return;
  return Uint32Array.of(numbers.reduce((word, number) => word * 256 + number, 0));
}

/** Eight groups, of which `::` stands for one or more that are zero. */
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

/** Groups of four hexadecimal digits; the last two may be an IPv4 address. */
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
