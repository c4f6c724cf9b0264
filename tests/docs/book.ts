/**
 * Documents as their readers use them: what a document tells to type is what runs.
 *
 * - A block of `sh` is typed into one shell, which goes through the whole document
 *   and stops at the first command that fails. What it starts in the background (`&`)
 *   runs until `kill %1`, or until the document ends.
 * - A block without a language, straight below one of `sh`, is all that this prints;
 *   {@linkcode difference} tells what may vary.
 * - A block below a paragraph that ends with a file's name and a colon, as in
 *   "Write `filter.ts`:", is written to that file, where the shell is.
 * - `<!-- until: COMMAND -->` above a block of `sh` waits until that command succeeds.
 *   Readers take their time, and do not see it.
 * - Other blocks, as `console`, are only read, unless a walk has words to fill in.
 *
 * @module
 */

import { ROOT, temporaryFolder, until } from "../system/process.ts";
import { difference } from "./difference.ts";
import { Shell, type ShellOptions } from "./shell.ts";

/** A fenced part of a document. */
export interface Block {
  /** Its language, as `sh`; empty where none is named. */
  language: string;
  /** Its contents, each line with its end. */
  text: string;
  /** The document's line that the text begins with, from 1. */
  line: number;
  /** The heading above it; empty where there is none. */
  heading: string;
  /** The relative name of the file that it is to be written to. */
  file?: string;
  /** The command that succeeds once its time has come. */
  until?: string;
  /** Expected output, for one of `sh`. */
  prints?: string;
}

/** Options of walking through a document. */
export interface Walk extends ShellOptions {
  /** Only what stands right below these headings; everything by default. */
  headings?: readonly string[];
  /**
   * Commands that the shell runs first: functions in place of programs that are not
   * here, files that the reader has. `$ROOT` is the project's folder.
   */
  setup?: string;
  /**
   * Words that the reader replaces, as the address of a repository, and their own ones. A
   * block of `console` with one of them is typed, too.
   */
  fill?: Readonly<Record<string, string>>;
  /** Time limit of a block and of its output, in milliseconds: 15,000. */
  deadlineMs?: number;
}

/** A document. */
export class Book {
  /** Its fenced parts, in order. */
  readonly blocks: readonly Block[];
  readonly #path: string;

  /**
   * @param path What messages call it.
   * @param text The Markdown.
   * @throws {Error} If something is to be waited for, but not straight above a block of `sh`.
   */
  constructor(path: string, text: string) {
    this.#path = path;
    this.blocks = blocksOf(text);
    const waiting = this.blocks.filter(({ until, language }) => until && language === "sh");
    if (waiting.length !== text.split("<!-- until:").length - 1) {
      throw new Error(`${path}: an "until" that is not straight above a block of sh`);
    }
  }

  /** Reads a document; `path` is from the project's folder, as `docs/filters.md`. */
  static async read(path: string): Promise<Book> {
    return new Book(path, await Deno.readTextFile(ROOT + path));
  }

  /**
   * Does what the document says, in a folder of its own and, unless told otherwise, in a
   * network namespace of its own. `nfscribe` in the search path is `scripts/nfscribe`. On a
   * machine beside this one it begins in root's home, with what is there.
   *
   * @throws {Error} Where a block fails or prints something else; the message begins with
   *   the document's name and line.
   */
  async walk(walk: Walk = {}): Promise<void> {
    for (const name of walk.headings ?? []) {
      if (!this.blocks.some(({ heading }) => heading === name)) {
        throw new Error(`${this.#path}: no block below the heading "${name}"`);
      }
    }
    await using folder = await temporaryFolder();
    await using shell = await Shell.start(folder.path, walk);
    const type = typist(shell, walk.deadlineMs ?? 60_000);
    if (walk.setup !== undefined) await type(walk.setup, `before ${this.#path}`);
    for (const block of this.blocks) {
      if (walk.headings?.includes(block.heading) === false) continue;
      const { file, line, prints, text } = block;
      const place = `${this.#path}:${line}`;
      if (file !== undefined) await type(written(file, text), place);
      if (block.until !== undefined) {
        await type(`until ${block.until}; do sleep 0.05; done`, `${place}, waiting`);
      }
      const commands = typedOf(block, walk.fill ?? {});
      if (commands !== undefined) await type(commands, place, prints);
    }
  }
}

/** Makes the function that runs commands to their end, and compares what they print. */
function typist(shell: Shell, deadlineMs: number) {
  return async (text: string, place: string, prints?: string) => {
    const typed = await shell.type(text, deadlineMs);
    const fail = (why: string) => {
      throw new Error(`${place}: ${why}\n${indent(text)}printed\n${indent(typed.said())}`);
    };
    if (typed.failure !== undefined) fail(typed.failure);
    if (prints === undefined) return;
    try {
      // What runs on in the background may print later.
      await until(place, () => difference(prints, typed.said()) === undefined, deadlineMs);
    } catch {
      fail(difference(prints, typed.said()) ?? "prints it too late");
    }
  };
}

/** Returns the command that writes a file. */
function written(file: string, text: string): string {
  return `cat > '${file}' <<'END OF THE BLOCK'\n${text}END OF THE BLOCK\n`;
}

/** Returns what a reader types of a block, if it is one to type. */
function typedOf({ language, text }: Block, fill: Readonly<Record<string, string>>) {
  if (language === "sh") return text;
  const words = Object.entries(fill).filter(([word]) => text.includes(word));
  if (language !== "console" || words.length === 0) return undefined;
  const commands = text.split("\n").filter((line) => line.startsWith("$ "));
  return words.reduce(
    (typed, [word, own]) => typed.replaceAll(word, own),
    commands.map((line) => `${line.slice(2)}\n`).join(""),
  );
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, "    ").trimEnd() + "\n";
}

/** A heading, or a fenced part. */
const PARTS = /^(?:#+ (?<heading>.*)|```(?<language>\w*)\n(?<text>[^]*?)^```)$/gm;

/** Returns the statements of a document's blocks of `sql`, between which there are empty lines. */
export async function sqlStatements(path: string): Promise<string[]> {
  const { blocks } = await Book.read(path);
  return blocks.filter(({ language }) => language === "sql")
    .flatMap(({ text }) => text.split("\n\n"));
}

/** Returns the fenced parts of a Markdown text. */
function blocksOf(markdown: string): Block[] {
  const blocks: Block[] = [];
  let heading = "";
  let end = 0;
  /** The block of `sh` right above, if there is one. */
  let typed: Block | undefined;
  for (const { 0: whole, index, groups } of markdown.matchAll(PARTS)) {
    const between = markdown.slice(end, index).trim();
    end = index + whole.length;
    const { language, text } = groups!;
    if (language === undefined || text === undefined) {
      heading = groups!.heading!;
      typed = undefined;
    } else if (typed !== undefined && language === "" && between === "") {
      typed.prints = text;
      typed = undefined;
    } else {
      const line = markdown.slice(0, index).split("\n").length + 1;
      const block = { language, text, line, heading, ...toldAbove(between) };
      blocks.push(block);
      typed = language === "sh" ? block : undefined;
    }
  }
  return blocks;
}

/** Reads the file's name or the condition from the text right above a block. */
function toldAbove(between: string): Pick<Block, "file" | "until"> {
  const until = /<!-- until: (.*?) -->$/s.exec(between)?.[1];
  const file = /`(\w[\w./-]*\.\w+)`:$/.exec(between)?.[1];
  return { ...until === undefined ? {} : { until }, ...file === undefined ? {} : { file } };
}
