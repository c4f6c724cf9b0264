/**
 * Commands of a shell script, as far as firewall rules need it: quotes, line
 * continuations, comments, what ends a command (POSIX.1-2024, Shell Command
 * Language, 2.2 and 2.3). The lines of `iptables-save` read the same way.
 *
 * @module
 */

/** One word of a command. */
export interface Word {
  /** What the program gets, with {@linkcode EXPANSION} where the shell fills something in. */
  text: string;
  /** The word as it was written, with its quotes. */
  raw: string;
}

/** One command. */
export interface ShellCommand {
  /** The line that it begins in, from 1 on. */
  line: number;
  /** Its words, at least one. */
  words: Word[];
}

/** Stands for a `$` that the shell replaces; a literal one stays `$`. A private-use character. */
export const EXPANSION = "\uE000";

/** Whether the shell would run a command to make this word. */
export function runsCommand(word: Word): boolean {
  return word.text.includes(SUBSTITUTION);
}

/** Stands for the beginning of a command substitution. */
const SUBSTITUTION = "\uE001";

/** What ends a command; redirections do so too, for nothing that matters follows them. */
const OPERATORS = ";&|()<>\n";

/**
 * Takes a script apart.
 *
 * @param script Its text.
 * @returns The commands, in order.
 * @throws {SyntaxError} If a quote is not closed; the message tells its line.
 */
export function commandsOf(script: string): ShellCommand[] {
  const reader = new ScriptReader(script);
  const commands: ShellCommand[] = [];
  while (!reader.done) {
    const command = reader.command();
    if (command.words.length > 0) commands.push(command);
  }
  return commands;
}

/** How a rule of `iptables-save` begins, with or without counters. */
const SAVED_RULE = /^(?:\[\d+:\d+\][ \t]+)?-[A-Z]\s/;

class ScriptReader {
  #at = 0;
  #line = 1;
  readonly #script: string;

  constructor(script: string) {
    this.#script = script.replaceAll("\r\n", "\n");
  }

  get done(): boolean {
    return this.#at >= this.#script.length;
  }

  get #next(): string {
    return this.#script[this.#at] ?? "";
  }

  /** Words up to what ends a command, which is taken too. */
  command(): ShellCommand {
    this.#skipBlanks();
    const line = this.#line;
    if (SAVED_RULE.test(this.#script.slice(this.#at, this.#at + 80))) {
      return { line, words: this.#savedWords() };
    }
    const words: Word[] = [];
    while (!this.done && !OPERATORS.includes(this.#next)) {
      if (this.#next === "#") this.#skipComment();
      else words.push(this.#word());
      this.#skipBlanks();
    }
    // The descriptor of a redirection is no word: 2>/dev/null
    if (/[<>]/.test(this.#next) && this.#isDescriptor(words.at(-1))) words.pop();
    if (/[<>]/.test(this.#next)) this.#skipRedirection();
    else this.#take();
    return { line, words };
  }

  /** The words of a line of `iptables-save`, where only `"` quotes, and nothing is filled in. */
  #savedWords(): Word[] {
    const start = this.#at;
    this.#skipComment();
    const line = this.#script.slice(start, this.#at);
    this.#take();
    return [...line.matchAll(/"((?:[^"\\]|\\.)*)"|'([^']*)'|[^\s"']+/g)].map(
      ([word, double, single]) => {
        const text = double?.replaceAll(/\\(.)/g, "$1") ?? single ?? word;
        return { text, raw: text === "" ? "''" : quoted(text) };
      },
    );
  }

  #isDescriptor(word: Word | undefined): boolean {
    return word !== undefined && /^\d$/.test(word.raw) &&
      this.#script[this.#at - 1] === word.raw;
  }

  /** `>/dev/null`, `2>&1` and more of the kind, to the end of the command. */
  #skipRedirection(): void {
    while (!this.done && !";|\n".includes(this.#next)) this.#take();
    this.#take();
  }

  #take(): string {
    const character = this.#next;
    this.#at++;
    if (character === "\n") this.#line++;
    return character;
  }

  #skipBlanks(): void {
    for (;;) {
      if (this.#script.startsWith("\\\n", this.#at)) this.#take();
      else if (this.#next !== " " && this.#next !== "\t") return;
      this.#take();
    }
  }

  /** Up to the line's end, which is left. */
  #skipComment(): void {
    while (!this.done && this.#next !== "\n") this.#take();
  }

  #word(): Word {
    const start = this.#at;
    let text = "";
    while (!this.done && !/\s/.test(this.#next) && !OPERATORS.includes(this.#next)) {
      text += this.#piece();
    }
    return { text, raw: this.#script.slice(start, this.#at) };
  }

  #piece(): string {
    if (this.#next === "'") return this.#quoted("'", () => this.#take());
    if (this.#next === '"') return this.#quoted('"', () => this.#insideDoubleQuotes());
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
      if (this.done) throw new SyntaxError(`line ${line}: the quote ${quote} is not closed`);
      text += piece();
    }
    this.#take();
    return text;
  }

  #insideDoubleQuotes(): string {
    if (this.#next !== "\\") return this.#expansion() ?? this.#take();
    this.#take();
    if (!'$`"\\\n'.includes(this.#next)) return "\\";
    const escaped = this.#take();
    return escaped === "\n" ? "" : escaped;
  }

  /** What the shell fills in; undefined where nothing of the kind stands. */
  #expansion(): string | undefined {
    const substitution = /^(?:`[^`]*`|\$\([^()]*\))/.exec(this.#script.slice(this.#at));
    if (substitution !== null) {
      for (const _ of substitution[0]) this.#take();
      return SUBSTITUTION;
    }
    if (!/^\$[\w{@*#?]/.test(this.#script.slice(this.#at, this.#at + 2))) return undefined;
    this.#take();
    return EXPANSION;
  }
}

/**
 * A word that a shell takes for this text.
 *
 * @param text The text; an {@linkcode EXPANSION} in it is left to the shell.
 * @returns The text itself where it needs no quotes.
 */
export function quoted(text: string): string {
  return /^[\w@%+=:,./!-]+$/.test(text) ? text : inQuotes(text);
}

/** The same, in quotes whatever it holds. */
export function inQuotes(text: string): string {
  if (!text.includes(EXPANSION)) return `'${text.replaceAll("'", "'\\''")}'`;
  return `"${text.replaceAll(/[$`"\\]/g, "\\$&").replaceAll(EXPANSION, "$")}"`;
}
