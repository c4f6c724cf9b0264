/**
 * Finds the commands of a script that are firewall rules, and their programs.
 *
 * @module
 */

import type { Program } from "./rule.ts";
import { ACTIONS } from "./rule_options.ts";
import { type ScriptNames, withoutReserved } from "./script_names.ts";
import type { ShellCommand, Word } from "./shell.ts";
import { quoted, variableOf } from "./words.ts";

/** A program with its name. */
export interface ProgramName {
  /** The program. */
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
/** Pattern of programs in a variable's value, such as `$(which iptables)`. */
const IN_VALUE = /(?<![\w-])(?:[\w./]*\/)?(ip6?tables|ebtables)(?:-legacy|-nft)?(?![\w-])/g;

/**
 * Finds a rule's programs.
 *
 * @param command A command.
 * @param index Its index in the script.
 * @param names Variables and functions of the script.
 * @returns One for each program that gets the rule; none if the command is not a rule.
 */
export function programsOf(
  command: ShellCommand,
  index: number,
  names: ScriptNames,
): NamedProgram[] {
  return programsIn(command, index, names, 0);
}

function programsIn(
  command: ShellCommand,
  index: number,
  names: ScriptNames,
  depth: number,
): NamedProgram[] {
  const words = withoutAssignments(withoutReserved(command.words));
  if (words.length === 0 || PRINTS.test(words[0]!.text)) return [];
  for (const [at, word] of words.entries()) {
    const rest = words.slice(at + 1);
    // In the body of a function the action is among its arguments.
    if (!rest.some(isAction) && depth === 0) continue;
    const found = programsNamed(word, at, index, names, depth);
    if (found.length === 0) continue;
    const { within, note } = placeOf(words.slice(0, at));
    const multi = MULTI.test(words[at - 1]?.text ?? "") ? `${words[at - 1]!.raw} ` : "";
    return found.map((program) => ({
      ...program,
      name: within + multi + program.name,
      within: `${within}${program.within}`,
      notes: [...note, ...program.notes],
      words: rest,
    }));
  }
  return [];
}

/** Returns whether a word adds, inserts, deletes or checks a rule. */
export function isAction({ text }: Word): boolean {
  return /^--[a-z]/.test(text)
    ? ACTIONS[text.slice(2)] !== undefined
    : /^-[ADICR]/.test(text) && ACTIONS[text.slice(1, 2)] !== undefined;
}

/** Returns the words of a command without variables that are set only for it. */
export function withoutAssignments(words: readonly Word[]): readonly Word[] {
  const start = words.findIndex(({ text }) => !/^[A-Za-z_]\w*\+?=/.test(text));
  return start < 0 ? [] : words.slice(start);
}

/**
 * Returns the programs that a word means; those of a function or an alias only for the first word.
 */
function programsNamed(
  word: Word,
  at: number,
  index: number,
  names: ScriptNames,
  depth: number,
): readonly ProgramName[] {
  const body = at === 0 ? names.bodyOf(word.text) : undefined;
  if (body !== undefined && depth < 3) return ofFunction(word, body, index, names, depth);
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

/** Finds commands of the body that pass the function's arguments to a program. */
function ofFunction(
  word: Word,
  body: readonly ShellCommand[],
  index: number,
  names: ScriptNames,
  depth: number,
): ProgramName[] {
  const handing = body.filter(({ words }) =>
    body.length === 1 || words.some(({ text }) => /\uE000(?:[@*]|\{@\})/.test(text))
  );
  const found = unique(
    handing.flatMap((command) => programsIn(command, index, names, depth + 1)),
  );
  return found.map(({ program, name, within }) => ({
    program,
    name: found.length === 1 ? word.raw : name,
    within,
    notes: [`${word.raw} is a function of the script, which calls ${name}`],
  }));
}

/** Resolves a word such as `$IPT6`: by its values in the script, else by its name. */
function ofVariable(word: Word, index: number, names: ScriptNames): ProgramName[] {
  const variable = variableOf(word.text);
  if (variable === undefined) return [];
  const values = names.valuesOf(variable, index);
  const texts = values.length === 0 ? [word.raw] : values.map(({ raw }) => raw);
  const found = unique(
    texts.flatMap((text) =>
      [...text.matchAll(IN_VALUE)].map((match): ProgramName => {
        const [, before = ""] = /^["']?((?:\S+\s+)+)$/.exec(text.slice(0, match.index)) ?? [];
        const words = before.split(/\s+/).filter((part) => part !== "")
          .map((part) => ({ text: part, raw: part }));
        return { ...plain(match[1] as Program, match[0]), within: placeOf(words).within };
      })
    ),
  );
  if (found.length === 1) return [{ ...found[0]!, name: word.raw }];
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
