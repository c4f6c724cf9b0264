/** Hosts and ports in configurations. */

/** A host and a port. */
export interface Address {
  /** A name or an address. */
  hostname: string;
  /** The TCP port. */
  port: number;
}

/**
 * Reads `host:port`; IPv6 addresses stand in brackets.
 *
 * @returns Undefined where it is none.
 */
export function parseAddress(text: string): Address | undefined {
  const found = /^(?:\[([0-9a-f:.]+)\]|([^:[\]\s]+)):(\d{1,5})$/i.exec(text);
  const port = Number(found?.[3]);
  if (found === null || port < 1 || port > 65_535) return undefined;
  return { hostname: found[1] ?? found[2]!, port };
}

/** Returns whether only this host can connect there. */
export function isLoopback({ hostname }: Address): boolean {
  return hostname === "localhost" || hostname === "::1" || /^127(\.\d+){3}$/.test(hostname);
}
