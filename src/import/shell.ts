/**
 * Parses shell scripts as far as firewall rules need it: quotes, line continuations, comments,
 * redirections, here-documents, ends of commands (POSIX.1-2024, Shell Command Language, 2.2 to
 * 2.7). The lines of `iptables-save` are parsed in the same way.
 */

import { ansiEscape, backtickEnd, balancedEnd, endOfScan, savedWordsOf } from "./shell_text.ts";
import { EXPANSION, quoted, SUBSTITUTION } from "./words.ts";

/** A word of a command. */
export interface Word {
  /** The word as the program gets it, with {@linkcode EXPANSION} for expansions of the shell. */
  text: string;
  /** The word as written, with its quotes. */
  raw: string;
  /** The items of `NAME=(…)`. */
  items?: Word[];
  /** Whether the command's name implies it. */
  isImplied?: boolean;
}

/** Text that a command reads: a here-document, or a here-string. */
export interface HereDocument {
  /** Its first line, from 1. */
  line: number;
  /** The text, with {@linkcode EXPANSION} for expansions of the shell. */
  text: string;
}

/** A command. */
export interface ShellCommand {
  /** Its first line, from 1. */
  line: number;
  /** Its words, without redirections. */
  words: Word[];
  /** Files that it reads or writes by redirection. */
  files: Word[];
  /** The file that is its standard input; absent where nothing names one. */
  input?: Word;
  /** Text that it reads. */
  documents: HereDocument[];
  /** Operator after it, such as `&&`. */
  operator: string;
  /** Whether it is a rule of `iptables-save`, which names no program. */
  saved: boolean;
  /** Whether it is the head of a function, whose name is its word. */
  isFunction: boolean;
}

/** A parsed script. */
export interface Script {
  /** The commands, in order. */
  commands: ShellCommand[];
  /** An unclosed quote, which hides the text after it. */
  unclosed?: { line: number; message: string };
}

