/**
 * The groups of sources: who holds them, and which rules feed them. Pure.
 *
 * @module
 */

import type { Firewall } from "./firewall_reader.ts";
import { type Finding, fix, note, ok } from "./finding.ts";
import type { Process } from "./holder_reader.ts";
import type { LogRule } from "./log_rules.ts";

/** A source that rules feed, as findings name it. */
export interface Fed {
  /** The source's name, as in `nflog:1`. */
  name: string;
  /** The kind of rule that feeds it. */
  target: "nflog" | "ulog";
  /** The group. */
  group: number;
}

/** The holder of a group. */
export interface Holder {
  /** Whether a process holds it; undefined where that is unknown. */
  isHeld: boolean | undefined;
  /** The socket's port id, where it is known. */
  portId?: number;
  /** The process that has the socket, where it is known. */
  process?: Process;
  /** Whether an nfscribe that runs with this configuration tells that it reads the group. */
  isRead: boolean;
  /** Whether the process runs with this configuration; undefined where nothing tells. */
  isOwn?: boolean | undefined;
}

/** Whether nfscribe can have a group, or has it already. */
export function holderFinding({ name }: Fed, holder: Holder): Finding {
  const { isHeld, portId, process, isRead, isOwn } = holder;
  const check = `group ${name}`;
  if (isHeld !== true) {
    return isRead && isHeld === false ? elsewhere(check) : ok(check, "nobody holds it");
  }
  if (isRead) {
    return ok(check, process === undefined ? "the running nfscribe holds it" : own(process));
  }
  if (process !== undefined && runOf(process.words) !== undefined) {
    if (isOwn === true) return ok(check, own(process));
    return isOwn === undefined ? doubtful(check, process) : forgotten(check, process);
  }
  const who = process !== undefined
    ? `${process.name} (process ${process.pid})`
    : portId !== undefined
    ? `a process that is not to be seen from here (port id ${portId})`
    : "another process; root may see which";
  return fix(
    check,
    `held by ${who}, which gets its packets: a group has one reader`,
    "stop that one, or give nfscribe a group of its own in the rule and in the configuration",
  );
}

function own({ pid }: Process): string {
  return `nfscribe run holds it (process ${pid})`;
}

/** Its command line is not told: a database's URL may hold a password. */
function held({ pid, cwd }: Process): string {
  return `nfscribe run holds it (process ${pid}${cwd === undefined ? "" : `, in ${cwd}`})`;
}

/** Another nfscribe, with a configuration of its own. */
function forgotten(check: string, process: Process): Finding {
  return fix(
    check,
    `another ${held(process)}, which gets its packets: a group has one reader`,
    "stop that one if it was forgotten, or give this one a group of its own in the rule and in " +
      "the configuration",
    [`kill ${process.pid}`],
  );
}

/** An nfscribe, where nothing says whether that is the one that is meant. */
function doubtful(check: string, process: Process): Finding {
  return {
    ...note(check, `${held(process)}, and gets its packets`, "stop that one if it was forgotten", [
      `kill ${process.pid}`,
    ]),
    doubt: `process ${process.pid} was forgotten`,
  };
}

/** The nfscribe that answers holds the group of another network namespace. */
function elsewhere(check: string): Finding {
  return fix(
    check,
    "nobody holds it here, and the nfscribe that answers says that it reads it: that one is in " +
      "another network namespace, and gets the packets of that",
    "ask the doctor there, or start an nfscribe here",
  );
}

/**
 * Returns the arguments of `nfscribe run` in a command line: of one that is compiled, bundled, or a
 * program of Deno's.
 *
 * @returns Its options; undefined where it is something else.
 */
export function runOf(words: readonly string[]): readonly string[] | undefined {
  const program = words.findIndex((word) => /(^|\/)(main\.ts|nfscribe(\.js)?)$/.test(word));
  return program >= 0 && words[program + 1] === "run" ? words.slice(program + 2) : undefined;
}

/**
 * Whether a rule feeds a group, and what it has counted.
 *
 * @param fed The source.
 * @param firewall The rules that log, in its network namespace.
 * @param command What prints the missing rule.
 */
export function ruleFinding(fed: Fed, firewall: Firewall, command: string): Finding {
  const { name, target, group } = fed;
  const check = `rules ${name}`;
  const feeding = firewall.rules.filter((rule) => rule.target === target && rule.group === group);
  if (feeding.length === 0) return noRule(check, fed, firewall, command);
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

function noRule(check: string, fed: Fed, firewall: Firewall, command: string): Finding {
  const { refused, unread, rules } = firewall;
  const { target, group } = fed;
  if (refused.length > 0 || unread.length > 0) {
    const why = unread.map(({ program, why }) => `${program}: ${why}`);
    const byHand = target === "ulog"
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
  const kernel = rules.filter((rule) => rule.target === "kernel").length;
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

/** Each place once, with what its rules have counted together. */
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

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

/**
 * Where the kernel's own messages about packets go. Rules without a group and LOG
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
