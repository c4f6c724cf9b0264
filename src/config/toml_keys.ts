/**
 * Keys that a TOML document holds twice. TOML forbids that (toml.io, "Keys"); the parser takes the
 * last one in silence, or stops at the second table with a message about its syntax. Pure.
 */

/** A key or table that stands twice. */
export interface Duplicate {
  /** Its full name, as in `output.pcap.path`; a table in brackets, as it stands. */
  name: string;
  /** Lines of both, from 1. */
  lines: readonly [first: number, second: number];
}

/** A name of a key: bare, or in quotes. */
const NAME = /[\w-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'/y;
/** Blanks, line ends and comments. */
const BLANKS = /(?:[ \t\r\n]|#[^\n]*)*/y;
/** Spaces and tabs. */
const SPACES = /[ \t]*/y;
/** Strings, of several lines or one. */
const STRING =
  /"""(?:[^"\\]|\\[^]|"(?!""))*"{3,5}|'''(?:[^']|'(?!''))*'{3,5}|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'/y;
/** Numbers, dates and booleans. */
const PLAIN = /[^\s,\]}#]+(?: \d[^\s,\]}#]*)?/y;

/**
 * Returns the first key or table that stands twice.
 *
 * @param toml The document.
 * @returns undefined if there is none before the first place that is not understood.
 */
export function duplicateOf(toml: string): Duplicate | undefined {
  return new KeyScanner(toml).scan();
}

/** Walks through a document without keeping its values. */
class KeyScanner {
  readonly #toml: string;
  #at = 0;
  #found: Duplicate | undefined;
  /** Offsets of keys and tables by their paths. */
  readonly #seen = new Map<string, number>();
  /** Number of elements of arrays of tables, by path. */
  readonly #elements = new Map<string, number>();

  constructor(toml: string) {
    this.#toml = toml;
  }

  scan(): Duplicate | undefined {
    let table: string[] = [];
    for (this.#take(BLANKS); this.#at < this.#toml.length; this.#take(BLANKS)) {
      const isUnderstood = this.#toml[this.#at] === "["
        ? (table = this.#header() ?? []).length > 0
        : this.#pair(table);
      if (!isUnderstood || this.#found !== undefined) break;
    }
    return this.#found;
  }

  /** A table's header; returns the path of its keys, where elements of arrays have numbers. */
  #header(): string[] | undefined {
    const start = this.#at;
    const isArray = this.#toml.startsWith("[[", start);
    this.#at += isArray ? 2 : 1;
    const names = this.#key();
    const end = isArray ? "]]" : "]";
    if (names === undefined || !this.#toml.startsWith(end, this.#at)) return undefined;
    this.#at += end.length;
    const path: string[] = [];
    for (const [index, name] of names.entries()) {
      path.push(name);
      const key = keyOf(path);
      const isLast = index === names.length - 1;
      if (isArray && isLast) this.#elements.set(key, (this.#elements.get(key) ?? 0) + 1);
      const element = this.#elements.get(key);
      if (element !== undefined && (isArray || !isLast)) path.push(`${element}`);
    }
    if (!isArray) this.#note(["table", ...path], `[${names.join(".")}]`, start);
    return ["key", ...path];
  }

  /** A key and its value; returns whether both were understood. */
  #pair(table: readonly string[]): boolean {
    const start = this.#at;
    const names = this.#key();
    if (names === undefined || this.#toml[this.#at] !== "=") return false;
    this.#at++;
    const path = [...table.length === 0 ? ["key"] : table, ...names];
    const shown = path.slice(1).filter((name) => !/^\d+$/.test(name)).join(".");
    this.#note(path, shown, start);
    this.#take(SPACES);
    return this.#value(path);
  }

  #key(): string[] | undefined {
    const names: string[] = [];
    do {
      if (names.length > 0) this.#at++;
      this.#take(SPACES);
      const name = this.#take(NAME);
      if (name === "") return undefined;
      names.push(/^["']/.test(name) ? name.slice(1, -1) : name);
      this.#take(SPACES);
    } while (this.#toml[this.#at] === ".");
    return names;
  }

  #value(path: readonly string[]): boolean {
    const first = this.#toml[this.#at];
    if (first === "[") return this.#items("]", () => this.#value([...path, `${this.#at}`]));
    if (first === "{") return this.#items("}", () => this.#pair(path));
    return (this.#take(STRING) || this.#take(PLAIN)) !== "";
  }

  /** Reads items between brackets, separated by commas. */
  #items(end: string, item: () => boolean): boolean {
    this.#at++;
    for (this.#take(BLANKS); this.#toml[this.#at] !== end; this.#take(BLANKS)) {
      if (!item()) return false;
      this.#take(BLANKS);
      if (this.#toml[this.#at] === ",") this.#at++;
      else if (this.#toml[this.#at] !== end) return false;
    }
    this.#at++;
    return true;
  }

  #note(path: readonly string[], name: string, start: number): void {
    const key = keyOf(path);
    const before = this.#seen.get(key);
    if (before === undefined) this.#seen.set(key, start);
    else this.#found ??= { name, lines: [this.#lineOf(before), this.#lineOf(start)] };
  }

  #lineOf(offset: number): number {
    return this.#toml.slice(0, offset).split("\n").length;
  }

  #take(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const [text = ""] = pattern.exec(this.#toml) ?? [];
    this.#at += text.length;
    return text;
  }
}

function keyOf(path: readonly string[]): string {
  return path.join("\0");
}
