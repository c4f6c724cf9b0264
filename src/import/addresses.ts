/** Converts addresses and ports from iptables to nft. */

import { EXPANSION } from "./words.ts";

/**
 * Converts addresses.
 *
 * @param text Text such as `10.0.0.0/255.0.0.0,192.0.2.1`.
 * @returns Text for nft; empty if it matches all; undefined if nft has no such form.
 */
export function addressesOf(text: string): string | undefined {
  const addresses = text.split(",").map(addressOf);
  if (addresses.includes(undefined)) return undefined;
  return addresses.some((address) => address!.endsWith("/0")) ? "" : set(addresses as string[]);
}

function addressOf(text: string): string | undefined {
  if (text.includes(EXPANSION)) return text;
  const [address = "", mask] = text.split("/");
  if (mask === undefined) return address;
  const length = /^\d+$/.test(mask) ? mask : prefixLength(mask);
  return length === undefined ? undefined : `${completed(address)}/${length}`;
}

/** Completes `10` to `10.0.0.0`. */
function completed(address: string): string {
  if (!/^\d+(\.\d+){0,3}$/.test(address)) return address;
  return [...address.split("."), "0", "0", "0"].slice(0, 4).join(".");
}

/** Returns the length of a mask such as `255.255.255.0`; undefined if its bits have gaps. */
function prefixLength(mask: string): number | undefined {
  const parts = mask.split(".").map(Number);
  if (parts.length !== 4 || parts.some((part) => !(part >= 0 && part <= 255))) return undefined;
  const bits = parts.map((part) => part.toString(2).padStart(8, "0")).join("");
  return /^1*0*$/.test(bits) ? bits.lastIndexOf("1") + 1 : undefined;
}

/** Converts ports such as `22,80:90`. */
export function portsOf(text: string): string {
  return set(
    text.split(",").map((port) => {
      const [first = "", last] = port.split(":");
      return last === undefined ? first : `${first || "0"}-${last || "65535"}`;
    }),
  );
}

/** Formats one element by itself, several as nft's anonymous set. */
export function set(elements: readonly string[]): string {
  return elements.length === 1 ? elements[0]! : `{ ${elements.join(", ")} }`;
}
