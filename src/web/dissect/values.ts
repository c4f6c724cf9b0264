/** Values of fields as text. */

import { SERVICES } from "../../filter/expression/services.ts";

/** Writes a number. */
export function decimal(value: number): string {
  return String(value);
}

/** Returns a function that writes a number in hexadecimal, with so many digits at least. */
export function hex(digits: number): (value: number) => string {
  return (value) => `0x${value.toString(16).padStart(digits, "0")}`;
}

/** Writes whether a bit is set. */
export function yesOrNo(bit: number): string {
  return bit === 0 ? "no" : "yes";
}

/** Names by numbers. */
export type Names = Readonly<Record<number, string | undefined>>;

/** Returns a function that writes a number and its name, as in `6 (TCP)`. */
export function named(
  names: Names,
  text: (value: number) => string = decimal,
): (value: number) => string {
  return (value) => {
    const name = names[value];
    return name === undefined ? text(value) : `${text(value)} (${name})`;
  };
}

/** Returns a function that writes flags and the names of those that are set, as in `0x12 (ACK, SYN)`. */
export function flags(
  names: readonly (readonly [name: string, bit: number])[],
  digits: number,
): (value: number) => string {
  const number = hex(digits);
  return (value) => {
    const set = names.filter(([, bit]) => (value & bit) !== 0).map(([name]) => name);
    return set.length === 0 ? number(value) : `${number(value)} (${set.join(", ")})`;
  };
}

/** Returns a function that writes a length in bytes, from a field that counts units of so many bytes. */
export function lengthIn(unit: number, more = 0): (units: number) => string {
  return (units) => sizeText(unit * (units + more));
}

/** Writes a number of bytes. */
export function sizeText(size: number): string {
  return size === 1 ? "1 byte" : `${size} bytes`;
}

/** Returns a function that writes a number with its unit, as in `8 bytes`. */
export function inUnits(unit: string): (value: number) => string {
  return (value) => `${value} ${unit}${value === 1 ? "" : "s"}`;
}

/** Names of ports by protocol; the first of several names stays. */
const PORT_NAMES: ReadonlyMap<string, string> = new Map(
  [...SERVICES].reverse().flatMap(([name, { port, protocols }]) =>
    protocols.map((protocol) => [`${protocol} ${port}`, name] as const)
  ),
);

/** Returns a function that writes a port with the name of its service, as in `443 (https)`. */
export function portOf(protocol: number): (port: number) => string {
  return (port) => {
    const name = PORT_NAMES.get(`${protocol} ${port}`);
    return name === undefined ? String(port) : `${port} (${name})`;
  };
}
