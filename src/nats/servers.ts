/** URLs of NATS servers. Pure. */

import { endpoint } from "../text/endpoint.ts";

/** A server. */
export interface Server {
  /** Name or address; IPv6 without brackets. */
  host: string;
  /** Port, 1 to 65535. */
  port: number;
}

/** Servers of one cluster, one of which suffices. */
export interface Servers {
  servers: Server[];
  /** Whether connections must have TLS. */
  isSecure: boolean;
}

const PORT = 4222;
const EXAMPLE = "tls://nats1.example:4222,nats2.example:4222";

/**
 * Parses one URL or several with commas in between, as NATS's own programs take them; without a
 * scheme, one has that of the first.
 *
 * @throws {Error} If one is wrong; the message fits behind a key and quotes no credentials.
 *
 * @example Two servers
 * ```ts
 * import { serversOf } from "./servers.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(serversOf("tls://nats1.example,nats2.example:4333"), {
 *   isSecure: true,
 *   servers: [{ host: "nats1.example", port: 4222 }, { host: "nats2.example", port: 4333 }],
 * });
 * ```
 */
export function serversOf(text: string): Servers {
  const words = text.split(",").map((word) => word.trim());
  const scheme = schemeOf(words[0]!);
  if (scheme === undefined) throw new Error(`must be a URL of nats: or tls:, as in ${EXAMPLE}`);
  const servers = words.map((word) => {
    const own = word.includes("://") ? schemeOf(word) : scheme;
    if (own !== scheme) {
      throw new Error(`must have the same scheme for each server, nats: or tls:, as in ${EXAMPLE}`);
    }
    return serverOf(word.replace(/^.*:\/\//, ""));
  });
  return { servers, isSecure: scheme === "tls" };
}

/** Returns host and port as URLs and `--allow-net` have them. */
export function addressOf({ host, port }: Server): string {
  return endpoint(host, port);
}

/** Returns the servers as messages name them. */
export function describeServers({ servers, isSecure }: Servers): string {
  return `${isSecure ? "tls" : "nats"}://${servers.map(addressOf).join(",")}`;
}

function schemeOf(word: string): "nats" | "tls" | undefined {
  const [, scheme] = /^(nats|tls):\/\//.exec(word) ?? [];
  return scheme as "nats" | "tls" | undefined;
}

function serverOf(place: string): Server {
  // A scheme whose ports the parser of URLs knows none of.
  const url = URL.parse(`nats://${place}`);
  if (url?.username || url?.password || place.includes("@")) {
    throw new Error(
      "must not hold a user or password; see the keys user, secret_file and credentials_file",
    );
  }
  if (url === null || url.hostname === "" || !["", "/"].includes(url.pathname) || url.search) {
    throw new Error(`must name a host and its port, as in ${EXAMPLE}`);
  }
  const host = decodeURIComponent(url.hostname).replace(/^\[(.*)\]$/, "$1");
  const port = url.port === "" ? PORT : Number(url.port);
  if (port === 0 || !/^[\w.:-]+$/.test(host)) {
    throw new Error(`must name a host and its port, as in ${EXAMPLE}`);
  }
  return { host, port };
}
