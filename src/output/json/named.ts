/** Words of fields whose values have names, made once. */

import { hookName } from "../../packet/hook_name.ts";
import type { Interface } from "../../packet/interface.ts";
import { protocolName } from "../../packet/protocols.ts";
import { jsonLine } from "../../text/escape.ts";
import { Word } from "../../text/line.ts";
import { DefectWords } from "../defect_words.ts";

/** Families and hooks of each that may have names (linux/netfilter.h). */
const [FAMILIES, HOOKS] = [16, 8];

const HOOK_WORDS = Array.from({ length: FAMILIES * HOOKS }, (_, index) => {
  const name = hookName(index / HOOKS | 0, index % HOOKS);
  return name === undefined ? undefined : new Word(`,"hook":"${name}"`);
});

/** Fields of the protocol that IP carries, by its number. */
export const PROTOCOLS: readonly Word[] = Array.from({ length: 256 }, (_, protocol) => {
  const name = protocolName(protocol);
  return new Word(`,"protocol":${name === undefined ? protocol : `"${name}"`}`);
});

/** Returns the field of a hook; undefined if it has no name. */
export function hookWord(family: number, hook: number): Word | undefined {
  return family >= 0 && family < FAMILIES && hook < HOOKS
    ? HOOK_WORDS[family * HOOKS + hook]
    : undefined;
}

/** Lengths in units of four bytes, as 4 bits have them. */
export const WORD_LENGTHS: readonly Word[] = Array.from(
  { length: 16 },
  (_, words) => new Word(`${4 * words}`),
);

/** Directions of packets, relative to this host. */
export const [INBOUND, OUTBOUND] = [1, 2] as const;
const DIRECTIONS: Readonly<Record<string, number>> = {
  prerouting: INBOUND,
  input: INBOUND,
  ingress: INBOUND,
  output: OUTBOUND,
  postrouting: OUTBOUND,
  egress: OUTBOUND,
};
const HOOK_DIRECTIONS = Array.from(
  { length: FAMILIES * HOOKS },
  (_, index) => DIRECTIONS[hookName(index / HOOKS | 0, index % HOOKS) ?? ""] ?? 0,
);

/** Returns the direction of packets at a hook; 0 if it does not decide it. */
export function directionAt(family: number, hook: number): number {
  const isKnown = family >= 0 && family < FAMILIES && hook >= 0 && hook < HOOKS;
  return isKnown ? HOOK_DIRECTIONS[family * HOOKS + hook]! : 0;
}

/** Returns the field of the protocol that IP carries. */
export function protocolWord(protocol: number): Word {
  return PROTOCOLS[protocol]!;
}

/** Fields of defects. */
export const DEFECTS: DefectWords = new DefectWords(({ layer, kind }) =>
  new Word(`,"defect":${JSON.stringify({ layer, kind })}`)
);

/** Names of protocols that IP carries, as IANA has them in lower case, by number. */
export const KEYWORDS: Readonly<Record<number, string>> = {
  1: "icmp",
  2: "igmp",
  6: "tcp",
  17: "udp",
  33: "dccp",
  47: "gre",
  50: "esp",
  51: "ah",
  58: "ipv6-icmp",
  132: "sctp",
  136: "udplite",
};

/** Returns the name of an interface as a string of JSON; its number if it has no name. */
export function nameWord(device: Interface): Word {
  return new Word(jsonLine(device.toString()));
}
