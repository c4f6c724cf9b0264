/** Hosts and ports in texts. */

/** Returns a host as it stands in a URL: an IPv6 address in brackets. */
export function bracketed(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

/** Returns an address and its port, as in `192.0.2.1:53`; the address alone without a port. */
export function endpoint(address: string, port: number | undefined): string {
  return port === undefined ? address : `${bracketed(address)}:${port}`;
}
