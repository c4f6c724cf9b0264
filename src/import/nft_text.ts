/**
 * Parses nft's language (nft(8)) as far as needed to find rules: words, quotes, comments, and the
 * blocks of tables and chains.
 */

import { BoundError } from "./bounds.ts";
import { NftDefines } from "./nft_defines.ts";
import type { Token } from "./nft_token.ts";
import { EXPANSION, isUnknown, quoted } from "./words.ts";

/** A rule in nft's language. */
export interface NftRule {
  /** Its first line, from 1. */
  line: number;
  /** Command that adds it: `add`, `insert`, `replace`, or `create`. */
  verb: string;
  /** Family, table and chain; for a separate command also its other arguments. */
  place: string;
  /** The rule itself. */
  tokens: Token[];
  /** Its handle, if `nft -a` printed it. */
  handle?: string;
  /** Whether it is in a chain's block. */
  isListed: boolean;
}

const TOKEN = /"[^"\n]*"|'[^'\n]*'|\\\r?\n|\n|#[^\n]*|[{};]|(?:\uE000\{[^}]*\}|[^\s{};"'#])+|["']/g;
const FAMILIES = ["ip", "ip6", "inet", "arp", "bridge", "netdev"];

/** Returns whether a text is a file for `nft -f`, or output of `nft list ruleset`. */
export function isNftText(text: string): boolean {
  if (/^\s*#!.*\bnft\b/.test(text)) return true;
  const first =
    text.split("\n").map((line) => line.trim()).find((line) =>
      line !== "" && !line.startsWith("#") &&
      !/^(?:define|redefine|undefine|include)\b|^flush ruleset/.test(line)
    ) ?? "";
  const family = `(?:(?:${FAMILIES.join("|")})\\s+)?`;
  return new RegExp(
    `^(?:(?:add|insert|replace|create|delete|destroy|flush)\\s+)?(?:table|chain|rule)\\s+${family}[\\w.$-]+(?:\\s|$)`,
  ).test(first);
}

/** A parsed text. */
export interface NftText {
  /** Its rules, in order. */
  rules: NftRule[];
  /** Statements that may contain rules and are not parsed. */
  problems: { line: number; message: string }[];
}

/** The deepest nesting of blocks; nft itself has tables, chains and their contents. */
const BLOCKS_MAX = 16;

/**
 * Finds the rules of a text in nft's language.
 *
 * @param text A file for `nft -f`, output of `nft list ruleset`, or a command's words.
 * @param firstLine Number of its first line.
 */
export function nftRulesOf(text: string, firstLine = 1): NftText {
  const reader = new NftReader(text, firstLine);
  reader.read();
  return reader;
}

/** An open block. */
interface Block {
  /** Family, table and chain, as far as they are known. */
  place: string;
  kind: "top" | "table" | "chain";
}

class NftReader implements NftText {
  readonly rules: NftRule[] = [];
  readonly problems: { line: number; message: string }[] = [];
  readonly #tokens: Token[] = [];
  readonly #defines: NftDefines;
  readonly #blocks: Block[] = [{ place: "", kind: "top" }];
  #at = 0;

  constructor(text: string, firstLine: number) {
    this.#defines = new NftDefines(text.length);
    let line = firstLine;
    for (const [token] of text.matchAll(TOKEN)) {
      // A continued line goes on without a separator.
      if (!token.startsWith("\\")) this.#tokens.push({ text: token, line });
      if (token.endsWith("\n")) line++;
    }
  }

  read(): void {
    try {
      this.#read();
    } catch (error) {
      if (!(error instanceof BoundError)) throw error;
      this.#giveUp(this.#tokens[this.#at - 1]!.line, error.message);
    }
  }

  #read(): void {
    let statement: Token[] = [];
    while (this.#at < this.#tokens.length) {
      const token = this.#tokens[this.#at++]!;
      const { text } = token;
      if (text === "\n" || text === ";" || text === "}") {
        this.#statement(statement);
        statement = [];
        if (text === "}" && this.#blocks.length > 1) this.#blocks.pop();
      } else if (text.startsWith("#")) {
        const handle = /^# handle (\d+)/.exec(text)?.[1];
        if (statement.length === 0) continue;
        this.#statement(statement, handle);
        statement = [];
      } else if (text !== "{") statement.push(token);
      else if (this.#open(statement)) statement = [];
      else if (this.#blocks.length > BLOCKS_MAX) {
        throw new BoundError(
          `blocks stand deeper than ${BLOCKS_MAX} in blocks; nothing from here on is read`,
        );
      } else {
        statement.push(token);
        this.#set(statement);
      }
    }
    this.#statement(statement);
  }

  /** Opens the block of a table or a chain; returns false if a statement begins none. */
  #open(statement: readonly Token[]): boolean {
    const { kind, place } = this.#blocks.at(-1)!;
    const inner = kind === "chain" || this.#blocks.length > BLOCKS_MAX
      ? undefined
      : innerOf(statement, place);
    if (inner !== undefined) this.#blocks.push(inner);
    return inner !== undefined;
  }

  /** Reports the place where parsing ends, and the lines that log after it. */
  #giveUp(line: number, message: string): void {
    this.problems.push({ line, message });
    const hidden = new Set<number>();
    for (const token of this.#tokens.slice(this.#at)) {
      if (token.text === "log" && token.line > line) hidden.add(token.line);
    }
    for (const each of hidden) {
      this.problems.push({ line: each, message: `what stands in line ${line} hides this rule` });
    }
  }

  /** Appends tokens in braces to a statement, with the last brace. */
  #set(statement: Token[]): void {
    for (let depth = 1; depth > 0 && this.#at < this.#tokens.length;) {
      const token = this.#tokens[this.#at++]!;
      if (token.text === "{") depth++;
      else if (token.text === "}") depth--;
      if (token.text !== "\n" && !token.text.startsWith("#")) statement.push(token);
    }
  }

  #statement(statement: readonly Token[], handle?: string): void {
    const [first] = statement;
    if (first === undefined) return;
    if (/^(?:re)?define$/.test(first.text)) return this.#defines.define(statement.slice(1));
    if (first.text === "undefine") return this.#defines.undefine(statement[1]?.text ?? "");
    if (first.text === "include") {
      const file = statement.slice(1).map(({ text }) => text).join(" ");
      const path = file.replaceAll(/^["']|["']$/g, "").replaceAll(EXPANSION, "$");
      const message = `include takes in ${path}, which may hold rules that log; translate that ` +
        `file by itself: nfscribe rules --from - <${quoted(path)}`;
      this.problems.push({ line: first.line, message });
      return;
    }
    const { kind, place } = this.#blocks.at(-1)!;
    const tokens = this.#defines.filledIn(statement);
    if (kind === "top") this.#command(tokens);
    else if (kind === "chain") {
      const own = handle === undefined ? {} : { handle };
      const verb = handle === undefined ? "add" : "replace";
      this.rules.push({ line: first.line, verb, place, tokens, isListed: true, ...own });
    } else this.#requireNoLog(tokens);
  }

  /** Parses a separate command such as `add rule inet filter input log`. */
  #command(tokens: Token[]): void {
    const words = tokens.slice(0, HEAD_MAX).map(({ text }) => text);
    const verb = /^(?:add|insert|replace|create)$/.test(words[0] ?? "") ? words[0]! : "add";
    const at = words[0] === verb ? 1 : 0;
    const { line } = tokens[0]!;
    const isOpen = isUnknown({ text: words[at] ?? "" }) || isUnknown({ text: words[0]! });
    if (isOpen && !words.some((word) => NO_RULE.test(word))) {
      this.rules.push({ line, verb, place: "", tokens, isListed: false });
      return;
    }
    if (words[at] !== "rule") return this.#requireNoLog(tokens);
    let end = at + 1 + (FAMILIES.includes(words[at + 1] ?? "") ? 3 : 2);
    while (/^(?:handle|position|index)$/.test(words[end] ?? "")) end += 2;
    const place = words.slice(at + 1, end);
    if (end >= tokens.length && !place.some((word) => isUnknown({ text: word }))) return;
    this.rules.push({
      line,
      verb,
      place: place.join(" "),
      tokens: tokens.slice(end),
      isListed: false,
    });
  }

  /** Reports a statement with the words of a rule that logs, outside of a chain. */
  #requireNoLog(tokens: readonly Token[]): void {
    const at = tokens.findIndex(({ text }, place) =>
      text === "log" && LOG_ARGUMENT.test(tokens[place + 1]?.text ?? "")
    );
    if (at < 0) return;
    const { line } = tokens[at]!;
    this.problems.push({
      line,
      message: "it seems to log, and stands in no chain; write it as add rule TABLE CHAIN …",
    });
  }
}

/** The most words that name a command and its place. */
const HEAD_MAX = 16;
/** Commands that add no rule. */
const NO_RULE = /^(?:list|flush|delete|destroy|reset|monitor|export|describe|rename)$/;
const LOG_ARGUMENT = /^(?:prefix|group|snaplen|queue-threshold|level|flags)$/;

/** Finds the block that a statement begins. */
function innerOf(statement: readonly Token[], place: string): Block | undefined {
  if (statement.length > HEAD_MAX) return undefined;
  const words = statement.map(({ text }) => text).filter((word) => !/^(?:add|create)$/.test(word));
  const [kind, ...rest] = words;
  if (kind === "table") return { place: withFamily(rest), kind };
  if (kind === "chain") {
    return { place: place === "" ? withFamily(rest) : `${place} ${rest.join(" ")}`, kind };
  }
  return undefined;
}

/** Adds the default family `ip`. */
function withFamily(words: readonly string[]): string {
  return FAMILIES.includes(words[0] ?? "") ? words.join(" ") : ["ip", ...words].join(" ");
}
