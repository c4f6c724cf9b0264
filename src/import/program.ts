/** Finds the commands of a script that are firewall rules, and their programs. */

import type { Program } from "./rule.ts";
import { ACTIONS } from "./rule_options.ts";
import { type ScriptNames, withoutReserved } from "./script_names.ts";
import type { ShellCommand, Word } from "./shell.ts";
import { isUnknown, quoted, variableOf, withoutAssignments } from "./words.ts";

/** A program with its name. */
export interface ProgramName {
  program: Program;
  /**
   * Text of the command before its arguments, such as `$IPTABLES` or `ip netns exec blue iptables`.
   */
  name: string;
  /** Beginning of the command for nft, such as `ip netns exec blue `; mostly empty. */
  within: string;
  /** Notes on the name. */
  notes: string[];
}

/** A rule's program and its arguments. */
export interface NamedProgram extends ProgramName {
  /** Words after the program. */
  words: Word[];
  /** The program before it that adds words to the rule when the script runs, as `xargs` does. */
  adder?: string;
}

/** Commands that change how a command runs, but not what its rule does. */
const PLAIN = new Set(
  ("sudo doas exec command builtin eval time nice ionice chrt taskset env nohup timeout stdbuf " +
    "setsid flock strace runuser su-exec gosu busybox").split(" "),
);
/** Commands that run another one elsewhere: in a namespace, in a container, on a machine. */
const ELSEWHERE =
  /^(?:nsenter|docker|podman|nerdctl|kubectl|lxc|lxc-attach|incus|machinectl|pct|chroot|ssh|unshare|systemd-run|vagrant)$/;
