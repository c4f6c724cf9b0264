/**
 * What ULOG, LOG and NFLOG say, as NFLOG says it (iptables-extensions(8)).
 *
 * @module
 */

import type { Rule } from "./rule.ts";
import { isLogOption } from "./rule_options.ts";
import { EXPANSION } from "./words.ts";

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

/** Options of LOG that a logemu output has as well. */
const PRINTED = /^log-(tcp-sequence|tcp-options|ip-options|uid|macdecode)$/;
/** Options of LOG whose facts nfscribe has of every packet. */
const ALWAYS_THERE: Readonly<Record<string, string>> = {
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
  const names = [...log.keys()];
  const level = log.get("log-level");
  return [
    ...level === undefined ? [] : [lostLevel("--log-level", level)],
    ...names.filter((name) => ALWAYS_THERE[name] !== undefined)
      .map((name) => `--${name} has no counterpart and needs none: ${ALWAYS_THERE[name]}`),
    ...optionNotes(names.flatMap((name) => PRINTED.exec(name)?.[1] ?? [])),
  ];
}

/** Remark on a level. */
export function lostLevel(name: string, level: string): string {
  return `${name} ${level.replaceAll(EXPANSION, "$")} has no counterpart: a packet has no level`;
}

/** Remark on LOG's options, as `log_options` names them. */
export function optionNotes(options: readonly string[]): string[] {
  if (options.length === 0) return [];
  const list = [...new Set(options)].map((option) => `"${option}"`).join(", ");
  return [
    "for the same lines give the logemu output that writes them " +
    `dialect = "kernel" and log_options = [${list}]`,
  ];
}

/**
 * A number within bounds, as text.
 *
 * @param name The option, for the message.
 * @throws {RuleError} If it is none.
 */
export function numberOf(name: string, text: string, least: number, most: number): string {
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
