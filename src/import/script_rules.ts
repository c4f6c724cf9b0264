/**
 * Finds rules of iptables, ebtables, firewalld and nft in a shell script, in output of
 * `iptables-save`, and in texts that a script passes to other programs.
 *
 * @module
 */

import { COMMAND_STEPS, DEPTH_MAX, Steps, TEXT_STEPS, WORDS_MAX } from "./bounds.ts";
import { changesArguments, textWithArguments, withArguments } from "./call.ts";
import { RuleError } from "./log_target.ts";
import { nftTextOf } from "./nft_command.ts";
import { addNft } from "./nft_rules.ts";
import { directRule, incompleteRule, type NamedProgram, programsOf } from "./program.ts";
import { fileMessage, type Reading } from "./reading.ts";
import { type SavedAs, savedPrograms, savedTable, savedWords } from "./saved.ts";
import { isAssignment, namesSetBy, ScriptNames, withoutReserved } from "./script_names.ts";
import { addRule } from "./script_rule.ts";
import { ScriptTexts } from "./script_texts.ts";
import { ScriptValues } from "./script_values.ts";
import { type HereDocument, scriptOf, type ShellCommand, type Word } from "./shell.ts";
import type { Translated } from "./translation.ts";
import { COMMAND_INSIDE, shortened, unknownMessage } from "./unknown.ts";
import { holdsLogging, loggingLines, mentionsLog, reasonOf, seemsToLog, textOf } from "./unread.ts";
import { EXPANSION, hasArguments, runsCommand, variableOf, withoutAssignments } from "./words.ts";

/** Context of a text. */
interface Surroundings {
  /** Number of its first line. */
  firstLine?: number;
  /** How the program of `iptables-save`'s lines is called, where something says so. */
  saved?: SavedAs;
  /** The script that it is a part of. */
  outer?: ScriptTranslator;
}

