/**
 * Finds rules of iptables, ebtables, firewalld and nft in a shell script, in output of
 * `iptables-save`, and in texts that a script passes to other programs.
 *
 * @module
 */

import { logTargetOf, RuleError } from "./log_target.ts";
import { addNft } from "./nft_rules.ts";
import { isNftText } from "./nft_text.ts";
import {
  baseName,
  directRule,
  type NamedProgram,
  placeOf,
  programsOf,
  withoutAssignments,
} from "./program.ts";
import { type Program, ruleOf } from "./rule.ts";
import { savedPrograms, savedTable, savedWords } from "./saved.ts";
import { isAssignment, namesSetBy, ScriptNames, withoutReserved } from "./script_names.ts";
import { type HereDocument, scriptOf, type ShellCommand, type Word } from "./shell.ts";
import { type Translated, translation } from "./translation.ts";
import { holdsLogging, reasonOf, seemsToLog, textOf } from "./unread.ts";
import { EXPANSION, runsCommand, variableOf } from "./words.ts";

/** Context of a text. */
interface Surroundings {
  /** Number of its first line. */
  firstLine?: number;
  /** Program of `iptables-save`'s lines and its name, if known. */
  saved?: { program: Program; name: string; within: string };
  /** The enclosing script. */
  outer?: { names: ScriptNames; depth: number };
}

/** The deepest nesting of texts. */
const DEPTH_MAX = 4;
const RESTORE = /^(ip6?tables|ebtables)(-legacy|-nft)?-restore$/;
const SHELL = /^(?:ba|da|a|k|z|mk)?sh$/;

const COMMAND_INSIDE =
  "the shell makes a word of it by running a command; put its result into a variable first";

/** Translates one text. */
export class ScriptTranslator {
  readonly #text: string;
  readonly #group: number;
  readonly #result: Translated;
  readonly #surroundings: Surroundings;
  readonly #firstLine: number;
  readonly #depth: number;
  readonly #commands: readonly ShellCommand[];
  readonly #unclosed: { line: number; message: string } | undefined;
  readonly #names: ScriptNames;
  readonly #savedProgram: ReturnType<typeof savedPrograms>;
  /** Current table of lines of `iptables-save`. */
  #table = "filter";
  /** Variables that contain a logging target. */
  readonly #holders: { name: string; line: number }[] = [];

  /**
   * Parses a text.
   *
   * @param text A script, or output of `iptables-save`.
   * @param group The group for rules without one.
   * @param result Receives the rules.
   */
  constructor(text: string, group: number, result: Translated, surroundings: Surroundings = {}) {
    const { firstLine = 1, outer } = surroundings;
    this.#text = text;
    this.#group = group;
    this.#result = result;
    this.#surroundings = surroundings;
    this.#firstLine = firstLine;
    this.#depth = outer?.depth ?? 0;
    const { commands, unclosed } = scriptOf(text, firstLine);
    this.#commands = commands;
    this.#unclosed = unclosed;
    this.#names = new ScriptNames(commands, outer?.names);
    this.#savedProgram = savedPrograms(text);
  }

