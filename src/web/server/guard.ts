/**
 * Decides whether a request may be answered: its host, where it comes from and its token. Pure.
 *
 * A page elsewhere can have a browser send requests here, and a name that resolves to this address
 * (DNS rebinding) makes that page's origin the same; the host in the request tells both.
 */

/** Parts of a request that decide. */
export interface Asked {
  /** Request target, as in `/api/records?kind=packet`. */
  target: string;
  host: string | undefined;
  origin: string | undefined;
  /** `Sec-Fetch-Site` and `Sec-Fetch-Mode`, which browsers set and pages cannot. */
  site: string | undefined;
  mode: string | undefined;
  cookie: string | undefined;
  authorization: string | undefined;
}

/** Decision about a request. */
export type Decision =
  /** It is answered. */
  | { kind: "allowed" }
  /** The token was in the address: a cookie is set, and the address is without it. */
  | { kind: "admitted"; location: string }
  /** A link from elsewhere was followed: the browser sends the cookie once this page asks again. */
  | { kind: "again" }
  | { kind: "refused"; status: number; message: string };

/** Decides about requests. */
export interface GuardOptions {
  /** Names and addresses that may stand in `Host`, in lower case, besides addresses of IP. */
  hosts: readonly string[];
  /** Name of the cookie. */
  cookie: string;
  /** Whether a text is the token. */
  isToken(text: string): boolean;
}

/** Addresses of IP cannot be rebound: only a name can resolve to another host's address. */
const IP_LITERAL = /^(\d{1,3}(\.\d{1,3}){3}|\[[0-9a-f:.]+\])$/;
const NO_TOKEN =
  "This address takes a token: open the one that nfscribe web printed, which has it behind ?token=";

/** Decides about a request. */
export function decide(asked: Asked, { hosts, cookie, isToken }: GuardOptions): Decision {
  const host = hostName(asked.host);
  if (host === undefined || !IP_LITERAL.test(host) && !hosts.includes(host)) {
    return refused(
      403,
      `This nfscribe is not called ${quoted(host)}: if it is, name it with --host-name or as ` +
        "hosts in [web]",
    );
  }
  if (asked.origin !== undefined && !isOwn(asked.origin, asked.host!)) {
    return refused(403, "Pages of other addresses may not ask this one");
  }
  const isNavigation = asked.mode === "navigate";
  const isForeign = asked.site === "cross-site" || asked.site === "same-site";
  if (isForeign && !isNavigation) {
    return refused(403, "Pages of other addresses may not ask this one");
  }
  const url = new URL(asked.target, "http://host");
  const given = url.searchParams.get("token");
  if (given !== null) {
    if (!isToken(given)) return refused(401, `The token is wrong. ${NO_TOKEN}`);
    url.searchParams.delete("token");
    // Never an address of another host.
    return { kind: "admitted", location: url.pathname.replace(/^\/+/, "/") + url.search };
  }
  const [, bearer] = /^Bearer (\S+)$/.exec(asked.authorization ?? "") ?? [];
  const token = bearer ?? cookieOf(asked.cookie, cookie);
  if (token !== undefined && isToken(token)) return { kind: "allowed" };
  if (isForeign && isNavigation) return { kind: "again" };
  return refused(401, NO_TOKEN);
}

/** Returns the name in a `Host`, in lower case and without the port; undefined if it is none. */
export function hostName(host: string | undefined): string | undefined {
  const [, name] = /^(\[[0-9a-f:.]+\]|[^\s:/@[\]]+)(?::\d{1,5})?$/i.exec(host ?? "") ?? [];
  return name?.toLowerCase();
}

/** Returns a cookie's value; undefined without one. */
export function cookieOf(header: string | undefined, name: string): string | undefined {
  for (const part of (header ?? "").split(";")) {
    const at = part.indexOf("=");
    if (part.slice(0, at).trim() === name) return part.slice(at + 1).trim();
  }
  return undefined;
}

/** Returns whether an origin is the one that was asked; TLS may end at a proxy in between. */
function isOwn(origin: string, host: string): boolean {
  try {
    const url = new URL(origin);
    const own = new URL(`${url.protocol}//${host}`);
    return url.host === own.host;
  } catch {
    return false;
  }
}

function refused(status: number, message: string): Decision {
  return { kind: "refused", status, message };
}

function quoted(host: string | undefined): string {
  return host === undefined ? "so" : `"${host.slice(0, 100)}"`;
}
