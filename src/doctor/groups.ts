/** Rules that feed groups, and loggers of the kernel. Pure. */

import { counted } from "../text/figures.ts";
import type { Feed } from "../import/feed.ts";
import type { Firewall } from "./firewall_reader.ts";
import { type Finding, fix, note, ok } from "../finding.ts";
import type { LogRule } from "./log_rules.ts";

/** A source that rules feed, as findings name it. */
export interface Fed {
  /** The source's name, as in `nflog:1`. */
  name: string;
  /** The target of its rules. */
  target: Feed["target"];
  group: number;
}

/**
 * Returns whether a rule feeds a group, and what it has counted.
 *
 * @param fed The source.
 * @param firewall The rules that log, in its network namespace.
 * @param command What prints the missing rule.
 */
export function ruleFinding(fed: Fed, firewall: Firewall, command: string): Finding {
  const { name, target, group } = fed;
  const check = `rules ${name}`;
  const logging = firewall.rules.filter((rule) => rule.target === target && rule.group === group);
  if (logging.length === 0) return noRule(check, fed, firewall, command);
  const feeding = logging.filter(({ isUnreached }) => isUnreached !== true);
  if (feeding.length === 0) return unreached(check, logging, command);
  const message = `${counted(feeding.length, "rule")}: ${describedByPlace(feeding)}`;
  const counts = feeding.flatMap(({ packets }) => packets ?? []);
  if (counts.length < feeding.length || counts.some((packets) => packets > 0)) {
    return ok(check, message);
  }
  return note(
    check,
    message,
    "no packet has matched yet: send one that does; where none ever does, a rule before it may take them",
  );
}

/** Rules that log to the group, and see no packet. */
function unreached(check: string, rules: readonly LogRule[], command: string): Finding {
  const places = [...new Set(rules.map(({ place }) => place))];
  const [chains, have] = places.length === 1 ? ["chain", "has"] : ["chains", "have"];
  return fix(
    check,
    `no packet reaches ${counted(rules.length, "rule")} in ${chains} ${places.join(", ")}, ` +
      `which ${have} no hook, and no rule that is reached jumps there`,
    "give the chain a hook, jump to it from one that has, or load the rule that this prints",
    [command],
  );
}

function noRule(check: string, fed: Fed, firewall: Firewall, command: string): Finding {
  const { refused, unread, rules } = firewall;
  const { target, group } = fed;
  if (refused.length > 0 || unread.length > 0) {
    const why = unread.map(({ program, why }) => `${program}: ${why}`);
    const byHand = target === "ULOG"
      ? [`iptables-save | grep ULOG`]
      : [`nft list ruleset | grep 'group ${group}'`, `iptables-save | grep NFLOG`];
    return fix(
      check,
      `none was found, and not all could be looked at: ${
        [...why, ...refused.map((program) => `${program} must not be started`)].join("; ")
      }`,
      refused.length > 0
        ? `run again with --allow-run=${refused.join(",")}, or look by hand`
        : "run again as root, or look by hand",
      byHand,
    );
  }
  const others = [
    ...new Set(rules.filter((rule) => rule.target === target).map(({ group }) => group)),
  ];
  const elsewhere = others.length === 0
    ? ""
    : `; there are rules for group ${others.sort((a, b) => a - b).join(", ")}`;
  const kernel = rules.filter((rule) => rule.target === "LOG").length;
  const toKernel = kernel === 0
    ? ""
    : `; ${counted(kernel, "rule")} without a group log to the kernel's own log`;
  return fix(
    check,
    `no rule logs to group ${group}${elsewhere}${toKernel}`,
    "add one; this prints it, and how to load it",
    [command],
  );
}

/** Lists each place once, with the packets that its rules have counted together. */
function describedByPlace(rules: readonly LogRule[]): string {
  const places = [...Map.groupBy(rules, ({ place }) => place)];
  return places.map(([place, there]) => {
    const counts = there.flatMap(({ packets }) => packets ?? []);
    const many = places.length > 1 && there.length > 1 ? ` (${there.length} rules)` : "";
    if (counts.length === 0) return `${place}${many}, without a counter`;
    const sum = counted(counts.reduce((total, packets) => total + packets, 0), "packet");
    const silent = there.length - counts.length;
    return `${place}${many}, ${sum}${silent === 0 ? "" : `, ${silent} without a counter`}`;
  }).join("; ");
}

/**
 * Reports where the kernel's own messages about packets go. Rules without a group and LOG
 * rules are not among them: they log to the kernel's log, whatever this says.
 *
 * @param table `/proc/net/netfilter/nf_log`.
 */
export function loggerFinding(table: string): Finding {
  const loggers = new Map(
    [...table.matchAll(/^ *(\d+) (\S+) /gm)].map(([, family, logger]) => [family, logger]),
  );
  const [v4, v6] = [loggers.get("2"), loggers.get("10")];
  if (v4 !== "nfnetlink_log" && v6 !== "nfnetlink_log") {
    return ok("LOG rules", "go to the kernel's log, as rules without a group do");
  }
  return note(
    "LOG rules",
    "go to the kernel's log, as rules without a group do; but what the kernel logs by itself, " +
      "TRACE of iptables-legacy and invalid packets of conntrack, goes to group 0",
    "tcpdump leaves that behind; to undo it",
    ["sysctl -w net.netfilter.nf_log.2=nf_log_ipv4 net.netfilter.nf_log.10=nf_log_ipv6"],
  );
}
