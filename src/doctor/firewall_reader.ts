/** The rules that log, as the firewall's own programs list them. */

import { accessErrno } from "../../ffi/files.ts";
import { ERRNO } from "../../ffi/errno.ts";
import { inNetworkNamespace } from "../../ffi/network_namespace.ts";
import { readProcFile } from "../../ffi/proc_file.ts";
import { isGranted, type Need, variable } from "../permission.ts";
import type { Netns } from "../source/netns.ts";
import { isOfNfTables, type LogRule, nftLogRules, savedLogRules } from "./log_rules.ts";

/** The rules of one network namespace. */
export interface Firewall {
  rules: LogRule[];
  /** Programs that were there and could not tell, and why. */
  unread: { program: string; why: string }[];
  /** Programs that Deno must not start. */
  refused: string[];
}

/** The families of iptables, and where the kernel names tables that are in use. */
const FAMILIES = [
  { program: "iptables", tables: "/proc/thread-self/net/ip_tables_names" },
  { program: "ip6tables", tables: "/proc/thread-self/net/ip6_tables_names" },
] as const;

/** Every program that may be asked. */
const PROGRAMS: readonly string[] = [
  "nft",
  ...FAMILIES.flatMap(({ program }) =>
    ["-legacy", "-nft", ""].map((kind) => `${program}${kind}-save`)
  ),
];

/**
 * Returns the permissions to start the programs that the search path has, as far as it may
 * be read.
 */
export function firewallNeeds(): Need[] {
  return PROGRAMS.filter(isInstalled)
    .map((program) => ({ name: "run", value: program, why: "rules that log, and their counters" }));
}

/** Lists the rules that log. Nothing is changed, and no module is loaded. */
export function readFirewall(netns: Netns): Firewall {
  return inNetworkNamespace(netns, () => {
    const found: Firewall = { rules: [], unread: [], refused: [] };
    const nft = ask(["nft"], ["-j", "list", "ruleset"], found);
    const { rules, hasForeign } = nft === undefined
      ? { rules: [], hasForeign: true }
      : nftLogRules(nft);
    found.rules.push(...rules);
    for (const { program, tables } of FAMILIES) {
      const legacy = hasTables(tables)
        ? ask([`${program}-legacy-save`, `${program}-save`], ["-c"], found)
        : undefined;
      if (legacy !== undefined && !isOfNfTables(legacy)) {
        found.rules.push(...savedLogRules(legacy, program));
      }
      // nft has listed all rules of iptables-nft but those that it cannot express.
      if (!hasForeign) continue;
      const saved = ask([`${program}-nft-save`, `${program}-save`], ["-c"], found);
      if (saved !== undefined && isOfNfTables(saved)) {
        found.rules.push(...foreignOnly(savedLogRules(saved, program), rules));
      }
    }
    return found;
  });
}

/** Rules of iptables-nft in chains where nft has told none. */
function foreignOnly(saved: readonly LogRule[], told: readonly LogRule[]): LogRule[] {
  const families = { iptables: "ip", ip6tables: "ip6" } as const;
  return saved.filter(({ place, group, target }) => {
    const [program, ...rest] = place.split(" ");
    const asNft = [families[program as keyof typeof families], ...rest].join(" ");
    return !told.some((rule) =>
      rule.place === asNft && rule.group === group && rule.target === target
    );
  });
}

/**
 * Returns whether there are tables of iptables-legacy, as far as that may be seen: asking
 * for them would make them.
 */
function hasTables(path: string): boolean {
  const names = readProcFile(path);
  return names === undefined ? accessErrno(path, ["read"]) !== ERRNO.ENOENT : names.trim() !== "";
}

/** Returns the output of the first of the programs that is there; undefined for none. */
function ask(
  programs: readonly string[],
  args: readonly string[],
  found: Firewall,
): string | undefined {
  const allowed = programs.filter((value) => isGranted({ name: "run", value }));
  for (const program of allowed) {
    try {
      const { success, stdout, stderr } = new Deno.Command(program, {
        args: [...args],
        stdin: "null",
      }).outputSync();
      const decoder = new TextDecoder();
      if (success) return decoder.decode(stdout);
      const why = decoder.decode(stderr).trim().split("\n")[0]!;
      found.unread.push({ program, why });
      return undefined;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  const refused = programs.filter((program) => !allowed.includes(program) && isInstalled(program));
  if (allowed.length === 0) found.refused.push(...refused.slice(0, 1));
  return undefined;
}

/** Returns whether the search path has a program; true where it may not be looked at. */
function isInstalled(program: string): boolean {
  if (!isGranted({ name: "env", value: "PATH" })) return true;
  return (variable("PATH") ?? "").split(":").some((folder) => {
    try {
      return Deno.statSync(`${folder}/${program}`).isFile;
    } catch {
      return false;
    }
  });
}
