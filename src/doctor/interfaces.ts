/** Interfaces of a network namespace: whether packets can come through any. Pure. */

import type { Link } from "../netlink/link.ts";
import { quoted } from "../text/shell_quoted.ts";
import { type Finding, fix, note, ok } from "../finding.ts";

/** So many are named. */
const NAMED = 3;

/**
 * Returns whether packets can arrive.
 *
 * @param netns The network namespace's path, or a process in it; undefined for the doctor's own.
 * @param links Its interfaces.
 */
export function interfacesFinding(
  netns: string | number | undefined,
  links: readonly Link[],
): Finding {
  const check = netns === undefined ? "interfaces" : `interfaces ${shortName(netns)}`;
  const up = links.filter(({ isUp }) => isUp).map(({ name }) => name);
  const raise = `${commandIn(netns)} link set lo up`;
  if (up.length === 0) {
    return fix(
      check,
      "none is up, not even loopback, as in a new network namespace: no packet can arrive",
      "bring loopback up, or what packets come through; in the namespace of nfscribe try it is",
      [raise],
    );
  }
  const more = up.length > NAMED ? ` and ${up.length - NAMED} more` : "";
  const named = `${up.slice(0, NAMED).join(", ")}${more} ${up.length === 1 ? "is" : "are"} up`;
  if (links.some(({ name, isUp }) => name === "lo" && !isUp)) {
    return note(
      check,
      `${named}, but loopback is not: what this host sends to itself does not arrive`,
      "bring it up",
      [raise],
    );
  }
  return ok(check, named);
}

/** Returns a network namespace's name, as in `blue` for `/run/netns/blue`. */
export function shortName(netns: string | number): string {
  return `${netns}`.split("/").at(-1)!;
}

/** Returns the command `ip` for a network namespace. */
function commandIn(netns: string | number | undefined): string {
  if (netns === undefined) return "ip";
  const name = /^(?:\/var)?\/run\/netns\/([\w.-]+)$/.exec(`${netns}`)?.[1];
  if (name !== undefined) return `ip -n ${name}`;
  return /^\d+$/.test(`${netns}`)
    ? `nsenter --target ${netns} --net ip`
    : `nsenter ${quoted(`--net=${netns}`)} ip`;
}
