/**
 * Parses nft's language (nft(8)) as far as needed to find rules: words, quotes, comments, and the
 * blocks of tables and chains.
 *
 * @module
 */

/** A word, or a character that separates words. */
export interface Token {
  /** Its text; a string with its quotes. */
  text: string;
  /** Its line, from 1. */
  line: number;
}

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

/**
 * Finds the rules of a text in nft's language.
 *
 * @param text A file for `nft -f`, output of `nft list ruleset`, or a command's words.
 * @param firstLine Number of its first line.
 */
export function nftRulesOf(text: string, firstLine = 1): NftRule[] {
  const reader = new NftReader(text, firstLine);
  reader.block("", "top");
  return reader.rules;
}

class NftReader {
  readonly rules: NftRule[] = [];
  readonly #tokens: Token[];
  #at = 0;

  constructor(text: string, firstLine: number) {
    let line = firstLine;
    let from = 0;
    this.#tokens = [...text.matchAll(TOKEN)].flatMap((match) => {
      line += text.slice(from, match.index).split("\n").length - 1;
      from = match.index;
      const [token] = match;
      // A continued line goes on without a separator.
      return token.startsWith("\\") ? [] : [{ text: token, line }];
    });
  }

  /** Parses statements up to and including the brace that closes the block. */
  block(place: string, kind: "top" | "table" | "chain"): void {
    let statement: Token[] = [];
    const finish = (handle?: string) => {
      this.#statement(statement, place, kind, handle);
      statement = [];
    };
    while (this.#at < this.#tokens.length) {
      const token = this.#tokens[this.#at++]!;
      if (token.text === "\n" || token.text === ";") finish();
      else if (token.text.startsWith("#")) {
        const handle = /^# handle (\d+)/.exec(token.text)?.[1];
        if (statement.length > 0) finish(handle);
      } else if (token.text === "}") break;
      else if (token.text !== "{") statement.push(token);
      else {
        const inner = kind === "chain" ? undefined : innerOf(statement, place);
        if (inner === undefined) statement.push(token, ...this.#set());
        else {
          statement = [];
          this.block(inner.place, inner.kind);
        }
      }
    }
    finish();
  }

  /** Returns the tokens in braces within a statement, with the last brace. */
  #set(): Token[] {
    const tokens: Token[] = [];
    for (let depth = 1; depth > 0 && this.#at < this.#tokens.length;) {
      const token = this.#tokens[this.#at++]!;
      if (token.text === "{") depth++;
      else if (token.text === "}") depth--;
      if (token.text !== "\n" && !token.text.startsWith("#")) tokens.push(token);
    }
    return tokens;
  }

  #statement(
    tokens: readonly Token[],
    place: string,
    kind: "top" | "table" | "chain",
    handle: string | undefined,
  ): void {
    const [first] = tokens;
    if (first === undefined) return;
    if (kind === "chain") {
      const own = handle === undefined ? {} : { handle };
      const verb = handle === undefined ? "add" : "replace";
      this.rules.push({
        line: first.line,
        verb,
        place,
        tokens: [...tokens],
        isListed: true,
        ...own,
      });
    }
    if (kind === "top") this.#command(tokens);
  }

  /** Parses a separate command such as `add rule inet filter input log`. */
  #command(tokens: readonly Token[]): void {
    const words = tokens.map(({ text }) => text);
    const verb = /^(?:add|insert|replace|create)$/.test(words[0] ?? "") ? words[0]! : "add";
    const at = words[0] === verb ? 1 : 0;
    if (words[at] !== "rule") return;
    let end = at + 1 + (FAMILIES.includes(words[at + 1] ?? "") ? 3 : 2);
    while (/^(?:handle|position|index)$/.test(words[end] ?? "")) end += 2;
    if (end >= words.length) return;
    this.rules.push({
      line: tokens[0]!.line,
      verb,
      place: words.slice(at + 1, end).join(" "),
      tokens: tokens.slice(end),
      isListed: false,
    });
  }
}

/** Returns the block that a statement begins. */
function innerOf(
  statement: readonly Token[],
  place: string,
): { place: string; kind: "table" | "chain" } | undefined {
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
