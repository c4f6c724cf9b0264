/**
 * What ULOG, LOG and NFLOG say, as NFLOG says it (iptables-extensions(8)).
 *
 * @module
 */

import type { Rule } from "./rule.ts";
import { EXPANSION } from "./shell.ts";

/** How packets are logged to NFLOG. */
export interface LogTarget {
  /** The group, 0 to 65535, or what the shell fills in. */
  group: string;
  /** The prefix; absent for none. */
  prefix?: string;
  /** Bytes kept of each packet; absent for all of them. */
  size?: string;
  /** Packets that the kernel collects; absent where the reader decides. */
  threshold?: string;
  /** What has no counterpart, or another one. */
  notes: string[];
}

/** A rule that logs in a way that cannot be. */
export class RuleError extends Error {
  override readonly name = "RuleError";
}

/** The longest prefixes, in bytes, without the NUL behind them: ipt_ULOG.h, xt_LOG.h. */
const PREFIX_MAX: Readonly<Record<string, number>> = { ulog: 31, log: 29 };

/** Options of LOG whose facts nfscribe has of every packet. */
const ALWAYS_THERE: Readonly<Record<string, string>> = {
  "log-tcp-sequence": "sequence numbers are in every packet",
  "log-tcp-options": "TCP options are in every packet",
  "log-ip-options": "IP options are in every packet",
  "log-uid": "the kernel tells user and group of every packet that has them",
  "log-macdecode": "the link layer's header comes with every packet that has one",
  "log-ip": "the IP header is in every packet",
  "log-ip6": "the IPv6 header is in every packet",
  "log-arp": "the ARP header is in every packet",
};

/**
 * How a rule logs.
 *
 * @param rule The rule.
 * @param group The group for LOG, which has none.
 * @returns It; undefined if the rule does not log.
 * @throws {RuleError} If a number is out of its bounds.
 */
export function logTargetOf(rule: Rule, group: number): LogTarget | undefined {
  const kind = kindOf(rule);
  if (kind === undefined) return undefined;
  const notes: string[] = [];
  const target: LogTarget = { group: String(group), notes };
  const option = (name: string) => rule.log.get(`${kind}-${name}`);
  const prefix = option("prefix");
  if (prefix !== undefined && prefix !== "") {
    target.prefix = prefix;
    if (bytes(prefix) > (PREFIX_MAX[kind] ?? Infinity)) {
      notes.push(
        `${kind.toUpperCase()} cut this prefix after ${PREFIX_MAX[kind]} bytes; NFLOG does not`,
      );
    }
  }
  if (kind === "log") notes.push(...notesOfLog(rule));
  if (kind === "ulog") readUlog(target, option);
  if (kind === "nflog") readNflog(target, option, rule.program);
  return target;
}

/** Which of the three a rule uses; with ebtables it is no target but a watcher. */
function kindOf({ program, target, log }: Rule): "ulog" | "log" | "nflog" | undefined {
  if (program !== "ebtables") {
    return ({ ULOG: "ulog", LOG: "log", NFLOG: "nflog" } as const)[target ?? ""];
  }
  const kinds = ["ulog", "nflog", "log"] as const;
  return kinds.find((kind) =>
    [...log.keys()].some((name) => name === kind || name.startsWith(`${kind}-`))
  );
}

function readUlog(target: LogTarget, option: (name: string) => string | undefined): void {
  target.group = numberOf("--ulog-nlgroup", option("nlgroup") ?? "1", 1, 32);
  const size = option("cprange");
  if (size !== undefined && Number(size) !== 0) {
    target.size = numberOf("--ulog-cprange", size, 0, 0xffff_ffff);
  }
  const threshold = option("qthreshold");
  if (threshold !== undefined) {
    target.threshold = numberOf("--ulog-qthreshold", threshold, 1, 50);
  }
}

function readNflog(
  target: LogTarget,
  option: (name: string) => string | undefined,
  program: string,
): void {
  target.group = numberOf("--nflog-group", option("group") ?? "0", 0, 65535);
  const range = option("range");
  const size = option("size") ?? range;
  if (size !== undefined) target.size = numberOf("--nflog-size", size, 0, 0xffff_ffff);
  if (range !== undefined && program !== "ebtables") {
    target.notes.push(
      "the kernel never heeded --nflog-range; --nflog-size it does, so less is copied from now on",
    );
  }
  const threshold = option("threshold");
  if (threshold !== undefined) {
    target.threshold = numberOf("--nflog-threshold", threshold, 0, 65535);
  }
}

function notesOfLog({ log }: Rule): string[] {
  const notes = [...log.keys()].filter((name) => ALWAYS_THERE[name] !== undefined)
    .map((name) => `--${name} has no counterpart and needs none: ${ALWAYS_THERE[name]}`);
  const level = log.get("log-level");
  if (level === undefined) return notes;
  return [`--log-level ${level} has no counterpart: a packet has no level`, ...notes];
}

function numberOf(name: string, text: string, least: number, most: number): string {
  if (text.includes(EXPANSION)) return text;
  const value = /^(0x[\da-f]+|\d+)$/i.test(text) ? Number(text) : NaN;
  if (value >= least && value <= most) return String(value);
  throw new RuleError(`${name} must be a number from ${least} to ${most}, not "${text}"`);
}

/** How many bytes a text has in UTF-8. */
export function bytes(text: string): number {
  return new TextEncoder().encode(text).length;
}

/**
 * The beginning of a text.
 *
 * @param most How many bytes of it at the most; no character is cut in two.
 */
export function cutTo(text: string, most: number): string {
  let length = text.length;
  while (bytes(text.slice(0, length)) > most) length--;
  return text.slice(0, length).replace(/[\uD800-\uDBFF]$/, "");
}