/** Commands that compare words and run nothing. */
const TESTS = /^(?:\[|\[\[|test|case)$/;
const PRINTS = /^(?:echo|printf|logger)$/;

/** Translates one text. */
export class ScriptTranslator {
  readonly #text: string;
  readonly #group: number;
  readonly #result: Translated;
  readonly #saved: SavedAs | undefined;
  readonly #outer: ScriptTranslator | undefined;
  readonly #firstLine: number;
  readonly #depth: number;
  readonly #steps: Steps;
  readonly #commands: readonly ShellCommand[];
  readonly #unclosed: { line: number; message: string } | undefined;
  readonly #names: ScriptNames;
  readonly #values: ScriptValues;
  readonly #texts: ScriptTexts;
  readonly #savedProgram: ReturnType<typeof savedPrograms>;
  /** Commands of functions that depend on a call's arguments, by the function's name. */
  readonly #waiting = new Map<string, number[]>();
  /** Places of these commands. */
  readonly #waitingAt = new Set<number>();
  /** Functions that change their arguments. */
  readonly #changing = new Set<string>();
  /** Functions whose calls have been followed. */
  readonly #called = new Set<string>();
  /** Line of the command that is being translated. */
  line = 1;
  /** The table that lines of `iptables-save` belong to. */
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
    const { firstLine = 1, outer, saved } = surroundings;
    this.#text = text;
    this.#group = group;
    this.#result = result;
    this.#saved = saved;
    this.#outer = outer;
    this.#firstLine = firstLine;
    this.#depth = outer === undefined ? 0 : outer.#depth + 1;
    this.#steps = outer === undefined ? new Steps(text.length) : outer.#steps;
    const { commands, unclosed } = scriptOf(text, firstLine);
    this.#commands = commands;
    this.#unclosed = unclosed;
    this.#names = new ScriptNames(commands, outer && outer.#names);
    this.#values = new ScriptValues(this.#names, this.#steps, outer && outer.#values);
    this.#texts = new ScriptTexts(commands);
    this.#savedProgram = savedPrograms(text);
  }

  /** Adds its rules to the result. */
  translate(): void {
    this.#findWaiting();
    for (const [index, command] of this.#commands.entries()) {
      if (this.#waitingAt.has(index)) continue;
      this.#table = savedTable(command) ?? this.#table;
      this.line = command.line;
      this.#at(command, index, 0);
    }
    for (const [name, indices] of this.#waiting) {
      if (this.#called.has(name)) continue;
      for (const index of indices) this.#at(this.#commands[index]!, index, 0);
    }
    for (const { name, line } of this.#holders) {
      if (this.#names.taken.has(`${name}:${line}`)) continue;
      this.#problem(line, `${name} holds a target that logs, and no rule here has it as a word`);
    }
    if (this.#unclosed !== undefined) this.#behindQuote(this.#unclosed);
  }

  /** Finds commands of functions that have to wait for the function's calls. */
  #findWaiting(): void {
    for (const [index, command] of this.#commands.entries()) {
      const name = this.#names.functionAt(index);
      if (name === "") continue;
      if (changesArguments(command)) this.#changing.add(name);
      if (isAssignment(command) || !this.#dependsOnArguments(command, index)) continue;
      this.#waitingAt.add(index);
      const indices = this.#waiting.get(name) ?? [];
      indices.push(index);
      this.#waiting.set(name, indices);
    }
  }

  #dependsOnArguments({ words, documents }: ShellCommand, index: number): boolean {
    if (documents.some(hasArguments)) return true;
    try {
      return this.#values.words(words, index).some(hasArguments);
    } catch (error) {
      // What is wrong is said where the command is translated.
      if (error instanceof RuleError) return false;
      throw error;
    }
  }

  #problem(line: number, long: string): void {
    const message = shortened(long);
    const { problems } = this.#result;
    const last = problems.at(-1);
    if (last?.line !== line || last.message !== message) problems.push({ line, message });
  }

  /** Names what a quote without its end hides. */
  #behindQuote({ line, message }: { line: number; message: string }): void {
    const hidden = loggingLines(this.#text, this.#firstLine).filter((each) => each > line);
    // A text that no shell reads may have one apostrophe.
    if (this.#depth === 0 || hidden.length > 0) this.#problem(line, message);
    const what = message.startsWith("the bracket") ? "bracket" : "quote";
    for (const each of hidden) this.#problem(each, `the ${what} of line ${line} hides this rule`);
  }

  /** Translates a command and the texts that it gets. */
  #at(command: ShellCommand, index: number, calls: number): void {
    this.#guarded(command.line, () => {
      for (const document of command.documents) this.#document(document, command, index);
      const printed = this.#texts.printedFor(command, index);
      if (printed !== undefined) this.#document(printed, command, index);
      else this.#command(command, index, calls);
    });
  }

  /** Names the line where something cannot be translated. */
  #guarded(line: number, translate: () => void): void {
    try {
      translate();
    } catch (error) {
      if (!(error instanceof RuleError)) throw error;
      this.#problem(line, error.message);
    }
  }

  #command(original: ShellCommand, index: number, calls: number): void {
    this.#steps.take(original.words.length);
    const [first] = withoutReserved(original.words);
    if (original.isFunction) return;
    if (first !== undefined && TESTS.test(first.text) && !original.words.some(runsCommand)) return;
    if (isAssignment(original)) return this.#assignment(original);
    const words = this.#filled(original.words, index, 0);
    const command = { ...original, words };
    if (!command.saved) {
      if (this.#call(command, index, calls) || this.#inner(command)) return;
      const reading = this.#texts.readingOf(command, index, this.#names);
      const isNft = this.#nft(command, index);
      if (reading !== undefined) return this.#reads(reading, command, index);
      if (isNft) return;
    }
    if (this.#rules(command, index)) return;
    const reason = reasonOf(command);
    // A function that prints its arguments says nothing about rules.
    if (reason === undefined || (calls > 0 && PRINTS.test(first?.text ?? ""))) return;
    throw new RuleError(reason);
  }

  /** Rules of iptables and ebtables; false if the command has none. */
  #rules(command: ShellCommand, index: number): boolean {
    if (command.words.length > WORDS_MAX) {
      if (!mentionsLog(textOf(command.words))) return false;
      throw new RuleError(`this has more than ${WORDS_MAX} words; split it into several rules`);
    }
    const found = this.#programs(command, index);
    let isRule = false;
    for (const named of found) {
      const outcome = addRule(this.#result, command, named, {
        group: this.#group,
        ...command.saved && { table: this.#table },
        valuesOf: (word) => this.#names.valuesOfWord(word, index),
      });
      if (outcome === "other") this.#result.others++;
      if (outcome !== "none") isRule = true;
    }
    if (found.length > 0 || command.saved) return isRule;
    const unknown = incompleteRule(command, index, this.#names);
    if (unknown !== undefined) throw new RuleError(unknownMessage(unknown));
    return false;
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
    if (this.#saved !== undefined) return [{ ...this.#saved, notes: [], words }];
    const { program, isGuess } = this.#savedProgram(command.line - this.#firstLine + 1);
    const notes = isGuess
      ? [
        "nothing says whose rule this is: it is taken for iptables; for IPv6 put " +
        '"# Generated by ip6tables-save" before it',
      ]
      : [];
    return [{ program, name: program, within: "", notes, words }];
  }

  /** Words with the values of variables filled in: those that are certain, and targets that log. */
  #filled(words: readonly Word[], index: number, depth: number): Word[] {
    return this.#values.words(words, index).flatMap((word, at, all) => {
      if (!word.text.includes(EXPANSION)) return [word];
      const isTarget = /^(?:-j|--jump)$/.test(all[at - 1]?.text ?? "");
      const values = this.#names.valuesOfWord(word, index);
      const isLogging = values.some((value) =>
        holdsLogging(value.words) ||
        (isTarget && /^(?:NF|U)?LOG$/.test(value.words[0]?.text ?? ""))
      );
      if (!isLogging || depth > DEPTH_MAX) return [word];
      const name = variableOf(word.text)!;
      for (const { line } of values) this.#names.taken.add(`${name}:${line}`);
      const texts = new Set(values.map((value) => textOf(value.words)));
      if (texts.size > 1) {
        const lines = [...new Set(values.map(({ line }) => line))].join(", ");
        throw new RuleError(
          `${word.raw} may be ${[...texts].join(" or ")} (line ${lines}); ` +
            "write the one that logs in its place",
        );
      }
      this.#steps.take(values[0]!.text.length);
      return this.#filled(values[0]!.words, index, depth + 1);
    });
  }

  /** Handles a command of nft; returns false if it is not one. */
  #nft(command: ShellCommand, index: number): boolean {
    const nft = nftTextOf(command, index, this.#names);
    if (nft === undefined) return false;
    if (nft.text === "") return true;
    const { rules } = this.#result;
    const before = rules.length;
    addNft(this.#result, nft.text, this.#group, command.line, nft.within);
    // Lines within its quotes are not the script's own.
    for (const rule of rules.slice(before)) rule.from = textOf(command.words);
    return true;
  }

  /** A call of a function or an alias; false if the command is none, or nothing comes of it. */
  #call(command: ShellCommand, index: number, calls: number): boolean {
    const [first, ...args] = withoutAssignments(withoutReserved(command.words));
    if (first === undefined) return false;
    if (calls > DEPTH_MAX) {
      throw new RuleError(
        `functions call each other deeper than ${DEPTH_MAX}; write the rules out`,
      );
    }
    const alias = this.#names.aliasOf(first.text);
    if (alias !== undefined && alias[0]?.text !== first.text && first.raw === first.text) {
      this.#command({ ...command, words: [...alias, ...args] }, index, calls + 1);
      return true;
    }
    return this.#function(first.text, args, command, calls);
  }

  #function(
    name: string,
    args: readonly Word[],
    call: ShellCommand,
    calls: number,
  ): boolean {
    const waiting = this.#waiting.get(name);
    if (waiting === undefined) {
      return this.#names.bodyOf(name) === undefined && this.#outer !== undefined &&
        this.#outer.#function(name, args, call, calls);
    }
    if (this.#changing.has(name)) return false;
    const size = args.reduce((sum, { text }) => sum + text.length, args.length + 1);
    const before = this.#count();
    this.#called.add(name);
    for (const index of waiting) {
      const command = this.#commands[index]!;
      this.#steps.take(COMMAND_STEPS + size);
      const words = withArguments(this.#values.words(command.words, index), args);
      const documents = command.documents.map(({ text, line }) => ({
        line,
        text: textWithArguments(text, args),
      }));
      this.#at({ ...command, words, documents, line: call.line }, index, calls + 1);
    }
    return this.#count() > before || !seemsToLog(textOf(call.words));
  }

  #count(): number {
    const { rules, problems, others } = this.#result;
    return rules.length + problems.length + others;
  }

  /**
   * Handles a script in a word, such as an argument of `eval` and `sh -c`; returns false if there
   * is none.
   */
  #inner(command: ShellCommand): boolean {
    const script = this.#texts.innerOf(command);
    if (script === undefined) return false;
    if (runsCommand({ text: script }) && seemsToLog(textOf(command.words))) {
      throw new RuleError(reasonOf(command) ?? COMMAND_INSIDE);
    }
    if (variableOf(script) !== undefined) throw new RuleError(unknownMessage(script));
    this.#script(script, command.line);
    return true;
  }

  /** A command that reads rules or a script from elsewhere. */
  #reads(reading: Reading, command: ShellCommand, index: number): void {
    for (const file of reading.files) {
      if (this.#texts.isWritten(file)) continue;
      this.#problem(command.line, fileMessage(reading, file));
    }
    if (reading.files.length > 0) return;
    const message = this.#texts.inputMessage(reading, command, index);
    if (message !== undefined) this.#problem(command.line, message);
  }

  /** A script within this one. */
  #script(text: string, firstLine: number): void {
    const plain = text.replaceAll(EXPANSION, "$");
    this.#nested(plain, { firstLine });
  }

  #nested(text: string, surroundings: Surroundings): void {
    if (this.#depth >= DEPTH_MAX) {
      return this.#eachLine(text, surroundings.firstLine!, "the rule stands too deep in quotes");
    }
    this.#steps.take(COMMAND_STEPS + TEXT_STEPS * text.length);
    new ScriptTranslator(text, this.#group, this.#result, { ...surroundings, outer: this })
      .translate();
  }

  /** Names the lines that log. */
  #eachLine(text: string, firstLine: number, message: string): void {
    for (const line of loggingLines(text, firstLine)) this.#problem(line, message);
  }

  /** A text that a command reads, by what reads it, else by what it looks like. */
  #document(document: HereDocument, command: ShellCommand, index: number): void {
    if (!/\S/.test(document.text)) return;
    const use = this.#texts.useOf(document, command, index, this.#names);
    const { text, line } = document;
    switch (use.kind) {
      case "hidden":
        return this.#eachLine(text, line, use.message);
      case "script":
        return this.#script(text, line);
      case "nft":
        return addNft(this.#result, this.#values.text(text, index), this.#group, line, use.within);
      case "saved":
        return this.#nested(this.#values.text(text, index), {
          firstLine: line,
          ...use.saved && { saved: use.saved },
        });
    }
  }
}
