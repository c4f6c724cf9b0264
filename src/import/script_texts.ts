/** Texts that commands of a script get from others: here-documents, and what `echo` prints. */

import { isNftText } from "./nft_text.ts";
import { isNft } from "./nft_command.ts";
import { baseName, elsewhereOf, isRunner, placeOf } from "./program.ts";
import type { Program } from "./rule.ts";
import { fileMessage, printedBy, type Reading, readingOf, RESTORE, SHELL } from "./reading.ts";
import type { SavedAs } from "./saved.ts";
import { type ScriptNames, withoutReserved } from "./script_names.ts";
import type { HereDocument, ShellCommand, Word } from "./shell.ts";
import { withoutAssignments } from "./words.ts";

/** Form of a text, or the reason why it is not translated. */
export type TextUse =
  | { kind: "script" }
  | { kind: "nft"; within: string }
  | { kind: "saved"; saved?: SavedAs }
  | { kind: "hidden"; message: string };

/** The most commands of a pipeline that are examined after one with a text. */
const PIPELINE_MAX = 16;
/** The most words before a program. */
const BEFORE_MAX = 12;
/** Commands that pass a text on unchanged. */
const PASSES = /^(?:cat|tee|echo|printf)$/;

/** Texts of a script's commands. */
export class ScriptTexts {
  readonly #commands: readonly ShellCommand[];
  /** Files to which the script writes a here-document. */
  readonly #written: Set<string>;
  /** Indices of commands whose input was found in the script. */
  readonly #known = new Set<number>();