/** Programs whose first argument selects another program. */
const MULTI = /(?:^|\/)(?:busybox|xtables(?:-nft|-legacy)?-multi)$/;
/** Commands that print their arguments. */
const PRINTS = /^(?:echo|printf|logger|cat|grep|egrep|sed|awk|msg|log|test|\[|\[\[|for|case)$/;

const FIREWALLD = /(?:^|\/)firewall-(?:offline-)?cmd$/;

/** Pattern of a program's name or path, such as `/sbin/iptables-legacy` or `${DIR}iptables`. */
const BY_NAME = /^(?:[^]*[/}])?(ip6?tables|ip46tables|ebtables)(-legacy|-nft)?$/;
/** The programs in a variable's value, as in `$(which iptables)`. */
const IN_VALUE = /(?<![\w-])(ip6?tables|ebtables)(?:-legacy|-nft)?(?![\w-])/g;
/** The longest value in which programs are looked for. */
const VALUE_MAX = 4096;
/** Most words before a program. */
const BEFORE_MAX = 32;
/** Programs that run another one with words that they read. */
const ADDERS = /^(?:xargs|parallel|find)$/;
/** Options of commands that add no rule: iptables(8). */
const NO_RULE =
  /^(?:-[FPNXLSZEVh]|--(?:flush|policy|new-chain|delete-chain|list|list-rules|zero|rename-chain|version|help))/;

/**
 * Finds a rule's programs.
 *
 * @param index Its index in the script.
 * @param names Variables and functions of the script.
 * @returns One for each program that gets the rule; none if the command is not a rule.
 */
export function programsOf(
  command: ShellCommand,
  index: number,
  names: ScriptNames,
): NamedProgram[] {
  const words = withoutAssignments(withoutReserved(command.words));
  if (words.length === 0 || PRINTS.test(words[0]!.text)) return [];
  const last = words.findLastIndex(isAction);
  for (const [at, word] of words.slice(0, Math.max(0, Math.min(last, BEFORE_MAX))).entries()) {
    const found = programsNamed(word, index, names);
    if (found.length === 0) continue;
    const before = words.slice(0, at);
    const { within, note } = placeOf(before);
    const multi = MULTI.test(words[at - 1]?.text ?? "") ? `${words[at - 1]!.raw} ` : "";
    const adder = adderIn(before);
    return found.map((program) => ({
      ...program,
      name: within + multi + program.name,
      within: `${within}${program.within}`,
      notes: [...note, ...program.notes],
      words: words.slice(at + 1),
      ...adder !== undefined && { adder },
    }));
  }
  return [];
}

/**
 * Finds a rule whose very command is decided when the script runs, as in `iptables $RULE`.
 *
 * @returns The words that are not known, or the program that adds them; undefined where the command
 * is no such rule.
 */
export function incompleteRule(
  command: ShellCommand,
  index: number,
  names: ScriptNames,
): string | undefined {
  const words = withoutAssignments(withoutReserved(command.words));
  if (words.length === 0 || PRINTS.test(words[0]!.text)) return undefined;
  const at = words.slice(0, BEFORE_MAX).findIndex((word) =>
    programsNamed(word, index, names).length > 0
  );
  const before = words.slice(0, Math.max(0, at));
  const adder = adderIn(before);
  if (at < 0 || (adder === undefined && placeOf(before).note.length > 0)) return undefined;
  const rest = words.slice(at + 1);
  if (rest.some((word) => isAction(word) || NO_RULE.test(word.text))) return undefined;
  const unknown = rest.filter(isUnknown).map(({ raw }) => raw);
  if (unknown.length > 0) return unknown.join(", ");
  return adder;
}

/** Returns the program among words that adds words to what it runs; undefined without one. */
export function adderIn(words: readonly Word[]): string | undefined {
  return words.find(({ text }) => ADDERS.test(baseName(text)))?.raw;
}

/** Returns whether words only change how, or where, the command after them runs. */
export function isRunner(words: readonly Word[]): boolean {
  if (elsewhereOf(words) !== "") return true;
  return words.every(({ text }, at) =>
    PLAIN.has(baseName(text)) || /^(?:-|[\d.]+[smhd]?$|\w+=)/.test(text) ||
    /^-\w$/.test(words[at - 1]?.text ?? "")
  );
}

/** Returns whether a word adds, inserts, deletes or checks a rule. */
export function isAction({ text }: Word): boolean {
  return /^--[a-z]/.test(text)
    ? ACTIONS[text.slice(2)] !== undefined
    : /^-[ADICR]/.test(text) && ACTIONS[text.slice(1, 2)] !== undefined;
}

/** Returns the programs that a word names. */
function programsNamed(word: Word, index: number, names: ScriptNames): readonly ProgramName[] {
  const [, name] = BY_NAME.exec(word.text) ?? BY_NAME.exec(word.raw.replaceAll(/["']/g, "}")) ??
    [];
  if (name === "ip46tables") return BOTH;
  if (name !== undefined) return [plain(name as Program, word.raw)];
  return ofVariable(word, index, names);
}

function plain(program: Program, name: string): ProgramName {
  return { program, name, within: "", notes: [] };
}

const BOTH: readonly ProgramName[] = (["iptables", "ip6tables"] as const).map((program) => (
  { ...plain(program, program), notes: ["ip46tables stands for iptables and ip6tables"] }
));

/** Resolves a word such as `$IPT6`: by its values in the script, else by its name. */
function ofVariable(word: Word, index: number, names: ScriptNames): ProgramName[] {
  const variable = variableOf(word.text);
  if (variable === undefined) return [];
  const values = names.valuesOf(variable, index);
  const texts = values.length === 0 ? [word.raw] : values.map(({ raw }) => raw);
  const found = unique(
    texts.flatMap((text) =>
      [...text.slice(0, VALUE_MAX).matchAll(IN_VALUE)].map((match): ProgramName => {
        const start = pathStart(text, match.index);
        const name = text.slice(start, match.index) + match[0];
        const [, before = ""] = /^["']?((?:\S+\s+)+)$/.exec(text.slice(0, start)) ?? [];
        const words = before.split(/\s+/).filter((part) => part !== "")
          .map((part) => ({ text: part, raw: rawOf(part) }));
        return { ...plain(match[1] as Program, name), within: elsewhereOf(words) };
      })
    ),
  );
  if (found.length === 1) {
    const [only] = found;
    // A value that the script computes is most often the program's path.
    const name = values.length === 0 ? word.raw : only!.within + only!.name;
    return [{ ...only!, name }];
  }
  if (found.length > 1) {
    const lines = [...new Set(values.map(({ line }) => line))].join(", ");
    const note = `${word.raw} is ${found.map(({ name }) => name).join(" and ")} (line ${lines})`;
    return found.map((program) => ({
      ...program,
      name: program.within + program.name,
      notes: [note],
    }));
  }
  return /ip_?6?_?t|ebt/i.test(variable) ? [plain(guessed(variable), word.raw)] : [];
}

/** Quotes a word of a value; only a whole variable is left to the shell. */
function rawOf(part: string): string {
  return /^\$(?:\w+|\{\w+\})$/.test(part) ? `"${part}"` : quoted(part);
}

/** Returns the start of a path that ends in a program's name. */
function pathStart(text: string, end: number): number {
  let start = end;
  if (text[start - 1] !== "/") return start;
  while (start > 0 && /[\w./]/.test(text[start - 1]!)) start--;
  return start;
}

function guessed(variable: string): Program {
  return /ebt/i.test(variable) ? "ebtables" : variable.includes("6") ? "ip6tables" : "iptables";
}

function unique<T extends ProgramName>(found: readonly T[]): T[] {
  return [...new Map(found.map((item) => [`${item.within}${item.program}`, item])).values()];
}

/** Returns the part before a program that its translation needs as well. */
export function placeOf(before: readonly Word[]): { within: string; note: string[] } {
  const words = MULTI.test(before.at(-1)?.text ?? "") ? before.slice(0, -1) : before;
  const elsewhere = words.findIndex(({ text }, at) =>
    ELSEWHERE.test(baseName(text)) ||
    (baseName(text) === "ip" && /^(?:netns|vrf|-n|-netns)/.test(words[at + 1]?.text ?? ""))
  );
  const first = words[0];
  const isPlain = first === undefined || PLAIN.has(baseName(first.text));
  const start = elsewhere >= 0 ? elsewhere : isPlain ? words.length : 0;
  const kept = words.slice(start).map(({ raw }) => `${raw} `).join("");
  const note = elsewhere >= 0 || isPlain
    ? []
    : [`${first.raw} stands before the rule's program, and is kept`];
  return { within: kept, note };
}

/** Returns the command among words that runs another one elsewhere; empty without one. */
export function elsewhereOf(words: readonly Word[]): string {
  const { within, note } = placeOf(words);
  return note.length === 0 ? within : "";
}

/** Returns the last part of a path. */
export function baseName(text: string): string {
  return text.slice(text.lastIndexOf("/") + 1);
}

/** Extracts an iptables rule from a firewalld command: firewall-cmd(1), Direct Options. */
export function directRule(command: ShellCommand): NamedProgram | undefined {
  const words = withoutAssignments(withoutReserved(command.words));
  const at = words.findIndex(({ text }) =>
    /^--(?:(?:add|remove|query)-(?:rule|passthrough)|passthrough)$/.test(text)
  );
  const isFirewalld = words.slice(0, Math.max(0, at)).some(({ text }) => FIREWALLD.test(text));
  const program = ({ ipv4: "iptables", ipv6: "ip6tables", eb: "ebtables" } as const)[
    words[at + 1]?.text ?? ""
  ];
  if (at < 0 || !isFirewalld || program === undefined) return undefined;
  const isPassthrough = words[at]!.text.endsWith("passthrough");
  const head = words.slice(0, at + (isPassthrough ? 2 : 5));
  const rule = words.slice(head.length);
  const own = head.findIndex(({ text }) => FIREWALLD.test(text));
  const { within } = placeOf(head.slice(0, own));
  const name = within + head.slice(own).map(({ raw }) => raw).join(" ");
  if (isPassthrough) return { program, name, within, notes: [], words: rule };
  const [, , table, chain] = words.slice(at);
  const action = words[at]!.text === "--add-rule" ? "-A" : "-D";
  // They are part of the head, and the rule would be incomplete without them.
  const implied = ["-t", table?.text ?? "", action, chain?.text ?? ""]
    .map((text) => ({ text, raw: quoted(text), isImplied: true }));
  return { program, name, within, notes: [], words: [...implied, ...rule] };
}