  /** Adds its rules to the result. */
  translate(): void {
    for (const [index, command] of this.#commands.entries()) {
      for (const document of command.documents) this.#document(document, index);
      this.#table = savedTable(command) ?? this.#table;
      try {
        this.#command(command, index);
      } catch (error) {
        if (!(error instanceof RuleError)) throw error;
        this.#problem(command.line, error.message);
      }
    }
    for (const { name, line } of this.#holders) {
      if (this.#names.taken.has(name)) continue;
      this.#problem(line, `${name} holds a target that logs, and no rule here has it as a word`);
    }
    if (this.#unclosed !== undefined) this.#behindQuote(this.#unclosed);
  }

  #problem(line: number, message: string): void {
    this.#result.problems.push({ line, message });
  }

  /** Reports an unclosed quote, and the lines that log after it. */
  #behindQuote({ line, message }: { line: number; message: string }): void {
    const hidden = this.#text.split("\n").flatMap((text, index) =>
      index + this.#firstLine > line && seemsToLog(text) && !/^\s*#/.test(text)
        ? [index + this.#firstLine]
        : []
    );
    // Text that is not a script may have a single apostrophe.
    if (this.#depth === 0 || hidden.length > 0) this.#problem(line, message);
    for (const each of hidden) this.#problem(each, `the quote of line ${line} hides this rule`);
  }

  #command(command: ShellCommand, index: number): void {
    if (isAssignment(command)) return this.#assignment(command);
    const words = this.#expanded(command.words, index, 0);
    const expanded = { ...command, words };
    if (this.#nft(expanded, index) || this.#inner(expanded)) return;
    const found = this.#programs(expanded, index);
    const outcomes = found.map((named) => this.#rule(command, named));
    if (outcomes.includes("other")) this.#result.others++;
    if (outcomes.includes("unclear")) this.#result.unclear.push(command.line);
    if (outcomes.some((outcome) => outcome !== "none")) return;
    const reason = reasonOf(expanded);
    if (reason !== undefined) throw new RuleError(reason);
  }

  #assignment(command: ShellCommand): void {
    if (command.words.some((word) => runsCommand(word) && seemsToLog(word.raw))) {
      throw new RuleError(reasonOf(command) ?? COMMAND_INSIDE);
    }
    if (!seemsToLog(textOf(command.words))) return;
    for (const name of namesSetBy(command)) this.#holders.push({ name, line: command.line });
  }

  #programs(command: ShellCommand, index: number): NamedProgram[] {
    if (!command.saved) {
      const direct = directRule(command);
      return direct === undefined ? programsOf(command, index, this.#names) : [direct];
    }
    const words = savedWords(command);
    const { saved } = this.#surroundings;
    if (saved !== undefined) return [{ ...saved, notes: [], words }];
    const { program, isGuess } = this.#savedProgram(command.line - this.#firstLine + 1);
    const notes = isGuess
      ? [
        "nothing says whose rule this is: it is taken for iptables; for IPv6 put " +
        '"# Generated by ip6tables-save" before it',
      ]
      : [];
    return [{ program, name: program, within: "", notes, words }];
  }

  #rule(command: ShellCommand, named: NamedProgram): "logs" | "other" | "unclear" | "none" {
    const { program, words } = named;
    const rule = ruleOf(program, words, command.saved ? this.#table : undefined);
    if (rule === undefined) return "none";
    const target = logTargetOf(rule, this.#group);
    if (target !== undefined) {
      if (words.some(runsCommand)) throw new RuleError(COMMAND_INSIDE);
      this.#result.rules.push(translation(command, rule, target, named, command.saved));
      return "logs";
    }
    const isVariable = rule.target?.includes(EXPANSION) === true;
    if (rule.log.size > 0) {
      const shown = rule.target?.replaceAll(EXPANSION, "$");
      throw new RuleError(
        isVariable
          ? `nothing here says which target ${shown} is; write LOG or NFLOG in its place`
          : `--${[...rule.log.keys()][0]} belongs to a target that logs, and the rule's is ` +
            (shown === undefined ? "missing" : shown),
      );
    }
    return isVariable ? "unclear" : "other";
  }

  /** Returns words in which variables with a logging target are replaced by their values. */
  #expanded(words: readonly Word[], index: number, depth: number): Word[] {
    return words.flatMap((word, at) => {
      const isTarget = /^(?:-j|--jump)$/.test(words[at - 1]?.text ?? "");
      const values = this.#names.valuesOfWord(word, index);
      const isLogging = values.some((value) =>
        holdsLogging(value.words) ||
        (isTarget && /^(?:NF|U)?LOG$/.test(value.words[0]?.text ?? ""))
      );
      if (!isLogging || depth > DEPTH_MAX) return [word];
      this.#names.taken.add(variableOf(word.text)!);
      const texts = new Set(values.map((value) => textOf(value.words)));
      if (texts.size > 1) {
        const lines = [...new Set(values.map(({ line }) => line))].join(", ");
        throw new RuleError(
          `${word.raw} may be ${[...texts].join(" or ")} (line ${lines}); ` +
            "write the one that logs in its place",
        );
      }
      return this.#expanded(values[0]!.words, index, depth + 1);
    });
  }

  /** Handles a command of nft; returns false if it is not one. */
  #nft(command: ShellCommand, index: number): boolean {
    if (command.saved) return false;
    const words = withoutAssignments(withoutReserved(command.words));
    const at = words.findIndex((word) => this.#isNft(word, index));
    if (at < 0 || (at > 0 && placeOf(words.slice(0, at)).note.length > 0)) return false;
    const start = words.findIndex(({ text }, place) => place > at && !text.startsWith("-"));
    const hasFile = words.some(({ text }) => /^(?:-\w*f|--file)/.test(text));
    if (start < 0 || hasFile) return true;
    const { within } = placeOf(words.slice(0, at));
    const text = words.slice(start).map((word) => word.text).join(" ");
    const { rules } = this.#result;
    const before = rules.length;
    addNft(this.#result, text, this.#group, command.line, within);
    // Lines within its quotes are not lines of the script.
    for (const rule of rules.slice(before)) rule.from = textOf(command.words);
    return true;
  }

  #isNft(word: Word, index: number): boolean {
    if (baseName(word.text) === "nft") return true;
    const name = variableOf(word.text);
    if (name === undefined) return false;
    const values = this.#names.valuesOf(name, index);
    return values.length === 0
      ? /^nft/i.test(name)
      : values.some(({ raw }) => /(?:^|[\s/"'])nft["')`]*$/.test(raw));
  }

  /**
   * Handles a script in a word, such as an argument of `eval` and `sh -c`; returns false if there
   * is none.
   */
  #inner(command: ShellCommand): boolean {
    if (command.saved) return false;
    const words = withoutAssignments(withoutReserved(command.words));
    const at = words.findIndex(({ text }, place) =>
      text === "eval" || ((SHELL.test(baseName(text)) || text === "su") &&
        words.slice(place + 1).some(({ text }) => /^-\w*c$/.test(text)))
    );
    if (at < 0 || placeOf(words.slice(0, at)).within !== "") return false;
    const rest = words.slice(at + 1);
    const option = rest.findIndex(({ text }) => /^-\w*c$/.test(text));
    const inner = words[at]!.text === "eval"
      ? rest.map(({ text }) => text).join(" ")
      : rest[option + 1]?.text ?? "";
    this.#script(inner, command.line);
    return true;
  }

  /** Translates a script within this one. */
  #script(text: string, firstLine: number): void {
    if (this.#depth >= DEPTH_MAX) return this.#eachLine(text, firstLine);
    const outer = { names: this.#names, depth: this.#depth + 1 };
    const plain = text.replaceAll(EXPANSION, "$");
    new ScriptTranslator(plain, this.#group, this.#result, { firstLine, outer }).translate();
  }

  /** Reports the lines that log. */
  #eachLine(text: string, firstLine: number): void {
    for (const [index, line] of text.split("\n").entries()) {
      if (seemsToLog(line)) this.#problem(firstLine + index, "the rule stands too deep in quotes");
    }
  }

  /** Handles a text that a command reads, by the reader, else by its form. */
  #document({ text, line }: HereDocument, index: number): void {
    const readers = this.#pipeline(index);
    const names = readers.flatMap(({ words, files }) => [...words, ...files]);
    const outer = { names: this.#names, depth: this.#depth + 1 };
    const tables = /^\*[a-z]+\s*$/m.test(text);
    for (const { words } of readers) {
      const at = words.findIndex((word) => RESTORE.test(baseName(word.text)));
      if (at < 0) continue;
      const [, program, variant = ""] = RESTORE.exec(baseName(words[at]!.text))!;
      const { within } = placeOf(withoutAssignments(withoutReserved(words.slice(0, at))));
      const saved = {
        program: program as Program,
        name: within + program + variant,
        within,
      };
      const surroundings = { firstLine: line, saved, outer };
      return new ScriptTranslator(text, this.#group, this.#result, surroundings).translate();
    }
    const nft = readers.find(({ words }) => words.some((word) => this.#isNft(word, index)));
    if (nft !== undefined || isNftText(text)) {
      const at = nft?.words.findIndex((word) => this.#isNft(word, index)) ?? 0;
      const { within } = placeOf(
        withoutAssignments(withoutReserved(nft?.words.slice(0, at) ?? [])),
      );
      return addNft(this.#result, text, this.#group, line, within);
    }
    if (!tables) return this.#script(text, line);
    const isIpv6 = names.some(({ text }) => /v6|ip6/i.test(text));
    const saved = { program: "ip6tables" as const, name: "ip6tables", within: "" };
    const surroundings = { firstLine: line, outer, ...isIpv6 && { saved } };
    new ScriptTranslator(text, this.#group, this.#result, surroundings).translate();
  }

  /** Returns a command and those that its output is piped to. */
  #pipeline(index: number): ShellCommand[] {
    const commands = [this.#commands[index]!];
    for (let at = index; /^\|&?$/.test(this.#commands[at]!.operator);) {
      const next = this.#commands[++at];
      if (next === undefined) break;
      commands.push(next);
    }
    return commands;
  }
}
