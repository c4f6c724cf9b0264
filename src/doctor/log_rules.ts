/** Rules that log, in what nft and iptables-save print. Pure. */

import { logTargetOf } from "../import/log_target.ts";
import { type Program, ruleOf } from "../import/rule.ts";
import { savedTable, savedWords } from "../import/saved.ts";
import { commandsOf, type ShellCommand } from "../import/shell.ts";
import { isTable } from "../schema.ts";
import { Chains, jumpsIn } from "./reached.ts";

/** A rule that logs. */
export interface LogRule {
  /** Its target; LOG for the kernel's own log. */
  target: "NFLOG" | "ULOG" | "LOG";
  /** The group; 0 for the kernel's log. */
  group: number;
  /** Family, table and chain, as in `inet filter input`. */
  place: string;
  /** Packets that it has logged; absent where it does not count. */
  packets?: number;
  /** Whether no packet reaches its chain: it has no hook, and nothing jumps to it. */
  isUnreached?: true;
}

/** Rules of nft. */
export interface NftRules {
  rules: LogRule[];
  /** Whether there are rules of iptables-nft that nft cannot tell in its own words. */
  hasForeign: boolean;
}

/**
 * Rules in what `nft -j list ruleset` prints.
 *
 * @throws {SyntaxError} If it is no JSON.
 */
export function nftLogRules(json: string): NftRules {
  const { nftables } = JSON.parse(json) as { nftables?: unknown };
  const objects = (Array.isArray(nftables) ? nftables : []).filter(isTable);
  const counters = new Map(
    objects.map(({ counter }) => counter).filter(isTable)
      .map((counter) => [keyOf(counter, counter.name), Number(counter.packets)]),
  );
  const unreached = nftChains(objects).unreached();
  const rules: LogRule[] = [];
  let hasForeign = false;
  for (const rule of objects.map(({ rule }) => rule).filter(isTable)) {
    const expressions = (Array.isArray(rule.expr) ? rule.expr : []).filter(isTable);
    hasForeign ||= expressions.some(({ xt }) => isTable(xt) && /^(NF|U)?LOG$/.test(`${xt.name}`));
    const packets = packetsOf(expressions, (name) => counters.get(keyOf(rule, name)));
    // One rule may log several times, each time to another group.
    for (const { log } of expressions.filter((expression) => "log" in expression)) {
      const group = isTable(log) && typeof log.group === "number" ? log.group : undefined;
      rules.push({
        target: group === undefined ? "LOG" : "NFLOG",
        group: group ?? 0,
        place: keyOf(rule, rule.chain),
        ...packets !== undefined && { packets },
        ...unreached.has(keyOf(rule, rule.chain)) && { isUnreached: true },
      });
    }
  }
  return { rules, hasForeign };
}

/** Collects the chains of nft and their jumps. */
function nftChains(objects: readonly Record<string, unknown>[]): Chains {
  const chains = new Chains();
  for (const chain of objects.map(({ chain }) => chain).filter(isTable)) {
    chains.add(keyOf(chain, chain.name), chain.hook !== undefined);
  }
  for (const rule of objects.map(({ rule }) => rule).filter(isTable)) {
    for (const target of jumpsIn(rule.expr)) {
      chains.addJump(keyOf(rule, rule.chain), keyOf(rule, target));
    }
  }
  // Which rules use a map with a name is not followed.
  for (const map of objects.map(({ map }) => map).filter(isTable)) {
    for (const target of jumpsIn(map.elem)) chains.add(keyOf(map, target), true);
  }
  return chains;
}

/** Returns the key of a counter, or a chain, of a table by its name. */
function keyOf({ family, table }: Record<string, unknown>, name: unknown): string {
  return `${family} ${table} ${name}`;
}

/**
 * Returns a rule's count of packets: its own, or that of a named counter, which several
 * rules may share.
 */
function packetsOf(
  expressions: readonly Record<string, unknown>[],
  named: (name: unknown) => number | undefined,
): number | undefined {
  const counter = expressions.find((expression) => "counter" in expression)?.counter;
  if (counter === undefined) return undefined;
  return isTable(counter) ? Number(counter.packets) : named(counter);
}

/**
 * Rules in what `iptables-save -c` prints.
 *
 * @param text What it printed.
 * @param program Whose rules they are.
 */
export function savedLogRules(text: string, program: Program): LogRule[] {
  const rules: LogRule[] = [];
  const commands = commandsOf(text);
  const unreached = savedChains(commands, program).unreached();
  let table = "filter";
  for (const command of commands) {
    table = savedTable(command) ?? table;
    const rule = command.saved ? ruleOf(program, savedWords(command), table) : undefined;
    const target = rule && logTargetOf(rule, 0);
    if (rule === undefined || target === undefined) continue;
    const packets = /^\[(\d+):/.exec(command.words[0]!.text)?.[1];
    const place = `${program} ${rule.table} ${rule.chain}`;
    rules.push({
      target: rule.target === "NFLOG" || rule.target === "ULOG" ? rule.target : "LOG",
      group: Number(target.group),
      place,
      ...packets !== undefined && { packets: Number(packets) },
      ...unreached.has(place) && { isUnreached: true },
    });
  }
  return rules;
}

/** Collects the chains of `iptables-save`: those of the kernel have a policy, others a dash. */
function savedChains(commands: readonly ShellCommand[], program: Program): Chains {
  const chains = new Chains();
  let table = "filter";
  for (const command of commands) {
    table = savedTable(command) ?? table;
    const words = savedWords(command).map(({ text }) => text);
    const [first = "", second] = words;
    if (first.startsWith(":")) chains.add(`${program} ${table} ${first.slice(1)}`, second !== "-");
    if (first !== "-A") continue;
    const target = words[words.findIndex((word) => /^(-[jg]|--jump|--goto)$/.test(word)) + 1];
    chains.addJump(`${program} ${table} ${second}`, `${program} ${table} ${target}`);
  }
  return chains;
}

/** Returns whether `iptables-save` tells rules that nft lists as well. */
export function isOfNfTables(saved: string): boolean {
  return /^# (?:Generated by ip6?tables-nft-save|.*\(nf_tables\))/m.test(saved);
}
