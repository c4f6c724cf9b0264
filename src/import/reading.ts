/** Programs that read rules or scripts from files or from their standard input. */

import { VALUE_MAX } from "./bounds.ts";
import { baseName } from "./program.ts";
import type { ShellCommand, Word } from "./shell.ts";
import { escapedCharacter } from "./shell_text.ts";
import { EXPANSION, inQuotes, quoted, SUBSTITUTION } from "./words.ts";

/** Programs that read rules of iptables. */
export const RESTORE = /^(ip6?tables|ebtables)(-legacy|-nft)?-restore$/;
/** Shells. */
export const SHELL = /^(?:ba|da|a|k|z|mk)?sh$/;
const APPLY = /^ip6?tables-apply$/;
/** Files of the system that hold functions and no rules. */
const HARMLESS =
  /^(?:\/lib\/lsb\/init-functions|\/etc\/(?:rc\.d\/)?init\.d\/functions|\/etc\/os-release|\/lib\/init\/vars\.sh)$/;
/** A script, by its path. */
const SCRIPT = /\/[^/]*\.(?:sh|bash|nft|rules|fw)$/;
/** Standard input, by its names. */
const STDIN = /^(?:-|\/dev\/stdin|\/dev\/fd\/0|\/proc\/self\/fd\/0)$/;
/** Options with a value of their own: iptables-restore(8), iptables-apply(8). */
const WITH_VALUE = /^-(?:[wWMTtkf]|-(?:wait|wait-interval|modprobe|table|timeout))$/;

/** Source from which a command reads rules or a script. */
export interface Reading {
  /** The program, as written. */
  reader: string;
  /** The file; empty for standard input. */
  files: Word[];
  /** Whether it runs its input as a script. */
  isShell: boolean;
}

/**
 * Finds the files from which a command reads rules.
 *
 * @param words Its words, from its program on.
 * @returns undefined if it reads no rules.
 */
export function readingOf(words: readonly Word[]): Reading | undefined {
  const [program, ...rest] = words;
  if (program === undefined) return undefined;
  const name = baseName(program.text);
  const reader = program.raw;
  const operands = operandsOf(rest);
  if (name === "nft") return nftReading(reader, rest);
  if (RESTORE.test(name)) return { reader, files: fileOrNone(operands), isShell: false };
  if (APPLY.test(name)) return { reader, files: operands.slice(0, 1), isShell: false };
  if (name === "." || name === "source") {
    const [file] = rest;
    if (file === undefined || HARMLESS.test(file.text)) return undefined;
    return { reader, files: [file], isShell: true };
  }
  if (SHELL.test(name)) {
    if (rest.some(({ text }) => /^-\w*[cs]$/.test(text))) return undefined;
    const [file] = rest.filter(({ text }) => !/^[-+]/.test(text));
    return { reader, files: file === undefined ? [] : [file], isShell: true };
  }
  return SCRIPT.test(program.text) ? { reader, files: [program], isShell: true } : undefined;
}

function nftReading(reader: string, words: readonly Word[]): Reading | undefined {
  for (const [at, { text, raw }] of words.entries()) {
    const [option, own = ""] = /^(?:--file=?|-[a-zA-Z]*f)([^]*)$/.exec(text) ?? [];
    if (option === undefined) {
      if (!text.startsWith("-")) return undefined;
      continue;
    }
    const file = own === ""
      ? words[at + 1]
      : { text: own, raw: raw.slice(raw.length - own.length) };
    return { reader, files: fileOrNone(file === undefined ? [] : [file]), isShell: false };
  }
  return undefined;
}

/** Returns the first file; none for standard input. */
function fileOrNone(files: readonly Word[]): Word[] {
  return files.slice(0, 1).filter(({ text }) => !STDIN.test(text));
}

function operandsOf(words: readonly Word[]): Word[] {
  return words.filter(({ text }, at) =>
    (!text.startsWith("-") || text === "-") && !WITH_VALUE.test(words[at - 1]?.text ?? "")
  );
}

/** Formats the message on rules in another file. */
export function fileMessage({ reader }: Reading, file: Word): string {
  const shown = file.text.includes(SUBSTITUTION)
    ? file.raw
    : file.text.includes(EXPANSION)
    ? inQuotes(file.text)
    : quoted(file.text);
  if (/^[<>]\(|\$\(|`/.test(shown)) {
    return `${reader} reads what a command prints when the script runs; ` +
      "run that command, and translate what it prints: COMMAND | nfscribe rules --from -";
  }
  const does = reader === file.raw ? `${reader} is another file` : `${reader} reads ${file.raw}`;
  return `${does}, which may hold rules that log; ` +
    `translate that file by itself: nfscribe rules --from - <${shown}`;
}

/**
 * Returns the text that `echo` or `printf` print.
 *
 * @returns undefined for another command, or an unsupported format.
 */
export function printedBy({ words }: Pick<ShellCommand, "words">): string | undefined {
  const [first, ...rest] = words;
  if (first?.text === "echo") {
    const start = rest.findIndex(({ text }) => !/^-[neE]+$/.test(text));
    if (start < 0) return "";
    // Shells differ in whether they interpret escapes without -e; rules contain no others.
    return `${unescaped(rest.slice(start).map(({ text }) => text).join(" "))}\n`;
  }
  if (first?.text !== "printf") return undefined;
  const [format, ...values] = rest[0]?.text === "--" ? rest.slice(1) : rest;
  if (format === undefined || format.text.includes(EXPANSION)) return undefined;
  return formatted(unescaped(format.text), values.map(({ text }) => text));
}

/** Applies the format repeatedly until no values are left. */
function formatted(format: string, values: readonly string[]): string | undefined {
  if (/%(?![%sb])/.test(format)) return undefined;
  const count = [...format.matchAll(/%([%sb])/g)].filter(([, kind]) => kind !== "%").length;
  const rounds = count === 0 ? 1 : Math.max(1, Math.ceil(values.length / count));
  if (rounds * format.length > VALUE_MAX) return undefined;
  let next = 0;
  let text = "";
  for (let round = 0; round < rounds; round++) {
    text += format.replaceAll(/%([%sb])/g, (_, kind) => kind === "%" ? "%" : values[next++] ?? "");
  }
  return text;
}

function unescaped(text: string): string {
  return text.replaceAll(/\\([nrt\\])/g, (_, character) => escapedCharacter(character));
}