  /** Collects the files that a script writes. */
  constructor(commands: readonly ShellCommand[]) {
    this.#commands = commands;
    this.#written = new Set(
      commands.flatMap(({ documents, words, files, input }) =>
        documents.length === 0 || !PASSES.test(words[0]?.text ?? "")
          ? []
          : [...files.filter((file) => file !== input), ...words.slice(1)].map(({ text }) => text)
      ),
    );
  }

  /** Returns whether a file contains a here-document of the script. */
  isWritten({ text }: Word): boolean {
    return this.#written.has(text);
  }

  /** Returns the text that a command prints for a program that reads rules; undefined without. */
  printedFor(command: ShellCommand, index: number): HereDocument | undefined {
    if (!/^\|&?$/.test(command.operator)) return undefined;
    const words = withoutReserved(command.words);
    if (!/^(?:echo|printf)$/.test(words[0]?.text ?? "")) return undefined;
    const reads = this.#pipeline(command, index).slice(1).some(({ words }) =>
      words.slice(0, BEFORE_MAX).some(({ text }) =>
        baseName(text) === "nft" || RESTORE.test(baseName(text))
      )
    );
    if (!reads) return undefined;
    const text = printedBy({ words: [...words] });
    return text === undefined ? undefined : { line: command.line, text };
  }

  /** Determines the form of a text: by its reader, else by its content. */
  useOf(
    { text }: HereDocument,
    command: ShellCommand,
    index: number,
    names: ScriptNames,
  ): TextUse {
    const readers = this.#pipeline(command, index);
    for (const [at, reader] of readers.entries()) {
      const use = readerUse(reader, index + at, names);
      if (use === undefined) continue;
      for (let place = 0; place <= at; place++) this.#known.add(index + place);
      const changer = readers.slice(0, at).find((each) => !passesOn(each));
      if (changer === undefined) return use;
      const by = withoutReserved(changer.words)[0]?.raw ?? "a command";
      const message = `${by} may change this rule before it is loaded; ` +
        "give what it prints: COMMAND | nfscribe rules --from -";
      return { kind: "hidden", message };
    }
    const elsewhere = elsewhereOf(withoutAssignments(withoutReserved(command.words))).trimEnd();
    if (elsewhere !== "" && !isNftText(text)) {
      return {
        kind: "hidden",
        message: `${elsewhere} gets this rule, to run it elsewhere; give it as a script of its own`,
      };
    }
    if (isNftText(text)) return { kind: "nft", within: "" };
    if (!/^\*[a-z]+\s*$/m.test(text)) return { kind: "script" };
    const isIpv6 = [...command.words, ...command.files].some(({ text }) => /v6|ip6/i.test(text));
    const saved = { program: "ip6tables" as const, name: "ip6tables", within: "" };
    return { kind: "saved", ...isIpv6 && { saved } };
  }

  /** Returns the files or the input that a command reads rules from; undefined if it reads none. */
  readingOf(command: ShellCommand, index: number, names: ScriptNames): Reading | undefined {
    const words = withoutAssignments(withoutReserved(command.words));
    for (let at = 0; at < Math.min(words.length, BEFORE_MAX); at++) {
      if (!isRunner(words.slice(0, at))) continue;
      const [program, ...rest] = words.slice(at);
      const asNft = isNft(program!, index, names) ? { text: "nft", raw: program!.raw } : program!;
      const reading = readingOf([asNft, ...rest]);
      if (reading !== undefined) return reading;
    }
    return undefined;
  }

  /** Formats the message on unknown standard input; undefined if it is known, or not read. */
  inputMessage(reading: Reading, command: ShellCommand, index: number): string | undefined {
    if (command.documents.length > 0 || this.#known.has(index)) return undefined;
    const { reader, isShell } = reading;
    const { input } = command;
    if (input !== undefined) {
      return this.isWritten(input) ? undefined : fileMessage(reading, input);
    }
    const before = this.#commands[index - 1];
    const isPiped = before !== undefined && /^\|&?$/.test(before.operator);
    if (!isPiped) {
      if (isShell) return undefined;
      return `${reader} reads its rules from what is given to it when the script runs; ` +
        "translate that by itself: COMMAND | nfscribe rules --from -";
    }
    const words = withoutReserved(before.words);
    const name = words[0]?.text ?? "";
    const [file] = [...words.slice(1).filter(({ text }) => !text.startsWith("-"))];
    if (name === "cat" && file !== undefined) return fileMessage(reading, file);
    if (name === "cat" && before.input !== undefined) return fileMessage(reading, before.input);
    // The line of echo is reported separately.
    if (isShell && PASSES.test(name)) return undefined;
    const what = /^(?:done|fi|esac|[})])?$/.test(name) ? "a block of commands" : words[0]!.raw;
    return `${reader} reads what ${what} prints when the script runs; ` +
      "translate that by itself: COMMAND | nfscribe rules --from -";
  }

  /** Returns the script in a word, as `eval` and `sh -c` take it; undefined if there is none. */
  innerOf(command: ShellCommand): string | undefined {
    const words = withoutAssignments(withoutReserved(command.words));
    const hasScript = words.findLastIndex(({ text }) => /^-\w*c$/.test(text));
    const at = words.findIndex(({ text }, place) =>
      text === "eval" ||
      ((SHELL.test(baseName(text)) || text === "su") && place < hasScript)
    );
    if (at < 0 || placeOf(words.slice(0, at)).within !== "") return undefined;
    const rest = words.slice(at + 1);
    if (words[at]!.text === "eval") return rest.map(({ text }) => text).join(" ");
    return rest[rest.findIndex(({ text }) => /^-\w*c$/.test(text)) + 1]?.text ?? "";
  }

  /** Returns a command and those that its output is piped to. */
  #pipeline(command: ShellCommand, index: number): ShellCommand[] {
    const commands = [command];
    let { operator } = command;
    for (let at = index + 1; /^\|&?$/.test(operator) && commands.length < PIPELINE_MAX; at++) {
      const next = this.#commands[at];
      if (next === undefined) break;
      commands.push(next);
      operator = next.operator;
    }
    return commands;
  }
}

function passesOn({ words }: ShellCommand): boolean {
  return PASSES.test(baseName(withoutReserved(words)[0]?.text ?? ""));
}

/** Determines how a program reads its standard input; undefined if it reads no rules. */
function readerUse(reader: ShellCommand, index: number, names: ScriptNames): TextUse | undefined {
  const words = withoutAssignments(withoutReserved(reader.words)).slice(0, BEFORE_MAX);
  const restore = words.findIndex(({ text }) => RESTORE.test(baseName(text)));
  if (restore >= 0) {
    const [, program, variant = ""] = RESTORE.exec(baseName(words[restore]!.text))!;
    const { within } = placeOf(words.slice(0, restore));
    const name = within + program + variant;
    return { kind: "saved", saved: { program: program as Program, name, within } };
  }
  const nft = words.findIndex((word) => isNft(word, index, names));
  if (nft < 0) return undefined;
  return { kind: "nft", within: placeOf(words.slice(0, nft)).within };
}