/** Characters that end a word; `<` and `>` begin a redirection, the others end the command. */
const ENDS = ";&|()<>\n";
/** Operators that end a command, the longest first. */
const OPERATOR = /^(?:;;&|;;|;&|&&|\|\||\|&|[;&|()\n])/;
/** A redirection; `<(…)` and `>(…)` are words. */
const REDIRECTION = /^(?:&>>?|\d*(?:<<<|<<-?|<>|<&|>&|>>|>\||<(?!\()|>(?!\()))/;
/** Pattern of the start of an `iptables-save` rule, with or without counters and family. */
const SAVED_RULE = /^(?:\[\d+:\d+\][ \t]+)?(?:-[46][ \t]+)?-[A-Z]\s/;

/** Limits of the search for the ends of brackets that have none, which would be quadratic. */
const SCANS_LEAST = 100_000;
const SCANS_PER_CHARACTER = 8;

/**
 * Parses a script.
 *
 * @param script Its text.
 * @param firstLine Number of its first line.
 */
export function scriptOf(script: string, firstLine = 1): Script {
  const reader = new ScriptReader(script, firstLine);
  const commands: ShellCommand[] = [];
  try {
    while (!reader.done) {
      const command = reader.command();
      if (command.words.length + command.documents.length > 0) commands.push(command);
    }
  } catch (error) {
    if (!(error instanceof UnclosedQuote)) throw error;
    return { commands, unclosed: { line: error.line, message: error.what } };
  }
  return { commands };
}

/**
 * Returns the commands of a script.
 *
 * @param script Its text.
 * @returns The commands, in order.
 * @throws {SyntaxError} If a quote is not closed; the message names its line.
 */
export function commandsOf(script: string): ShellCommand[] {
  const { commands, unclosed } = scriptOf(script);
  if (unclosed !== undefined) throw new UnclosedQuote(unclosed.line, unclosed.message);
  return commands;
}

class UnclosedQuote extends SyntaxError {
  constructor(readonly line: number, readonly what: string) {
    super(`line ${line}: ${what}`);
  }
}

/** A here-document whose text follows the end of the line. */
interface Pending {
  document: HereDocument;
  end: string;
  isQuoted: boolean;
  stripsTabs: boolean;
}

class ScriptReader {
  #at = 0;
  #line: number;
  /** Whether this is a here-document, whose brackets may be plain text. */
  readonly #isDocument: boolean;
  readonly #script: string;
  #pending: Pending[] = [];
  /** Characters that may still be searched for the ends of brackets that have none. */
  #scans: number;

  constructor(script: string, firstLine: number, isDocument = false) {
    this.#isDocument = isDocument;
    this.#script = script.replace(/^\uFEFF/, "").replaceAll("\r\n", "\n");
    this.#line = firstLine;
    this.#scans = SCANS_LEAST + SCANS_PER_CHARACTER * this.#script.length;
  }

  get done(): boolean {
    return this.#at >= this.#script.length;
  }

  get #next(): string {
    return this.#script[this.#at] ?? "";
  }

  /** Parses words up to and including the end of the command. */
  command(): ShellCommand {
    const isFirst = this.#at === 0 || this.#script[this.#at - 1] === "\n";
    this.#skipBlanks();
    const command: ShellCommand = {
      line: this.#line,
      words: [],
      files: [],
      documents: [],
      operator: "\n",
      saved: false,
      isFunction: false,
    };
    if (isFirst && SAVED_RULE.test(this.#script.slice(this.#at, this.#at + 80))) {
      return { ...command, words: this.#savedWords(), saved: true };
    }
    for (;; this.#skipBlanks()) {
      const [redirection] = REDIRECTION.exec(this.#script.slice(this.#at, this.#at + 20)) ?? [];
      if (redirection !== undefined) this.#redirect(redirection, command);
      else if (this.#next === "#") this.#skipComment();
      else if (/^[<>]\(/.test(this.#script.slice(this.#at, this.#at + 2))) {
        command.words.push(this.#processSubstitution());
      } else if (this.done || ENDS.includes(this.#next)) break;
      else command.words.push(this.#word());
    }
    command.operator = OPERATOR.exec(this.#script.slice(this.#at, this.#at + 3))?.[0] ?? "\n";
    this.#skip(command.operator.length);
    if (command.operator === "\n") this.#readDocuments();
    const parenthesis = /^[ \t]*\)/.exec(this.#script.slice(this.#at, this.#at + 80));
    if (command.operator === "(" && command.words.length > 0 && parenthesis !== null) {
      this.#skip(parenthesis[0].length);
      command.isFunction = true;
    }
    return command;
  }

  /**
   * Parses the words of a line of `iptables-save`, where only `"` quotes, and nothing is expanded.
   */
  #savedWords(): Word[] {
    const start = this.#at;
    this.#skipComment();
    const line = this.#script.slice(start, this.#at);
    this.#take();
    return savedWordsOf(line).map((text) => ({ text, raw: text === "" ? "''" : quoted(text) }));
  }

  #redirect(redirection: string, command: ShellCommand): void {
    this.#skip(redirection.length);
    this.#skipBlanks();
    const line = this.#line;
    const word = this.#word();
    if (redirection.endsWith("<<<")) command.documents.push({ line, text: word.text });
    else if (!redirection.includes("<<")) {
      command.files.push(word);
      if (/^0?<(?!&)/.test(redirection)) command.input = word;
    } else {
      const document: HereDocument = { line: 0, text: "" };
      command.documents.push(document);
      const isQuoted = /["'\\]/.test(word.raw);
      const end = isQuoted ? word.text : word.raw;
      this.#pending.push({ document, end, isQuoted, stripsTabs: redirection.endsWith("-") });
    }
  }

  /** Reads here-documents, which follow the line that names them. */
  #readDocuments(): void {
    for (const { document, end, isQuoted, stripsTabs } of this.#pending.splice(0)) {
      document.line = this.#line;
      const lines: string[] = [];
      while (!this.done) {
        const start = this.#at;
        this.#skipComment();
        const whole = this.#script.slice(start, this.#at);
        this.#take();
        const line = stripsTabs ? whole.replace(/^\t+/, "") : whole;
        if (line === end) break;
        lines.push(line);
      }
      const text = lines.join("\n");
      document.text = isQuoted ? text : new ScriptReader(text, 1, true).#filledIn();
    }
  }

  /** Parses a here-document with expansions; its continued lines stay. */
  #filledIn(): string {
    let text = "";
    while (!this.done) {
      if (this.#script.startsWith("\\\n", this.#at)) text += this.#take() + this.#take();
      else text += this.#filledInPiece("$`\\");
    }
    return text;
  }

  #take(): string {
    const character = this.#next;
    this.#at++;
    if (character === "\n") this.#line++;
    return character;
  }

  #skip(count: number): void {
    for (let i = 0; i < count; i++) this.#take();
  }

  #skipBlanks(): void {
    for (;;) {
      if (this.#script.startsWith("\\\n", this.#at)) this.#take();
      else if (this.#next === "\n" || !/\s/.test(this.#next)) return;
      this.#take();
    }
  }

  /** Skips a comment up to the end of the line. */
  #skipComment(): void {
    while (!this.done && this.#next !== "\n") this.#at++;
  }

  /** A word; within an array, `NAME=(` begins no other one. */
  #word(isItem = false): Word {
    const start = this.#at;
    let text = "";
    while (!this.done && !/\s/.test(this.#next) && !ENDS.includes(this.#next)) {
      text += this.#piece();
    }
    if (isItem || this.#next !== "(" || !/^\w+\+?=$/.test(text)) {
      const raw = this.#script.slice(start, this.#at);
      // Not every shell knows $'…' and $"…".
      return { text, raw: /\$["']/.test(raw) ? quoted(text) : raw };
    }
    this.#take();
    const items = this.#items();
    return { text, raw: this.#script.slice(start, this.#at), items };
  }

  /** Parses the words of an array, and the closing parenthesis. */
  #items(): Word[] {
    const items: Word[] = [];
    for (;;) {
      this.#skipBlanks();
      if (this.#next === "#") this.#skipComment();
      else if (this.#next === ")" || this.done) break;
      else if (ENDS.includes(this.#next)) this.#take();
      else items.push(this.#word(true));
    }
    this.#take();
    return items;
  }

  #processSubstitution(): Word {
    const start = this.#at;
    const end = this.#bracketEnd(start + 1) ?? start + 2;
    this.#skip(end - start);
    return { text: SUBSTITUTION, raw: this.#script.slice(start, end) };
  }

  #piece(): string {
    if (this.#script.startsWith('$"', this.#at)) this.#take();
    if (this.#next === "'") return this.#quoted("'", () => this.#take());
    if (this.#next === '"') return this.#quoted('"', () => this.#filledInPiece('$`"\\'));
    if (this.#script.startsWith("$'", this.#at)) {
      this.#take();
      return this.#quoted("'", () => this.#ansiPiece());
    }
    if (this.#next === "\\") {
      this.#take();
      const escaped = this.#take();
      return escaped === "\n" ? "" : escaped; // a continued line
    }
    return this.#expansion() ?? this.#take();
  }

  #quoted(quote: string, piece: () => string): string {
    const line = this.#line;
    this.#take();
    let text = "";
    while (this.#next !== quote) {
      if (this.done) throw new UnclosedQuote(line, `the quote ${quote} is not closed`);
      text += piece();
    }
    this.#take();
    return text;
  }

  /** Parses a character of text with expansions, or an expansion. */
  #filledInPiece(escapable: string): string {
    if (this.#next !== "\\") return this.#expansion() ?? this.#take();
    this.#take();
    if (this.done || !`${escapable}\n`.includes(this.#next)) return "\\";
    const escaped = this.#take();
    return escaped === "\n" ? "" : escaped;
  }

  /** Parses a character of `$'…'`. */
  #ansiPiece(): string {
    if (this.#next !== "\\") return this.#take();
    const { text, length } = ansiEscape(this.#script, this.#at);
    this.#skip(length);
    return text;
  }

  /** The end of a bracket; undefined if it has none, and once too many had none. */
  #bracketEnd(start: number): number | undefined {
    if (this.#scans <= 0) {
      if (this.#isDocument) return undefined;
      throw new UnclosedQuote(
        this.#line,
        `the bracket ${this.#script.slice(start - 1, start + 1)} is not closed, as many before it`,
      );
    }
    const end = balancedEnd(this.#script, start);
    if (end === undefined) this.#scans -= endOfScan(this.#script, start) - start;
    return end;
  }

  /** Parses an expansion; returns undefined if there is none. */
  #expansion(): string | undefined {
    if (this.#next === "`") {
      const end = backtickEnd(this.#script, this.#at);
      if (end === undefined) return undefined;
      this.#skip(end - this.#at);
      return SUBSTITUTION;
    }
    if (this.#next !== "$") return undefined;
    const start = this.#at + 1;
    const follows = this.#script[start] ?? "";
    if (follows === "(" || follows === "{") {
      const end = this.#bracketEnd(start);
      if (end === undefined) return undefined;
      const inside = this.#script.slice(start, end);
      this.#skip(end - this.#at);
      return follows === "{" || inside.startsWith("((") ? EXPANSION + inside : SUBSTITUTION;
    }
    if (!/^[\w@*#?!]/.test(follows)) return undefined;
    this.#take();
    return EXPANSION;
  }
}
