/** URLs of receivers: `tcp:`, `tls:`, `udp:`, `unix:`, `http:` and `https:`. */

import { endpoint } from "../../text/endpoint.ts";

/** Receiver at a host and port. */
export interface HostReceiver {
  /** Protocol. */
  kind: "tcp" | "tls" | "udp";
  /** Name or address; IPv6 without brackets. */
  host: string;
  /** Port, 1 to 65535. */
  port: number;
}

/** Receiver at a Unix socket, of type stream or datagram. */
export interface UnixReceiver {
  kind: "unix";
  /** Absolute path of the socket. */
  path: string;
}

/** HTTP server. */
export interface HttpReceiver {
  kind: "http";
  /** URL of the requests, without credentials and fragment. */
  url: string;
  /** Host and port, as `--allow-net` takes them. */
  address: string;
  /** Whether TLS is used. */
  isSecure: boolean;
}

/** Receiver of records. */
export type Receiver = HostReceiver | UnixReceiver | HttpReceiver;

/** Protocols of URLs. */
export type Protocol = "tcp" | "tls" | "udp" | "unix" | "http" | "https";

/**
 * Parses a receiver's URL.
 *
 * @param text URL, as in `tcp://log.example:6514` or `unix:///dev/log`.
 * @param protocols Protocols that the output accepts.
 * @param defaultPorts Ports of protocols whose URL may lack one.
 * @throws {Error} If it is invalid; the message fits behind a key and quotes no credentials.
 *
 * @example A syslog server
 * ```ts
 * import { receiverOf } from "./url.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(receiverOf("udp://[2001:db8::1]:514", ["udp"]), {
 *   kind: "udp",
 *   host: "2001:db8::1",
 *   port: 514,
 * });
 * ```
 */
export function receiverOf(
  text: string,
  protocols: readonly Protocol[],
  defaultPorts: Readonly<Partial<Record<Protocol, number>>> = {},
): Receiver {
  const url = URL.parse(text);
  const protocol = url?.protocol.slice(0, -1) as Protocol | undefined;
  if (url === null || protocol === undefined || !protocols.includes(protocol)) {
    const known = protocols.map((name) => `${name}:`).join(", ");
    const example = protocols.find((name) => name !== "unix") ?? protocols[0]!;
    throw new Error(
      `must be a URL that begins with ${known}, as in ${exampleOf(example, defaultPorts)}`,
    );
  }
  if (url.username !== "" || url.password !== "") {
    throw new Error("must not hold a user or password; see the keys user and secret_file");
  }
  if (protocol === "unix") return unixReceiver(url);
  if (protocol === "http" || protocol === "https") return httpReceiver(url);
  if (!["", "/"].includes(url.pathname) || url.search !== "") {
    throw new Error(
      `must end with ${
        defaultPorts[protocol] === undefined ? "the port" : "the host or its port"
      }, as in ${exampleOf(protocol, defaultPorts)}`,
    );
  }
  const port = url.port === "" ? defaultPorts[protocol] ?? 0 : Number(url.port);
  const host = decodeURIComponent(url.hostname).replace(/^\[(.*)\]$/, "$1");
  if (port === 0 || host === "") {
    const what = defaultPorts[protocol] === undefined ? "a host and a port" : "a host";
    throw new Error(`must name ${what}, as in ${exampleOf(protocol, defaultPorts)}`);
  }
  return { kind: protocol, host, port };
}

function exampleOf(
  protocol: Protocol,
  defaultPorts: Readonly<Partial<Record<Protocol, number>>>,
): string {
  if (protocol === "unix") return "unix:///run/receiver.sock";
  const port = defaultPorts[protocol] === undefined ? ":6514" : "";
  return `${protocol}://receiver.example${port}`;
}

function unixReceiver(url: URL): UnixReceiver {
  const path = decodeURIComponent(url.pathname);
  if (url.host !== "" || path === "" || path === "/") {
    throw new Error("must be the absolute path of a socket, as in unix:///run/receiver.sock");
  }
  return { kind: "unix", path };
}

function httpReceiver(url: URL): HttpReceiver {
  const isSecure = url.protocol === "https:";
  const port = url.port === "" ? isSecure ? 443 : 80 : Number(url.port);
  url.hash = "";
  return { kind: "http", url: url.href, address: `${url.hostname}:${port}`, isSecure };
}

/** Returns the receiver as messages name it. */
export function describeReceiver(receiver: Receiver): string {
  switch (receiver.kind) {
    case "unix":
      return `unix://${receiver.path}`;
    case "http":
      return new URL("./", receiver.url).origin;
    default:
      return `${receiver.kind}://${hostAndPort(receiver)}`;
  }
}

/** Returns host and port as URLs and `--allow-net` have them. */
export function hostAndPort({ host, port }: HostReceiver): string {
  return endpoint(host, port);
}
