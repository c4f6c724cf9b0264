/** Converts the options of ULOG, LOG and NFLOG to those of NFLOG (iptables-extensions(8)). */

import type { Rule } from "./rule.ts";
import { isLogOption } from "./rule_options.ts";
import { EXPANSION } from "./words.ts";

/** Options of logging to NFLOG. */
export interface LogTarget {
  /** The group, 0 to 65535, or text that the shell expands. */
  group: string;
  /** The prefix; absent for none. */
  prefix?: string;
  /** Bytes to keep of each packet; absent for all. */
  size?: string;
  /** Number of packets that the kernel collects; absent if the reader decides. */
  threshold?: string;
  /** Notes about options without an equivalent, or with a different one. */
  notes: string[];
}

/** Error for a rule with invalid options. */
export class RuleError extends Error {
  override readonly name = "RuleError";
}

/** The longest prefixes in bytes, without the trailing NUL: ipt_ULOG.h, xt_LOG.h. */
const PREFIX_MAX: Readonly<Record<string, number>> = { ulog: 31, log: 29 };

/** Options of LOG that a logemu output has as well. */
const PRINTED = /^log-(tcp-sequence|tcp-options|ip-options|uid|macdecode)$/;
/** Options of LOG for data that nfscribe always has. */
const ALWAYS_THERE: Readonly<Record<string, string>> = {
  "log-ip": "the IP header is in every packet",
  "log-ip6": "the IPv6 header is in every packet",
  "log-arp": "the ARP header is in every packet",
};

/**
 * Converts how a rule logs.
 *
 * @param group The group for LOG, which has none.
 * @returns The options; undefined if the rule does not log.
 * @throws {RuleError} If a number is out of range.
 */
export function logTargetOf(rule: Rule, group: number): LogTarget | undefined {
  const kind = kindOf(rule);
  if (kind === undefined) return undefined;
  const unknown = [...rule.log.keys()].find((name) => !isLogOption(name));
  if (unknown !== undefined) throw new RuleError(`--${unknown} is no option of a target that logs`);
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

/** Returns which of the three a rule uses; in ebtables it is a watcher, not a target. */
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
      "the kernel never applied --nflog-range, but it applies --nflog-size: less is copied from now on",
    );
  }
  const threshold = option("threshold");
  if (threshold !== undefined) {
    target.threshold = numberOf("--nflog-threshold", threshold, 0, 65535);
  }
}

function notesOfLog({ log }: Rule): string[] {
  const names = [...log.keys()];
  const level = log.get("log-level");
  return [
    ...level === undefined ? [] : [lostLevel("--log-level", level)],
    ...names.filter((name) => ALWAYS_THERE[name] !== undefined)
      .map((name) => `--${name} has no counterpart and needs none: ${ALWAYS_THERE[name]}`),
    ...optionNotes(names.flatMap((name) => PRINTED.exec(name)?.[1] ?? [])),
  ];
}

/** Returns a note about a level. */
export function lostLevel(name: string, level: string): string {
  return `${name} ${level.replaceAll(EXPANSION, "$")} has no counterpart: a packet has no level`;
}

/** Returns notes about LOG's options, as `log_options` names them. */
export function optionNotes(options: readonly string[]): string[] {
  if (options.length === 0) return [];
  const list = [...new Set(options)].map((option) => `"${option}"`).join(", ");
  return [
    "for the same lines give the logemu output that writes them " +
    `dialect = "kernel" and log_options = [${list}]`,
  ];
}

/**
 * Checks a number in text.
 *
 * @param name The option, for the message.
 * @throws {RuleError} If it is not a number within the bounds.
 */
export function numberOf(name: string, text: string, least: number, most: number): string {
  if (text.includes(EXPANSION)) return text;
  const value = /^(0x[\da-f]+|\d+)$/i.test(text) ? Number(text) : NaN;
  if (value >= least && value <= most) return String(value);
  throw new RuleError(`${name} must be a number from ${least} to ${most}, not "${text}"`);
}

/** Returns the length of a text in UTF-8. */
export function bytes(text: string): number {
  return new TextEncoder().encode(text).length;
}

/**
 * Cuts a text to a length.
 *
 * @param most The most bytes in UTF-8; no character is split.
 */
export function cutTo(text: string, most: number): string {
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(most));
  return text.slice(0, read);
}
